use std::process::{Child, Command, Stdio};

use marketlounge_tests::{Lake, Ran, program, project};
use serde_json::{Value, json};

use super::{NIGHTLY, Project, nightly, refused, selected, states, told};

const TABLES: &str = "+gold.offers +gold.glossary";

/// A project in which the offers' table cannot be computed.
fn broken() -> Project {
    let project = Project::new();
    project.edit("dags/gold/offers.sql", |sql| {
        sql.replace(
            "  title,\n",
            "  arrow_cast(arrow_cast(title, 'Int64'), 'Utf8') AS title,\n",
        )
    });
    project
}

fn mend(broken: &Project) {
    let good = project().join("dags/gold/offers.sql");
    std::fs::copy(
        good,
        std::path::Path::new(&broken.root()).join("dags/gold/offers.sql"),
    )
    .unwrap();
}

#[test]
fn a_failed_run_is_taken_up_from_the_failed_job_with_what_it_was_told() {
    let lake = Lake::with_demo(1);
    let project = broken();
    let root = project.root();
    let folder = lake.path().display().to_string();
    let mut run = vec!["--json", "run"];
    run.extend(NIGHTLY);
    run.extend(["--project", &root, "--lake", &folder, "--select", TABLES]);
    let ran = Ran::pipeline(&run, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        !lake.file("gold/glossary").exists(),
        "half of a run was published"
    );
    assert_eq!(
        selected(&lake, &["--select", "result:error"]),
        ["gold.offers"]
    );

    let of = |selector: &str| {
        let more = ["--project", root.as_str(), "--select", selector];
        super::plan(&lake, &more)
            .0
            .into_iter()
            .filter(|(_, one)| one["will"] != "held")
            .map(|(job, _)| job)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("result:error +gold.offers,result:success,silver.*"),
        ["gold.offers", "silver.offers"]
    );

    mend(&project);
    // What lands meanwhile is for the next run: this one goes on from where it was.
    lake.land(
        "offers/later",
        &[json!({"offer_id": "LATER", "tenant": "tenant_demo", "title": "Soudeur"})],
    );
    let events = told(&lake, &["runs", "retry", "last", "--project", &root]);
    let ended = states(&events);
    assert_eq!(
        (
            ended["gold.offers"].as_str(),
            ended["silver.offers"].as_str()
        ),
        ("made", "held")
    );
    assert!(!ended.contains_key("gold.company_concepts"), "{ended:?}");
    let shown = told(&lake, &["runs", "show", "last"]).remove(0);
    assert_eq!(shown["run"]["retries"], "2026-11-20.0001");
    assert_eq!(shown["run"]["state"], "succeeded");
    assert!(
        lake.file("gold/glossary/glossary.parquet").exists()
            && lake.file("gold/offers/offers.parquet").exists()
    );
    assert!(
        lake.query("SELECT offer_id FROM gold.offers WHERE offer_id = 'LATER'")
            .is_empty()
    );
    let said = refused(&lake, &["runs", "retry", "2026-11-20.0001"]);
    assert!(
        said.contains("2026-11-20.0002") && said.contains("nothing to take up"),
        "{said}"
    );
    let said = refused(&lake, &["runs", "retry", "last"]);
    assert!(said.contains("succeeded"), "{said}");
}

#[test]
fn a_killed_run_taken_up_comes_to_the_snapshot_of_an_undisturbed_one() {
    let lake = Lake::with_demo(1);
    let ran = lake.nightly(&[("MARKETLOUNGE_DIE_AT", "publish.after_file")]);
    assert!(!ran.is_success());
    let ended = states(&told(&lake, &["runs", "retry", "last"]));
    assert_eq!(
        (
            ended["publish_snapshot"].as_str(),
            ended["gold.offers"].as_str()
        ),
        ("made", "held")
    );
    assert_eq!(lake.announced(), Lake::published().announced());
    assert!(lake.snapshot(&["verify"]).is_success());
    // All of it is published, and the next run finds nothing to do.
    assert!(lake.file("gold/offers/offers.parquet").exists());
    assert!(nightly(&lake, &[]).values().all(|state| state == "skipped"));
}

fn start(lake: &Lake) -> Child {
    Command::new(program("pipeline"))
        .arg("run")
        .args(NIGHTLY)
        .args(["--lake", &lake.path().display().to_string()])
        .current_dir(project())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until a job of the first run is recorded.
fn wait_for(lake: &Lake, job: &str) {
    let file = lake.file(&format!("runs/2026-11-20.0001/jobs/{job}.json"));
    for _ in 0..1200 {
        if file.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no {job}");
}

#[test]
fn a_cancelled_run_ends_announces_nothing_and_is_taken_up() {
    let lake = Lake::with_demo(1);
    let mut run = start(&lake);
    wait_for(&lake, "bronze.bids");
    let said = told(&lake, &["runs", "cancel", "last"]).remove(0);
    assert_eq!(
        (&said["run"], &said["state"]),
        (&json!("2026-11-20.0001"), &json!("cancelled"))
    );
    assert_eq!(run.wait().unwrap().code(), Some(7));
    assert_eq!(lake.announced(), None);
    let listed = told(&lake, &["runs", "list"]);
    assert_eq!(listed[0]["state"], "cancelled");
    let said = refused(&lake, &["runs", "cancel", "last"]);
    assert!(said.contains("ended already: cancelled"), "{said}");

    let ended = states(&told(&lake, &["runs", "retry", "last"]));
    assert_eq!(ended["bronze.bids"], "held");
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn cancelling_a_run_that_was_killed_records_its_end() {
    let lake = Lake::with_demo(1);
    let ran = lake.nightly(&[("MARKETLOUNGE_DIE_AT", "silver.before_commit")]);
    assert!(!ran.is_success());
    assert_eq!(told(&lake, &["runs", "list"])[0]["state"], "running");
    assert_eq!(
        told(&lake, &["runs", "cancel", "last"])[0]["state"],
        "cancelled"
    );
    let listed: Vec<Value> = told(&lake, &["runs", "list"]);
    assert_eq!(listed[0]["state"], "cancelled");
}
