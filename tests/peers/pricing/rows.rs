//! Reads the benchmark's rows and splits, as `data.py` writes them: columns `number:<name>`, `category:<name>`, `target`, and one that says
//! when a row was or what it belongs to.

use std::error::Error;

use serde_json::Value;
use tabular::{Column, Table, Training, training};

/// Rows with their targets, and the values of the column `beside`.
pub(crate) fn read(path: &str, beside: &str) -> Result<(Training, Vec<i64>), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let records: Vec<_> = reader.records().collect::<Result<_, _>>()?;
    let cells = |at: usize| {
        records
            .iter()
            .map(move |record| record.get(at).unwrap_or(""))
    };
    let (mut columns, mut targets, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (at, header) in headers.iter().enumerate() {
        if let Some(name) = header.strip_prefix("number:") {
            let numbers = cells(at).map(|cell| cell.parse().unwrap_or(f64::NAN));
            columns.push(Column::numbers(name, numbers.collect()));
        } else if let Some(name) = header.strip_prefix("category:") {
            let labels = cells(at).map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
            columns.push(Column::labels(name, labels.collect()));
        } else if header == "target" {
            targets = cells(at).map(str::parse).collect::<Result<_, _>>()?;
        } else if header == beside {
            others = cells(at).map(str::parse).collect::<Result<_, _>>()?;
        }
    }
    Ok((training(Table::new(&columns)?, targets, None)?, others))
}

/// The splits of a file.
pub(crate) fn splits(path: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

/// The rows of a part of a split.
pub(crate) fn rows_of(split: &Value, part: &str) -> Vec<usize> {
    let rows = split[part].as_array().into_iter().flatten();
    rows.filter_map(|row| Some(row.as_u64()? as usize))
        .collect()
}
