//! `pipeline gc`: what goes, and that nothing is missed afterwards.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

use marketlounge_tests::{Lake, Ran, program, project};
use serde_json::{Value, json};

use crate::{
    operations::{good_night, land_company, pipeline, told},
    survival::objects,
};

/// Four nights, each with a company more.
fn four_nights() -> Lake {
    let lake = Lake::with_demo(1);
    good_night(&lake, 10);
    for day in 11..14 {
        land_company(&lake, &format!("ENT-{day}"));
        good_night(&lake, day);
    }
    lake
}

fn gc(lake: &Lake, more: &[&str]) -> Vec<Value> {
    told(lake, &[&["gc"], more].concat())
}

fn removed<'a>(said: &'a [Value], table: &str) -> Option<&'a Value> {
    said.iter().find(|one| one["table"] == table)
}

#[test]
fn what_nothing_needs_goes_and_the_next_night_merges_as_if_nothing_had() {
    let lake = four_nights();
    let untouched = Lake::copy_of(&lake);
    let before = objects(&lake);
    let dry = gc(&lake, &["--keep", "2", "--days", "0", "--dry-run"]);
    assert_eq!(objects(&lake), before, "a dry run removes nothing");
    let all = gc(&lake, &["--keep", "9", "--days", "30", "--dry-run"])
        .pop()
        .unwrap();
    assert_eq!(
        (&all["snapshots"], &all["bytes"]),
        (&json!(0), &json!(0)),
        "what is recent stays: {all}"
    );

    let done = gc(&lake, &["--keep", "2", "--days", "0"]);
    let plain = |said: &[Value]| -> Vec<Value> {
        let without_state = said.iter().map(|one| {
            let mut one = one.clone();
            one.as_object_mut().unwrap().remove("state");
            one
        });
        without_state.collect()
    };
    assert_eq!(plain(&done), plain(&dry), "it does what it said");
    let total = done.last().unwrap();
    assert_eq!(total["snapshots"], 2);
    let companies = removed(&done, "silver.companies").unwrap();
    assert!(companies["bytes"].as_u64() > Some(0), "{companies}");
    assert!(
        removed(&done, "silver.people").is_none(),
        "its one version stands"
    );
    let after = objects(&lake);
    assert!(
        after
            .iter()
            .all(|(path, digest)| before.get(path) == Some(digest))
    );
    let again = gc(&lake, &["--keep", "2", "--days", "0"]).pop().unwrap();
    assert_eq!(again["objects"], 0, "{again}");

    assert!(lake.snapshot(&["verify"]).is_success());
    let changes = told(&lake, &["snapshot", "diff"]);
    let summary = changes
        .iter()
        .find(|one| one["table"] == "gold.run_summary");
    let changed = summary.unwrap()["by_key"]["changed"]["rows"].as_u64();
    assert!(changed > Some(0), "both contents are there: {changes:?}");
    let back = lake.snapshot(&["rollback"]);
    assert!(back.is_success(), "{}", back.stderr);
    assert!(lake.snapshot(&["unpin"]).is_success());

    for lake in [&lake, &untouched] {
        land_company(lake, "ENT-DEMAIN");
        good_night(lake, 14);
        let shown = told(lake, &["runs", "show", "last"]).remove(0);
        let jobs = shown["jobs"].as_array().unwrap();
        let companies = jobs.iter().find(|job| job["job"] == "silver.companies");
        assert_eq!(companies.unwrap()["rows"]["merged"], 1);
    }
    assert_eq!(lake.announced(), untouched.announced());
}

#[test]
fn a_failed_run_and_an_environment_keep_what_they_need() {
    let lake = four_nights();
    let of_dev = [
        "run",
        "nightly",
        "--slot",
        "2026-11-13",
        "--model",
        "none",
        "--env",
        "dev",
    ];
    let ran = pipeline(&lake, &of_dev);
    assert!(ran.is_success(), "{}", ran.stderr);
    let in_dev = lake.snapshot(&["list"]).stdout;
    land_company(&lake, "ENT-DEMAIN");
    let undisturbed = Lake::copy_of(&lake);
    let failed = lake.run_for(
        "2026-11-14",
        "nightly",
        &["--model", "none"],
        &[("MARKETLOUNGE_PANIC_AT", "job.gold.suggestions")],
    );
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    gc(&lake, &["--keep", "1", "--days", "0"]);
    let retried = told(&lake, &["runs", "retry", "last"]);
    let state = |job: &str| {
        let ended = retried.iter().find(|event| event["record"]["job"] == job);
        ended.unwrap_or_else(|| panic!("no {job}"))["record"]["state"].clone()
    };
    assert_eq!(
        (state("silver.companies"), state("gold.suggestions")),
        (json!("held"), json!("made"))
    );
    good_night(&undisturbed, 14);
    assert_eq!(lake.announced(), undisturbed.announced());
    let promoted = pipeline(&lake, &["promote", "dev", "--force"]);
    assert!(promoted.is_success(), "{} {in_dev}", promoted.stderr);
    assert!(lake.snapshot(&["verify"]).is_success());
    assert_eq!(
        lake.query("SELECT 1 AS one FROM silver.companies WHERE company_id = 'ENT-13'")
            .len(),
        1
    );
}

#[test]
fn killed_in_the_middle_it_harms_nothing_and_goes_on_when_asked_again() {
    let lake = four_nights();
    let announced = lake.announced();
    let whole = Lake::copy_of(&lake);
    gc(&whole, &["--keep", "2", "--days", "0"]);
    let folder = lake.path().display().to_string();
    let ran = Ran::pipeline(
        &["gc", "--keep", "2", "--days", "0", "--lake", &folder],
        &[("MARKETLOUNGE_DIE_AT", "gc.after_delete")],
    );
    assert_eq!(ran.code, None, "{}", ran.stderr);
    assert!(lake.snapshot(&["verify"]).is_success());
    good_night(&lake, 13);
    assert_eq!(lake.announced(), announced);
    gc(&lake, &["--keep", "2", "--days", "0"]);
    let (found, wanted) = (objects(&lake), objects(&whole));
    let beside =
        |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| -> Vec<String> {
            let differing = one
                .iter()
                .filter(|(path, digest)| other.get(*path) != Some(digest));
            differing.map(|(path, _)| path.clone()).collect()
        };
    assert_eq!(
        (beside(&found, &wanted), beside(&wanted, &found)),
        (vec![], vec![])
    );
}

#[test]
fn nothing_is_removed_while_a_run_is_at_work() {
    let lake = four_nights();
    let before = objects(&lake);
    let mut run = Command::new(program("pipeline"))
        .args([
            "--json",
            "run",
            "nightly",
            "--slot",
            "2026-11-14",
            "--model",
            "none",
            "--lake",
        ])
        .arg(lake.path())
        .env("MARKETLOUNGE_HOLD_AT", "job.bronze.companies")
        .current_dir(project())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let first = lake.file("runs/2026-11-14.0001/start.json");
    for _ in 0..1200 {
        if first.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let refused = pipeline(&lake, &["gc", "--keep", "1", "--days", "0"]);
    assert_eq!(refused.code, Some(6), "{}", refused.stderr);
    let dry = pipeline(&lake, &["gc", "--keep", "1", "--days", "0", "--dry-run"]);
    assert!(dry.is_success(), "{}", dry.stderr);
    let after = objects(&lake);
    for (path, digest) in before {
        assert_eq!(after.get(&path), Some(&digest), "{path}");
    }
    drop(run.stdin.take());
    run.wait_with_output().unwrap();
}
