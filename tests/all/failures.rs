//! Killed anywhere, the announced snapshot stands, and the same command run again finishes the work.

use marketlounge_tests::{Lake, Node};
use serde_json::json;

/// Every named point, in the order a first run meets them.
const POINTS: [&str; 7] = [
    "bronze.before_record",
    "silver.before_commit",
    "silver.before_record",
    "publish.before_write",
    "publish.after_file",
    "publish.before_announce",
    "publish.after_announce",
];

#[test]
fn killed_at_every_named_point_a_second_run_announces_the_same_snapshot() {
    let wanted = Lake::published().announced();
    for point in POINTS {
        let lake = Lake::with_demo(1);
        let died = lake.nightly(&[("MARKETLOUNGE_DIE_AT", point)]);
        assert_eq!(died.code, None, "{point} was not met: {}", died.stderr);
        if let Some(id) = lake.announced() {
            assert!(lake.snapshot(&["verify", &id]).is_success(), "{point}");
        }
        let again = lake.nightly(&[]);
        assert!(again.is_success(), "{point}: {}", again.stderr);
        assert_eq!(lake.announced(), wanted, "{point}");
        assert!(lake.snapshot(&["verify"]).is_success(), "{point}");
        // What is there still is not a process's own: the lock and the folder for spilled sorts.
        let scratch = std::fs::read_dir(lake.file("_scratch")).unwrap();
        let names = scratch.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = names.filter(|name| name.contains('-')).collect();
        assert!(left.is_empty(), "{point} left {left:?}");
    }
}

/// Returns every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found.sort();
    found
}

#[test]
fn one_flipped_byte_of_any_file_is_refused() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let id = lake.announced().unwrap();
    for path in files(&lake.file(&format!("snapshots/{id}"))) {
        let good = std::fs::read(&path).unwrap();
        if good.is_empty() {
            continue;
        }
        for position in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[position] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            let verified = lake.snapshot(&["verify"]);
            assert_eq!(verified.code, Some(4), "{} at {position}", path.display());
        }
        std::fs::write(&path, &good).unwrap();
    }
    assert!(lake.snapshot(&["verify"]).is_success());
}

#[test]
fn a_node_refuses_a_damaged_snapshot_and_goes_on_with_the_old_one() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let old = lake.announced().unwrap();
    let node = Node::ready(&lake);
    let question = json!({ "query": "tournage", "tenant": "tenant_demo" });
    assert_eq!(node.post("/api/match", &question).snapshot, old);

    let row = r#"{"tenant":"tenant_demo","company_id":"C-NEW","name":"Tournage du Rhône","region":"Auvergne-Rhône-Alpes"}"#;
    std::fs::write(
        lake.file("landing/companies/nouveau.jsonl"),
        format!("{row}\n"),
    )
    .unwrap();
    let pointer = std::fs::read(lake.file("snapshots/CURRENT")).unwrap();
    // Publish the next snapshot on the side, damage one byte of it, and only then let the node see it.
    let ran = lake.nightly(&[("MARKETLOUNGE_DIE_AT", "publish.before_announce")]);
    assert_eq!(ran.code, None, "{}", ran.stderr);
    let new: Vec<_> = std::fs::read_dir(lake.file("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.len() == 32 && *name != old)
        .collect();
    let [new] = new.as_slice() else {
        panic!("one new snapshot, not {new:?}")
    };
    let manifest =
        std::fs::read_to_string(lake.file(&format!("snapshots/{new}/manifest.json.blake3")))
            .unwrap();
    let victim = lake.file(&format!("snapshots/{new}/companies/lexical.bin"));
    let good = std::fs::read(&victim).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(&victim, &bad).unwrap();
    std::fs::write(
        lake.file("snapshots/CURRENT"),
        json!({ "id": new, "manifest_blake3": manifest }).to_string(),
    )
    .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let answer = node.post("/api/match", &question);
    assert_eq!(
        (answer.status, answer.snapshot.as_str()),
        (200, old.as_str())
    );

    // Mended and announced again, it is taken over.
    std::fs::write(&victim, &good).unwrap();
    std::fs::write(lake.file("snapshots/CURRENT"), pointer).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(lake.nightly(&[]).is_success());
    node.wait("on the new snapshot", |node| {
        node.post("/api/match", &question).snapshot == *new
    });
    node.stop();
}
