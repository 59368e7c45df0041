//! Files: the same seed gives the same bytes, rows are conserved, bad rows are where the truth says.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::PathBuf;

use super::{Generated, Row, generated, market, read, settings, text};
use crate::streams::STREAMS;
use crate::{DemoError, Later, Settings, Truth, generate};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (left, right) = (market(), generated(&settings(7, 1)));
    assert_eq!(left.bytes(), right.bytes());
    assert_eq!(left.truths, right.truths);
    assert_eq!(left.report, right.report);
}

#[test]
fn another_seed_gives_another_market() {
    let (left, right) = (market(), generated(&settings(8, 1)));
    assert_ne!(
        left.bytes()["companies/etablissements-00001.csv"],
        right.bytes()["companies/etablissements-00001.csv"]
    );
}

#[test]
fn a_second_generation_replaces_the_first_and_leaves_other_files_alone() {
    let market = generated(&settings(7, 2));
    let foreign = market.landing().join("companies/autre.csv");
    std::fs::write(&foreign, "tenant\n").unwrap();
    let truth = market.folder.path().join("truth.jsonl");
    generate(&market.landing(), &truth, &settings(7, 1)).unwrap();
    assert!(foreign.exists());
    std::fs::remove_file(foreign).unwrap();
    assert_eq!(market.bytes(), super::market().bytes());
}

#[test]
fn a_truth_file_inside_the_landing_area_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = generate(
        folder.path(),
        &folder.path().join("truth.jsonl"),
        &settings(7, 1),
    );
    assert!(matches!(refused, Err(DemoError::TruthInLanding { .. })));
}

#[test]
fn rows_add_up_in_every_table() {
    let market = market();
    let mut seen = 0;
    for truth in &market.truths {
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
        seen += 1;
        assert_eq!(
            *rows,
            kept + superseded + bad_bronze + bad_silver,
            "{table}"
        );
        let good = market.rows(table);
        assert_eq!(good.len() as u64, kept + superseded, "{table}");
        let spec = STREAMS
            .iter()
            .find(|stream| stream.table.name == table)
            .unwrap()
            .table;
        let keys: HashSet<Vec<String>> = good.iter().map(|row| key(row, spec.key)).collect();
        assert_eq!(keys.len() as u64, *kept, "{table} has repeated keys");
    }
    assert_eq!(seen, 20);
}

fn key(row: &Row, columns: &[&str]) -> Vec<String> {
    columns
        .iter()
        .map(|column| text(row, column).to_owned())
        .collect()
}

#[test]
fn a_planted_bad_row_is_on_the_line_that_the_truth_names() {
    let market = market();
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    for truth in &market.truths {
        let Truth::BadRow {
            table,
            file,
            line,
            key: bad_key,
            layer,
            rule,
        } = truth
        else {
            continue;
        };
        *rules.entry(rule.clone()).or_default() += 1;
        let rows = read(&market.landing().join(file));
        let (_, row) = rows.iter().find(|(number, _)| number == line).unwrap();
        let is_broken = ["ragged_row", "invalid_utf8", "invalid_json"].contains(&rule.as_str());
        assert_eq!(row.is_none(), is_broken, "{file}:{line} {rule}");
        assert_eq!(
            layer == "bronze",
            is_broken || rule.starts_with("type_"),
            "{rule}"
        );
        let spec = STREAMS
            .iter()
            .find(|stream| stream.table.name == table)
            .unwrap()
            .table;
        if let Some(row) = row {
            assert_eq!(key(row, spec.key), *bad_key, "{file}:{line}");
        }
    }
    for rule in [
        "ragged_row",
        "invalid_utf8",
        "invalid_json",
        "siren_checksum",
        "tenant_format",
        "not_null_name",
        "references_projects",
        "references_concepts",
        "strength_range",
        "status_allowed",
    ] {
        assert!(rules.contains_key(rule), "{rule} is not planted");
    }
    assert_eq!(rules.values().sum::<u64>(), market.report.bad_rows);
}

#[test]
fn one_file_is_truncated_and_one_lands_twice() {
    let market = market();
    let truncated = market.truths.iter().find_map(|truth| match truth {
        Truth::TruncatedFile { file, .. } => Some(file.clone()),
        _ => None,
    });
    let bytes = std::fs::read(market.landing().join(truncated.unwrap())).unwrap();
    let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
    assert!(decoder.read_to_end(&mut Vec::new()).is_err());
    let twice = market.truths.iter().find_map(|truth| match truth {
        Truth::DuplicateFile { file, original, .. } => Some((file.clone(), original.clone())),
        _ => None,
    });
    let (file, original) = twice.unwrap();
    assert!(original < file, "the original sorts first");
    let bytes = market.bytes();
    assert_eq!(bytes[&file], bytes[&original]);
}

#[test]
fn every_format_is_used() {
    let market = market();
    let names: Vec<String> = market.bytes().into_keys().collect();
    for suffix in [
        ".csv",
        ".csv.gz",
        ".json",
        ".jsonl",
        ".jsonl.gz",
        ".jsonl.zst",
        ".parquet",
    ] {
        assert!(names.iter().any(|name| name.ends_with(suffix)), "{suffix}");
    }
    assert!(names.iter().all(|name| !name.ends_with(".part")));
}

#[test]
fn scale_multiplies_companies_and_logs_but_not_the_vocabulary() {
    let (one, three) = (market(), generated(&settings(7, 3)));
    let good = |market: &Generated, table: &str| {
        let report = &market.report.tables[table];
        report.rows - report.bad_bronze - report.bad_silver - report.superseded
    };
    for table in [
        "companies",
        "offers",
        "queries",
        "projects",
        "people",
        "slots",
        "bookings",
    ] {
        assert_eq!(good(&three, table), 3 * good(one, table), "{table}");
    }
    for table in ["glossary_nodes", "concepts", "activity_priors"] {
        assert_eq!(one.report.tables[table], three.report.tables[table]);
    }
    let (bids, more) = (good(one, "bids") as f64, good(&three, "bids") as f64);
    assert!((2.5..3.5).contains(&(more / bids)));
}

#[test]
fn a_big_table_is_split_into_files() {
    let mut small = settings(7, 1);
    small.market.rows_per_file = 1000;
    let market = generated(&small);
    let files = market.files("queries");
    assert_eq!(files.len(), 6, "{files:?}");
    assert!(files[0].starts_with("queries/node=demo/"));
    assert_eq!(market.rows("queries").len(), 5000);
}

#[test]
fn the_last_rows_land_elsewhere_and_none_is_lost() {
    let whole = market();
    let folder = tempfile::tempdir().unwrap();
    let later = folder.path().join("later");
    let settings = Settings {
        later: Some(Later {
            folder: later.clone(),
            share: 0.1,
        }),
        ..settings(7, 1)
    };
    let landing = folder.path().join("landing");
    let report = generate(&landing, &folder.path().join("truth.jsonl"), &settings).unwrap();
    assert_eq!(
        report.tables["offers"].rows,
        whole.report.tables["offers"].rows
    );
    let lines = |file: PathBuf| std::fs::read_to_string(file).unwrap();
    let (first, last) = (
        "profiles/profils-00001.jsonl",
        "profiles/profils-00002.jsonl",
    );
    let (first, last) = (lines(landing.join(first)), lines(later.join(last)));
    let all = lines(
        whole
            .folder
            .path()
            .join("landing/profiles/profils-00001.jsonl"),
    );
    assert_eq!(first.clone() + &last, all);
    let share = last.lines().count() as f64 / all.lines().count() as f64;
    assert!((share - 0.1).abs() < 0.01, "{share}");
    assert!(!later.join("glossary_nodes").exists());
}
