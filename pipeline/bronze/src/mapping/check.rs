//! Checks of a mapping file against the contract that it feeds.

use schemas::{Catalog, ColumnKind, Contract, Layer, TableName};

use super::document::{ColumnSource, Document};

/// Checks a mapping file, or says what is wrong with it.
pub(super) fn check(document: &Document, catalog: &Catalog) -> Result<(), String> {
    let table = TableName::new(Layer::Landing, &*document.table);
    let contract = catalog.get(&table).map_err(|error| error.to_string())?;
    if document.files.as_slice().is_empty() {
        return Err("files names no file".to_owned());
    }
    check_options(document)?;
    for (name, source) in &document.columns {
        let column = contract
            .column(name)
            .ok_or_else(|| format!("{table} has no column {name}"))?;
        check_source(source, column.kind).map_err(|reason| format!("column {name}: {reason}"))?;
    }
    check_required(document, contract)
}

fn check_options(document: &Document) -> Result<(), String> {
    let csv = &document.csv;
    if !csv.delimiter.is_ascii() || matches!(csv.delimiter, '"' | '\n' | '\r') {
        return Err(format!(
            "csv.delimiter {:?} is not one ASCII character",
            csv.delimiter
        ));
    }
    encoding(&csv.encoding)?;
    match &document.json.pointer {
        Some(pointer) if !pointer.starts_with('/') => {
            Err(format!("json.pointer {pointer:?} does not begin with /"))
        }
        _ => Ok(()),
    }
}

/// Finds an encoding whose bytes can be split into cells before they are decoded.
pub(crate) fn encoding(label: &str) -> Result<&'static encoding_rs::Encoding, String> {
    encoding_rs::Encoding::for_label(label.as_bytes())
        .filter(|found| *found == encoding_rs::UTF_8 || found.is_single_byte())
        .ok_or_else(|| {
            format!("csv.encoding {label:?} is neither utf-8 nor a single-byte encoding")
        })
}

fn check_source(source: &ColumnSource, kind: ColumnKind) -> Result<(), String> {
    let is_list = matches!(kind, ColumnKind::Strings | ColumnKind::Floats);
    let ways = [
        ("from", source.from.is_some()),
        ("join", source.join.is_some()),
        ("first_true", source.first_true.is_some()),
        ("constant", source.constant.is_some()),
    ];
    let said: Vec<&str> = ways.iter().filter(|way| way.1).map(|way| way.0).collect();
    match said[..] {
        [] => return Err("says neither from nor constant, join or first_true".to_owned()),
        ["constant"] => {}
        [way] if source.fields().is_empty() => return Err(format!("{way} names no field")),
        ["join"] if source.fields().len() < 2 => {
            return Err("join names one field only: say from".to_owned());
        }
        [_] => {}
        [one, other, ..] => return Err(format!("says both {one} and {other}")),
    }
    match &source.separator {
        Some(_) if source.join.is_none() => {
            return Err("separator is for join; a list is made by split".to_owned());
        }
        Some(empty) if empty.is_empty() => {
            return Err("separator is empty: a, bc and ab, c would be one text".to_owned());
        }
        _ => {}
    }
    if source.split.is_some() && !is_list {
        return Err("split is for columns of type strings or floats".to_owned());
    }
    if source.split.as_deref() == Some("") {
        return Err("split is empty".to_owned());
    }
    match source.slice {
        Some((from, to)) if from >= to => Err(format!("slice [{from}, {to}] keeps nothing")),
        _ => Ok(()),
    }
}

/// A column that may not be missing must come from somewhere: found here, not as a million rows in quarantine.
fn check_required(document: &Document, contract: &Contract) -> Result<(), String> {
    let is_identity = document.columns.is_empty();
    let unmapped = contract
        .columns
        .iter()
        .find(|column| !column.is_nullable && !document.columns.contains_key(&column.name));
    match unmapped {
        Some(column) if !is_identity => Err(format!(
            "column {} of {} may not be missing, and nothing feeds it",
            column.name, contract.table
        )),
        _ => Ok(()),
    }
}
