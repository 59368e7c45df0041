use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use marketlounge_tests::{Lake, Node, Ran};
use serde_json::{Value, json};

use super::{Project, count, land_company, nightly, plan, refused, told};

/// Every file below a folder with its inode and size, but for scratch.
fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, u64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let metadata = path.metadata().unwrap();
                found.insert(path, (metadata.ino(), metadata.len()));
            }
        }
    }
    found.retain(|path, _| !path.components().any(|part| part.as_os_str() == "_scratch"));
    found
}

const DEMAND: &str = "SELECT count(*) AS n FROM gold.market_demand";

/// A project whose market demand leaves the rarest out.
fn changed() -> Project {
    let project = Project::new();
    project.edit("dags/gold/offers.sql", |sql| {
        format!("{sql}\nWHERE tenant <> 'tenant_demo'")
    });
    project
}

#[test]
fn an_environment_over_unchanged_inputs_makes_and_copies_nothing() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    let before = files(lake.path());
    let ended = nightly(&lake, &["--env", "dev"]);
    assert!(ended.values().all(|state| state == "skipped"), "{ended:?}");
    let after = files(lake.path());
    let new: Vec<_> = after
        .iter()
        .filter(|(path, _)| !before.contains_key(*path))
        .collect();
    let inodes: Vec<u64> = before.values().map(|(inode, _)| *inode).collect();
    let mut written = 0;
    for (path, (inode, bytes)) in &new {
        assert!(path.starts_with(lake.file("env/dev")), "{}", path.display());
        // Pointers and records; tables are second names of files that were there.
        let is_name = path.extension().is_some_and(|end| end == "parquet");
        assert_eq!(is_name, inodes.contains(inode), "{}", path.display());
        written += if is_name { 0 } else { *bytes };
    }
    assert!(
        new.iter()
            .any(|(path, _)| path.ends_with("gold/offers/offers.parquet"))
    );
    let total: u64 = before.values().map(|(_, bytes)| bytes).sum();
    assert!(written * 10 < total, "{written} of {total} bytes");
    let changed: Vec<_> = before
        .iter()
        .filter(|(path, file)| after.get(*path) != Some(*file))
        .collect();
    assert!(changed.is_empty(), "{changed:?}");
}

#[test]
fn an_environment_moves_its_own_pointers_and_promote_moves_the_lakes() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    let announced = lake.announced().unwrap();
    let offers = "SELECT count(*) AS n FROM gold.offers";
    let all = count(&lake, &[], offers);
    let project = changed();
    let root = project.root();
    let dev = ["--env", "dev"];

    // Tried out in dev.
    let ended = nightly(
        &lake,
        &[
            "--env",
            "dev",
            "--project",
            &root,
            "--select",
            "state:modified+",
        ],
    );
    assert_eq!(
        (
            ended["gold.offers"].as_str(),
            ended["publish_snapshot"].as_str()
        ),
        ("made", "made")
    );
    assert_eq!(lake.announced().as_deref(), Some(announced.as_str()));
    let pointer: Value =
        serde_json::from_slice(&std::fs::read(lake.file("env/dev/snapshots/CURRENT")).unwrap())
            .unwrap();
    let tried = pointer["id"].as_str().unwrap().to_owned();
    assert_ne!(tried, announced);
    let fewer = count(&lake, &dev, offers);
    assert!(0 < fewer && fewer < all, "{fewer} of {all}");
    assert_eq!(count(&lake, &[], offers), all);
    assert_eq!(count(&lake, &dev, DEMAND), count(&lake, &[], DEMAND));
    let node = Node::ready_with(&lake, &dev);
    assert_eq!(node.get("/offers?tenant=tenant_demo").snapshot, tried);
    let listed = told(&lake, &["env", "list"]).remove(0);
    assert_eq!(
        (&listed["name"], &listed["is_behind"], &listed["snapshot"]),
        (&json!("dev"), &json!(false), &json!(tried))
    );
    assert_eq!(told(&lake, &["runs", "list", "--env", "dev"]).len(), 1);
    assert_eq!(told(&lake, &["runs", "list"]).len(), 1);
    // What only an environment names stays.
    assert!(told(&lake, &["snapshot", "gc", "--keep", "0"]).is_empty());

    // A second one of the same base, then the promotion of the first.
    nightly(&lake, &["--env", "late"]);
    let done = told(&lake, &["promote", "dev"]).remove(0);
    assert_eq!(
        (&done["before"], &done["snapshot"]),
        (&json!(announced), &json!(tried))
    );
    assert_eq!(lake.announced().as_deref(), Some(tried.as_str()));
    assert_eq!(count(&lake, &[], offers), fewer);
    assert!(lake.snapshot(&["verify"]).is_success());
    let (jobs, sum) = plan(&lake, &["--project", &root]);
    assert!(jobs.values().all(|one| one["will"] == "skip"), "{sum}");
    let back = told(&lake, &["snapshot", "rollback"]).remove(0);
    assert_eq!(back["id"].as_str(), Some(announced.as_str()));
    told(&lake, &["snapshot", "unpin"]);

    // The other one is of yesterday's lake.
    let said = refused(&lake, &["promote", "late"]);
    assert!(
        said.contains("the lake went on since") && said.contains("--force"),
        "{said}"
    );
    assert_eq!(lake.announced().as_deref(), Some(tried.as_str()));
    told(&lake, &["promote", "late", "--force"]);
    assert_eq!(lake.announced().as_deref(), Some(announced.as_str()));
    assert_eq!(count(&lake, &[], offers), all);

    told(&lake, &["env", "drop", "dev"]);
    assert!(!lake.file("env/dev/snapshots/CURRENT").exists());
    assert!(refused(&lake, &["promote", "dev"]).contains("there is no environment dev"));
    assert!(refused(&lake, &["env", "drop", "dev"]).contains("there is no environment dev"));
    assert!(lake.snapshot(&["verify", &tried]).is_success());
}

#[test]
fn a_damaged_snapshot_is_not_promoted_and_the_lakes_night_leaves_an_environment_whole() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    land_company(&lake, "ENT-NEUVE");
    nightly(&lake, &["--env", "dev"]);
    let announced = lake.announced();
    let companies = "SELECT count(*) AS n FROM bronze.companies";
    let [own, tried] = [
        count(&lake, &[], companies),
        count(&lake, &["--env", "dev"], companies),
    ];
    assert_eq!(tried, own + 1);
    // The file is taken back: the lake's own next night cleans up, and leaves what dev names.
    std::fs::remove_file(lake.file("landing/companies/ENT-NEUVE.jsonl")).unwrap();
    nightly(&lake, &[]);
    assert_eq!(count(&lake, &[], companies), own);
    assert_eq!(count(&lake, &["--env", "dev"], companies), tried);

    let pointer: Value =
        serde_json::from_slice(&std::fs::read(lake.file("env/dev/snapshots/CURRENT")).unwrap())
            .unwrap();
    let folder = lake.file(&format!(
        "snapshots/{}/kpis",
        pointer["id"].as_str().unwrap()
    ));
    let damaged = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(damaged, b"other bytes").unwrap();
    let said = refused(&lake, &["promote", "dev", "--force"]);
    assert!(said.contains("kpis/"), "{said}");
    assert_eq!(lake.announced(), announced);
    assert!(refused(&lake, &["run", "nightly", "--env", "Prod!"]).contains("Prod!"));
}

#[test]
fn a_promotion_that_was_killed_is_taken_up_by_the_next_without_force() {
    let night = Lake::with_demo(1);
    nightly(&night, &[]);
    land_company(&night, "ENT-NEUVE");
    nightly(&night, &["--env", "dev"]);
    let companies = "SELECT count(*) AS n FROM silver.companies";
    let wanted = count(&night, &["--env", "dev"], companies);
    for point in [
        "promote.before_announce",
        "promote.after_announce",
        "promote.before_end",
    ] {
        let lake = Lake::copy_of(&night);
        let folder = lake.path().display().to_string();
        let died = Ran::pipeline(
            &["promote", "dev", "--lake", &folder],
            &[("MARKETLOUNGE_DIE_AT", point)],
        );
        assert_eq!(died.code, None, "{point} was not met: {}", died.stderr);
        let done = told(&lake, &["promote", "dev"]).remove(0);
        assert_eq!(done["before"], json!(night.announced()), "{point}");
        assert_eq!(done["snapshot"], json!(lake.announced()), "{point}");
        assert_ne!(lake.announced(), night.announced(), "{point}");
        assert_eq!(count(&lake, &[], companies), wanted, "{point}");
        // The lake knows every job of what it announces.
        let (jobs, sum) = plan(&lake, &[]);
        assert!(
            jobs.values().all(|one| one["will"] == "skip"),
            "{point}: {sum}"
        );
        let shown = told(&lake, &["runs", "show", "last"]).remove(0);
        let jobs = shown["jobs"].as_array().unwrap();
        let is_there = jobs.iter().any(|one| one["job"] == "silver.companies");
        assert!(is_there, "{point}: {shown}");
    }
}
