//! Honest nights pass, planted breakage is caught.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use schemas::{ColumnKind, GateDefaults, OnFailure, TableName};

use super::*;
use crate::Profiler;

const DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to the slot 2026-11-20.
const TODAY: i64 = 20_777;

fn contract(gates: &str) -> Contract {
    let read: GateDefaults = toml_of(gates);
    let column = |name: &str, kind| Column {
        name: name.to_owned(),
        kind,
        unit: None,
        is_nullable: name != "id",
        pii: Pii::None,
        description: String::new(),
    };
    Contract {
        table: "silver.bids".parse::<TableName>().unwrap(),
        version: "1.0.0".to_owned(),
        description: String::new(),
        grain: String::new(),
        owner: String::new(),
        freshness: "2d".to_owned(),
        key: vec!["id".to_owned()],
        latest_by: vec!["seen".to_owned()],
        columns: vec![
            column("id", ColumnKind::String),
            column("price", ColumnKind::Cents),
            column("kind", ColumnKind::String),
            column("quality", ColumnKind::Float),
            column("seen", ColumnKind::Timestamp),
        ],
        rules: Vec::new(),
        gates: read.silver,
        on_failure: OnFailure::Block,
        carry_over_max: None,
        tags: Vec::new(),
    }
}

fn toml_of(gates: &str) -> GateDefaults {
    let json: serde_json::Value =
        serde_json::from_str(&format!("{{\"silver\": {gates}}}")).unwrap();
    serde_json::from_value(json).unwrap()
}

const DEFAULTS: &str = r#"[
  {"check": "row_count", "max_loss": 0.4, "action": "fail_snapshot"},
  {"check": "null_share", "max_change": 0.3, "action": "fail_snapshot"},
  {"check": "drift", "max_psi": 0.25, "action": "warn"},
  {"check": "drift", "columns": ["price"], "max_psi": 0.25, "max_ks": 0.2, "action": "fail_job"},
  {"check": "freshness", "action": "warn"}
]"#;

struct Night {
    rows: usize,
    factor: i64,
    is_empty: bool,
    newest: i64,
}

const HONEST: Night = Night {
    rows: 800,
    factor: 1,
    is_empty: false,
    newest: TODAY,
};

fn profile(contract: &Contract, night: &Night) -> (Profile, Counts) {
    let mut profiler = Profiler::new(contract);
    let place = |row: usize| ((row as f64 * 0.618_034).fract() * 1e6) as i64;
    for start in (0..night.rows).step_by(100) {
        let rows = start..(start + 100).min(night.rows);
        let kind = |row: usize| ["peinture", "soudure", "tournage"][place(row) as usize % 3];
        let kinds: StringArray = rows
            .clone()
            .map(|row| (!night.is_empty).then(|| kind(row)))
            .collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(
                rows.clone()
                    .map(|row| Some(format!("id{row}")))
                    .collect::<StringArray>(),
            ),
            Arc::new(
                rows.clone()
                    .map(|row| Some(place(row) * night.factor))
                    .collect::<Int64Array>(),
            ),
            Arc::new(kinds),
            Arc::new(
                rows.clone()
                    .map(|row| Some(place(row) as f64 / 1e6))
                    .collect::<Float64Array>(),
            ),
            Arc::new(
                rows.map(|row| Some((night.newest - row as i64 % 300) * DAY))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ];
        profiler.add(&columns);
    }
    let counts = Counts {
        read: night.rows as u64,
        rows: night.rows as u64,
        ..Counts::default()
    };
    (profiler.finish(), counts)
}

/// Returns the names of gates that did not pass, of a night after an honest one.
fn caught(night: &Night) -> Vec<String> {
    let contract = contract(DEFAULTS);
    let (before, now) = (profile(&contract, &HONEST), profile(&contract, night));
    let measured = |(profile, counts): &'static (Profile, Counts)| Measured {
        counts,
        profile: Some(profile),
    };
    let readings = judge(&Audited {
        contract: &contract,
        now: measured(Box::leak(Box::new(now))),
        before: Some(measured(Box::leak(Box::new(before)))),
        slot: "2026-11-20".parse().unwrap(),
    });
    assert!(readings.len() > 8, "{readings:#?}");
    let caught = readings.iter().filter(|one| one.verdict >= Verdict::Warned);
    caught.map(GateReading::name).collect()
}

#[test]
fn the_same_night_and_honest_growth_pass() {
    assert_eq!(caught(&HONEST), [""; 0]);
    for rows in [700, 900, 1_600, 8_000] {
        let grown = Night { rows, ..HONEST };
        assert_eq!(caught(&grown), [""; 0], "{rows}");
    }
}

#[test]
fn planted_breakage_is_caught_by_the_gate_that_is_for_it() {
    let tenfold = Night {
        factor: 10,
        ..HONEST
    };
    assert_eq!(caught(&tenfold), ["drift silver.bids.price"]);
    let empty = Night {
        is_empty: true,
        ..HONEST
    };
    assert_eq!(caught(&empty), ["null_share silver.bids.kind"]);
    let half = Night {
        rows: 400,
        ..HONEST
    };
    assert_eq!(caught(&half), ["row_count silver.bids"]);
    let stale = Night {
        newest: TODAY - 3,
        ..HONEST
    };
    assert_eq!(caught(&stale), ["freshness silver.bids.seen"]);
}

#[test]
fn a_day_after_the_slot_makes_nothing_fresh() {
    let ahead = Night {
        newest: TODAY + 290,
        ..HONEST
    };
    assert_eq!(caught(&ahead), ["freshness silver.bids.seen"]);
}

#[test]
fn the_first_night_has_nothing_to_compare_with_and_small_tables_tell_nothing() {
    let contract = contract(DEFAULTS);
    let (profile, counts) = profile(&contract, &Night { rows: 12, ..HONEST });
    let now = Measured {
        counts: &counts,
        profile: Some(&profile),
    };
    for before in [None, Some(now.clone())] {
        let readings = judge(&Audited {
            contract: &contract,
            now: now.clone(),
            before,
            slot: "2026-11-20".parse().unwrap(),
        });
        let told: Vec<_> = readings
            .iter()
            .filter(|one| one.verdict != Verdict::Untold)
            .map(GateReading::name)
            .collect();
        assert_eq!(told, ["freshness silver.bids.seen"]);
    }
}

#[test]
fn profiles_of_parts_merge_to_that_of_the_whole_whatever_the_batches() {
    let contract = contract(DEFAULTS);
    let (whole, _) = profile(&contract, &HONEST);
    let mut merged = profile(
        &contract,
        &Night {
            rows: 300,
            ..HONEST
        },
    )
    .0;
    let first = merged.clone();
    merged.merge(&Profile::default());
    assert_eq!(merged, first);
    merged.merge(&first);
    assert_eq!(merged.rows, 600);
    assert_eq!(merged.columns["id"].distinct, first.columns["id"].distinct);
    let text = serde_json::to_string(&whole).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), whole);
    assert!(text.len() < 40_000, "{}", text.len());
}

#[test]
fn a_column_about_a_person_keeps_no_value() {
    let mut contract = contract(DEFAULTS);
    contract.columns[2].pii = Pii::Personal;
    let (profile, _) = profile(&contract, &HONEST);
    let column = &profile.columns["kind"];
    assert_eq!(
        (&column.min, &column.max, &column.values),
        (&None, &None, &None)
    );
    assert_eq!(column.distinct, 3);
    assert!(!serde_json::to_string(&profile).unwrap().contains("soudure"));
}
