//! Nothing is lost: rows are conserved, and quarantine holds the planted bad rows, all of them and no others.

use std::collections::BTreeSet;

use demo::Truth;
use marketlounge_tests::{Lake, bad_rows, truths};

#[test]
fn quarantine_holds_every_planted_bad_row_under_its_rule_and_no_other() {
    let lake = Lake::published();
    let rows = lake.query(
        "SELECT layer, \"table\", file, line, rule FROM quarantine.\"all\" ORDER BY file, line",
    );
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or("").to_owned();
    let found: BTreeSet<_> = rows
        .iter()
        .map(|row| {
            let line = row["line"].as_u64().unwrap();
            (
                text(row, "layer"),
                text(row, "table"),
                text(row, "file"),
                line,
                text(row, "rule"),
            )
        })
        .collect();
    let planted = bad_rows(&lake);
    assert!(planted.len() > 50, "the demo plants bad rows");
    let missing: Vec<_> = planted.difference(&found).collect();
    let others: Vec<_> = found.difference(&planted).collect();
    assert!(
        missing.is_empty() && others.is_empty(),
        "missing: {missing:#?}\nothers: {others:#?}"
    );
    assert_eq!(rows.len(), planted.len(), "each row is quarantined once");
}

#[test]
fn every_table_conserves_its_rows_as_the_truth_says() {
    let lake = Lake::published();
    let summary = lake.query("SELECT * FROM gold.run_summary");
    let of = |layer: &str, table: &str, count: &str| {
        let row = summary
            .iter()
            .find(|row| row["layer"] == layer && row["table"] == table);
        row.unwrap_or_else(|| panic!("no summary of {layer}.{table}"))[count]
            .as_u64()
            .unwrap()
    };
    let mut tables = 0;
    for truth in truths(&lake) {
        let Truth::Table {
            table,
            rows,
            bad_bronze,
            bad_silver,
            superseded,
            kept,
            ..
        } = truth
        else {
            continue;
        };
        tables += 1;
        assert_eq!(
            of("bronze", &table, "rows"),
            rows - bad_bronze,
            "bronze.{table}"
        );
        assert_eq!(
            of("bronze", &table, "quarantined"),
            bad_bronze,
            "bronze.{table}"
        );
        assert_eq!(
            of("silver", &table, "quarantined"),
            bad_silver,
            "silver.{table}"
        );
        assert_eq!(
            of("silver", &table, "superseded"),
            superseded,
            "silver.{table}"
        );
        assert_eq!(of("silver", &table, "rows"), kept, "silver.{table}");
    }
    assert_eq!(tables, 20, "every landing table is in the truth");
}

#[test]
fn a_quarantined_row_keeps_its_raw_text_and_its_reason() {
    let lake = Lake::published();
    let rows = lake.query("SELECT layer, raw, reason, rule FROM quarantine.\"all\"");
    for row in rows {
        assert!(!row["raw"].as_str().unwrap_or("").is_empty(), "{row}");
        assert!(!row["reason"].as_str().unwrap_or("").is_empty(), "{row}");
        if row["layer"] == "silver" {
            let raw: serde_json::Value =
                serde_json::from_str(row["raw"].as_str().unwrap()).unwrap();
            assert!(raw.is_object(), "{row}");
        }
    }
}

#[test]
fn a_truncated_file_is_reported_and_the_others_go_on() {
    let lake = Lake::with_demo(1);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let truncated: Vec<_> = truths(&lake)
        .into_iter()
        .filter_map(|truth| match truth {
            Truth::TruncatedFile { file, .. } => Some(file),
            _ => None,
        })
        .collect();
    assert!(!truncated.is_empty());
    for file in truncated {
        assert!(ran.stdout.contains(&file), "{file} is not reported");
    }
}
