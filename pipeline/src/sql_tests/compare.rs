//! What was expected beside what came out, by key.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use schemas::Contract;
use serde_json::{Map, Value};

use super::fixture::Rows;
use crate::rows::{self, Row};

/// Numbers that differ by less than this share of themselves are the same.
const ROUNDING: f64 = 1e-9;

/// Returns rows as the table's types write them, so that `1` and `1.0` of a float, or two spellings of an instant, are the same.
pub(super) fn typed(contract: &Contract, given: &Rows) -> Result<Rows> {
    for row in given {
        if let Some(name) = row.keys().find(|name| contract.column(name).is_none()) {
            let known: Vec<&str> = contract.columns.iter().map(|c| c.name.as_str()).collect();
            bail!(
                "{} has no column {name}: it has {}",
                contract.table,
                known.join(", ")
            );
        }
    }
    let batch = rows::batch(contract, given)?;
    Ok(Row::all(&batch).map(Row::json).collect())
}

/// Tells the differences between rows expected and rows found; none where there are none. Columns that an expected row does not name
/// are not compared in it.
pub(super) fn differences(
    contract: &Contract,
    expected: &Rows,
    found: &Rows,
) -> Result<Vec<String>> {
    let key = &contract.key;
    if let Some(missing) = key
        .iter()
        .find(|name| expected.iter().any(|row| !row.contains_key(*name)))
    {
        bail!(
            "an expected row lacks {missing}, which is part of the key ({})",
            key.join(", ")
        );
    }
    let named: Vec<Vec<&String>> = expected.iter().map(|row| row.keys().collect()).collect();
    let expected = typed(contract, expected)?;
    let wanted = by_key(key, &expected)?;
    let named: BTreeMap<String, Vec<&String>> =
        expected.iter().map(|row| at(key, row)).zip(named).collect();
    let came = by_key(key, found)?;
    let mut told = Vec::new();
    let keys: BTreeSet<&String> = wanted.keys().chain(came.keys()).collect();
    for at in keys {
        match (wanted.get(at), came.get(at)) {
            (Some(_), None) => told.push(format!("{at}: expected, and not there")),
            (None, Some(row)) => told.push(format!(
                "{at}: not expected: {}",
                Value::from((*row).clone())
            )),
            (Some(wanted), Some(came)) => {
                for column in named.get(at).into_iter().flatten() {
                    let (want, got) = (wanted.get(*column), came.get(*column));
                    if !same(want, got) {
                        told.push(format!(
                            "{at}: {column} is {}, expected {}",
                            shown(got),
                            shown(want)
                        ));
                    }
                }
            }
            (None, None) => {}
        }
    }
    Ok(told)
}

/// Tells the differences between refusals expected and found, in the order of lines.
pub(super) fn refusals(expected: &Rows, found: &Rows) -> Vec<String> {
    let fits = |wanted: &Map<String, Value>, came: &Map<String, Value>| {
        wanted.iter().all(|(name, value)| {
            let none = || value.is_null().then_some(&Value::Null);
            same(Some(value), came.get(name).or_else(none))
        })
    };
    let mut left: Vec<&Map<String, Value>> = found.iter().collect();
    let mut told = Vec::new();
    for wanted in expected {
        match left.iter().position(|came| fits(wanted, came)) {
            Some(place) => {
                left.remove(place);
            }
            None => told.push(format!(
                "quarantine: expected, and not there: {}",
                Value::from(wanted.clone())
            )),
        }
    }
    let others = left.into_iter().map(|came| {
        let told: Map<String, Value> = came
            .iter()
            .filter(|(name, _)| {
                ["rule", "column", "value", "line", "reason"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        format!("quarantine: not expected: {}", Value::from(told))
    });
    told.extend(others);
    told
}

fn by_key<'a>(key: &[String], rows: &'a Rows) -> Result<BTreeMap<String, &'a Map<String, Value>>> {
    let mut found = BTreeMap::new();
    for row in rows {
        let at = at(key, row);
        if found.insert(at.clone(), row).is_some() {
            bail!("two rows share the key {at}");
        }
    }
    Ok(found)
}

/// Names a row by its key.
fn at(key: &[String], row: &Map<String, Value>) -> String {
    let parts = key.iter().map(|name| match row.get(name) {
        Some(Value::String(text)) => text.clone(),
        other => shown(other),
    });
    parts.collect::<Vec<_>>().join(" · ")
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "null".to_owned(), ToString::to_string)
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None | Some(Value::Null), None | Some(Value::Null)) => true,
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else {
                return false;
            };
            (a - b).abs() <= ROUNDING * a.abs().max(b.abs())
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(Some(a), Some(b)))
        }
        (a, b) => a == b,
    }
}
