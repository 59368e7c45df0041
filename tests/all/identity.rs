//! Twice is once: the same inputs give the same snapshot, and what did not change is not done again.

use marketlounge_tests::Lake;
use serde_json::Value;

fn states(events: &[Value]) -> Vec<(String, String)> {
    let jobs = events.iter().filter(|event| event["event"] == "job");
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    jobs.map(|job| (text(&job["record"]["job"]), text(&job["record"]["state"])))
        .collect()
}

#[test]
fn two_folders_and_two_days_give_one_snapshot_id() {
    let other = Lake::with_demo(1);
    let ran = other.run_for("2027-02-03", "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(other.announced(), Lake::published().announced());
    assert!(other.announced().is_some());
}

#[test]
fn an_unchanged_lake_is_skipped_whole_and_says_why() {
    let lake = Lake::with_demo(1);
    let first = lake.nightly(&[]);
    assert!(first.is_success(), "{}", first.stderr);
    let announced = lake.announced();
    let second = lake.nightly(&[]);
    assert!(second.is_success(), "{}", second.stderr);
    let events = second.json();
    for (job, state) in states(&events) {
        assert_eq!(state, "skipped", "{job}");
    }
    for job in events.iter().filter(|event| event["event"] == "job") {
        let reason = job["record"]["reason"].as_str().unwrap();
        assert!(reason.contains("nothing it depends on changed"), "{reason}");
    }
    assert_eq!(lake.announced(), announced);
}

#[test]
fn one_new_file_reruns_only_what_depends_on_it() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let row = r#"{"tenant":"tenant_demo","submission_id":"S-NEW","name":"Nouvelle SARL","submitted_at":"2026-11-19T10:00:00Z"}"#;
    std::fs::write(
        lake.file("landing/submissions/nouveau.jsonl"),
        format!("{row}\n"),
    )
    .unwrap();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let made: Vec<_> = states(&ran.json())
        .into_iter()
        .filter(|(_, state)| state == "made")
        .map(|(job, _)| job)
        .collect();
    assert!(made.contains(&"silver.submissions".to_owned()), "{made:?}");
    assert!(!made.contains(&"silver.companies".to_owned()), "{made:?}");
    assert!(!made.contains(&"gold.match_corpus".to_owned()), "{made:?}");
}
