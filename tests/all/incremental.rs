//! A second night takes in what is new, and gives what one night over everything gives.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use marketlounge_tests::{Lake, Ran};
use serde_json::Value;

/// Lands the demo market but for the last rows of each table, which land in `later`.
fn all_but_the_last_rows(share: &str) -> Lake {
    let lake = Lake::empty();
    let path = |name: &str| lake.file(name).display().to_string();
    let ran = Ran::pipeline(
        &[
            "demo",
            "--landing",
            &path("landing"),
            "--truth",
            &path("truth.jsonl"),
            "--later",
            &path("later"),
            "--later-share",
            share,
        ],
        &[],
    );
    assert!(ran.is_success(), "{}", ran.stderr);
    lake
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        if from.is_dir() {
            std::fs::create_dir_all(to.join(&name)).unwrap();
            copy_all(&from, &to.join(name));
        } else {
            std::fs::copy(&from, to.join(name)).unwrap();
        }
    }
}

/// Returns the rows that silver tables merged, in the order of the jobs' names: which of them ends first is chance.
fn merged(ran: &Ran) -> Vec<(String, u64)> {
    let records = ran
        .json()
        .into_iter()
        .filter(|event| event["event"] == "job");
    let merged = records.filter_map(|event| {
        let record = &event["record"];
        Some((
            record["job"].as_str()?.to_owned(),
            record["rows"]["merged"].as_u64()?,
        ))
    });
    let mut merged: Vec<_> = merged.collect();
    merged.sort();
    merged
}

fn rows(lake: &Lake, sql: &str) -> Vec<Value> {
    lake.query(sql)
}

#[test]
fn a_night_over_new_rows_gives_what_one_night_over_all_gives() {
    let (nights, whole) = (all_but_the_last_rows("0.05"), Lake::empty());
    let first = nights.nightly(&[]);
    assert!(first.is_success(), "{}", first.stderr);
    assert_eq!(merged(&first), []);
    copy_all(&nights.file("later"), &nights.file("landing"));
    let second = nights.nightly(&[]);
    assert!(second.is_success(), "{}", second.stderr);

    std::fs::create_dir_all(whole.file("landing")).unwrap();
    copy_all(&nights.file("landing"), &whole.file("landing"));
    let at_once = whole.nightly(&[]);
    assert!(at_once.is_success(), "{}", at_once.stderr);

    let merged = merged(&second);
    for table in ["interactions", "bids", "offers", "slots", "queries"] {
        let job = format!("silver.{table}");
        assert!(
            merged.iter().any(|(name, rows)| *name == job && *rows > 0),
            "{table}: {merged:?}"
        );
    }
    for sql in [
        "SELECT * FROM gold.run_summary ORDER BY layer, \"table\"",
        "SELECT \"table\", layer, rule, file, line, raw FROM quarantine.\"all\" ORDER BY 1, 2, 4, 5, 3",
        "SELECT * FROM silver.offers ORDER BY tenant, offer_id",
    ] {
        assert_eq!(rows(&nights, sql), rows(&whole, sql), "{sql}");
    }
    assert_eq!(nights.announced(), whole.announced());
}

#[test]
fn an_hour_takes_new_rows_in_and_leaves_what_is_learnt_to_the_night() {
    let lake = all_but_the_last_rows("0.05");
    let whole = lake.run("hourly", &["--model", "none"], &[]);
    assert!(whole.is_success(), "{}", whole.stderr);
    assert_eq!(
        states(&whole, "held"),
        Vec::<String>::new(),
        "nothing stands yet"
    );
    let before = lake.announced();
    copy_all(&lake.file("later"), &lake.file("landing"));
    let hour = lake.run("hourly", &["--model", "none"], &[]);
    assert!(hour.is_success(), "{}", hour.stderr);
    let held = states(&hour, "held");
    assert!(held.contains(&"fit_prices".to_owned()), "{held:?}");
    assert!(states(&hour, "made").contains(&"gold.offers".to_owned()));
    assert_ne!(lake.announced(), before);
    assert!(lake.snapshot(&["verify"]).is_success());
    let night = lake.nightly(&[]);
    assert!(night.is_success(), "{}", night.stderr);
    assert!(states(&night, "made").contains(&"fit_prices".to_owned()));
}

#[test]
fn a_table_that_was_merged_and_not_recorded_is_merged_again_and_not_built() {
    let lake = all_but_the_last_rows("0.05");
    assert!(lake.nightly(&[]).is_success());
    copy_all(&lake.file("later"), &lake.file("landing"));
    let undisturbed = Lake::copy_of(&lake);
    let wanted = undisturbed.nightly(&[]);
    assert!(wanted.is_success(), "{}", wanted.stderr);

    let killed = lake.nightly(&[("MARKETLOUNGE_DIE_AT", "silver.before_record")]);
    assert!(!killed.is_success());
    let next = lake.nightly(&[]);
    assert!(next.is_success(), "{}", next.stderr);
    let (found, wanted) = (merged(&next), merged(&wanted));
    let made = states(&next, "made");
    let wanted: Vec<_> = wanted
        .into_iter()
        .filter(|(job, _)| made.contains(job))
        .collect();
    assert!(!wanted.is_empty());
    assert_eq!(found, wanted);
}

#[test]
fn models_stand_while_little_is_new_but_no_longer_than_a_week() {
    let lake = all_but_the_last_rows("0.01");
    assert!(lake.nightly(&[]).is_success());
    copy_all(&lake.file("later"), &lake.file("landing"));
    let fits = ["fit_prices", "fit_likelihoods", "fit_ranking"];
    let are_all = |ran: &Ran, state: &str| {
        let found = states(ran, state);
        fits.iter().all(|fit| found.iter().any(|job| job == fit))
    };

    let second = lake.nightly(&[]);
    assert!(second.is_success(), "{}", second.stderr);
    assert!(are_all(&second, "skipped"), "{}", second.stdout);
    assert!(second.stdout.contains("fitted for 2026-11-20: "));
    assert!(states(&second, "made").contains(&"silver.bids".to_owned()));
    let shown = lake.snapshot(&["show"]).stdout;
    assert!(
        shown.contains("held     models.prices"),
        "what stands is told: {shown}"
    );

    let model = ["--model", "none"];
    let asked = lake.run("nightly", &["--model", "none", "--refit"], &[]);
    assert!(are_all(&asked, "made"), "{}", asked.stdout);
    let next = lake.run_for("2026-11-26", "nightly", &model, &[]);
    assert!(are_all(&next, "skipped"), "{}", next.stdout);
    let week = lake.run_for("2026-11-27", "nightly", &model, &[]);
    assert!(are_all(&week, "made"), "{}", week.stdout);
}

/// Returns the jobs of a run that ended in a state.
fn states(ran: &Ran, state: &str) -> Vec<String> {
    let records = ran
        .json()
        .into_iter()
        .filter(|event| event["event"] == "job");
    let of_state = records.filter(|event| event["record"]["state"] == state);
    of_state
        .map(|event| event["record"]["job"].as_str().unwrap().to_owned())
        .collect()
}
