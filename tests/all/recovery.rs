//! What was lost, damaged or put back is noticed and made again; nothing is skipped that is not there.

use std::path::{Path, PathBuf};

use marketlounge_tests::Lake;
use serde_json::json;

fn companies(lake: &Lake) -> PathBuf {
    lake.file("landing/companies/etablissements-00001.csv")
}

fn count(lake: &Lake, table: &str) -> u64 {
    lake.query(&format!("SELECT count(*) AS n FROM {table}"))[0]["n"]
        .as_u64()
        .unwrap()
}

fn the_file(folder: &Path, name: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found = entries.filter(|path| path.to_string_lossy().ends_with(name));
    found
        .next()
        .unwrap_or_else(|| panic!("no {name} in {}", folder.display()))
}

#[test]
fn a_landing_file_put_back_as_it_was_gives_the_same_tables_again() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let tables = [
        "bronze.companies",
        "silver.companies",
        "quarantine.companies",
    ];
    let before = tables.map(|table| count(&lake, table));
    let announced = lake.announced();
    let good = std::fs::read(companies(&lake)).unwrap();
    let lines: Vec<_> = good.split_inclusive(|byte| *byte == b'\n').collect();
    std::fs::write(companies(&lake), lines[..lines.len() - 20].concat()).unwrap();
    assert!(lake.nightly(&[]).is_success());
    assert_ne!(lake.announced(), announced);
    std::fs::write(companies(&lake), good).unwrap();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(tables.map(|table| count(&lake, table)), before);
    assert_eq!(lake.announced(), announced);
}

#[test]
fn a_lost_artefact_or_published_table_is_made_again() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let announced = lake.announced();
    std::fs::remove_file(the_file(
        &lake.file("silver/_versions/providers"),
        ".parquet",
    ))
    .unwrap();
    std::fs::remove_file(lake.file("gold/offers/offers.parquet")).unwrap();
    std::fs::write(the_file(&lake.file("gold/_versions/glossary"), ".json"), "").unwrap();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert!(count(&lake, "silver.providers") > 0);
    assert!(count(&lake, "gold.offers") > 0);
    assert_eq!(lake.announced(), announced);
}

#[test]
fn a_damaged_snapshot_or_pointer_is_written_again() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let announced = lake.announced();
    let id = announced.clone().unwrap();
    let victim = lake.file(&format!("snapshots/{id}/companies/lexical.bin"));
    let mut bytes = std::fs::read(&victim).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&victim, bytes).unwrap();
    assert_eq!(lake.snapshot(&["verify"]).code, Some(4));
    assert!(lake.nightly(&[]).is_success());
    assert!(lake.snapshot(&["verify"]).is_success());
    std::fs::write(lake.file("snapshots/CURRENT"), "").unwrap();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(lake.announced(), announced);
}

#[test]
fn the_name_of_a_landing_file_changes_no_snapshot() {
    let lake = Lake::with_demo(1);
    let renamed = lake.file("landing/companies/etablissements-00000.csv");
    std::fs::rename(companies(&lake), renamed).unwrap();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn of_two_runs_at_once_one_waits_its_turn_or_is_refused() {
    let lake = Lake::with_demo(1);
    let both = std::thread::scope(|scope| {
        let other = scope.spawn(|| lake.nightly(&[]));
        [lake.nightly(&[]), other.join().unwrap()]
    });
    assert!(both.iter().any(|ran| ran.is_success()), "{both:#?}");
    for refused in both.iter().filter(|ran| !ran.is_success()) {
        assert_eq!(refused.code, Some(6), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("another run is at work"),
            "{}",
            refused.stderr
        );
    }
    assert!(lake.snapshot(&["verify"]).is_success());
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn a_query_keeps_its_order_and_an_empty_quarantine_is_empty() {
    let lake = Lake::published();
    let sql =
        "SELECT rule, count(*) AS n FROM quarantine.\"all\" GROUP BY rule ORDER BY n DESC, rule";
    let rows = lake.query(sql);
    let counts: Vec<_> = rows.iter().map(|row| row["n"].as_u64().unwrap()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    let none = lake.query("SELECT count(*) AS n FROM quarantine.activity_priors");
    assert_eq!(none, [json!({ "n": 0 })]);
}
