//! Refused rows written so that a person can fix them.

use std::{collections::BTreeMap, io::Write, sync::Arc};

use anyhow::{Context as _, Result};
use arrow::{
    array::{ArrayRef, StringArray},
    record_batch::RecordBatch,
};
use clap::ValueEnum;
use lake::Lake;
use parquet::arrow::ArrowWriter;
use schemas::{Catalog, Contract, Layer, TableName};
use serde_json::{Map, Value, json};

use super::open::{Quarantine, Refused};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A header and a line per row; lists part at `|`.
    Csv,
    /// A JSON object per line.
    Jsonl,
    /// Texts only: refused values need not be of their column's type.
    Parquet,
}

/// What goes before the columns of the table; `release` reads the first and leaves the others out.
pub(crate) const HELP: [&str; 8] = [
    "_row", "_layer", "_rule", "_column", "_reason", "_file", "_line", "_raw",
];

/// Writes the open rows of a table, all of them, and returns how many.
pub(crate) async fn export(
    lake: &Lake,
    catalog: &Catalog,
    table: &str,
    rule: Option<&str>,
    (format, mut out): (Format, Box<dyn Write + Send>),
) -> Result<u64> {
    let contract = catalog.get(&TableName::new(Layer::Landing, table))?;
    let mut rows = Vec::new();
    Quarantine::new(lake, catalog)
        .rows(Some(table), |row| {
            if !row.is_released && rule.is_none_or(|rule| rule == row.rule) {
                rows.push(row);
            }
            Ok(())
        })
        .await?;
    let headers = headers(lake, &rows).await?;
    let shaped = rows
        .iter()
        .map(|row| shape(row, contract, headers.get(&row.file).map(Vec::as_slice)));
    let columns: Vec<&str> = HELP
        .into_iter()
        .chain(contract.columns.iter().map(|column| column.name.as_str()))
        .collect();
    match format {
        Format::Jsonl => {
            for row in shaped {
                serde_json::to_writer(&mut out, &row)?;
                out.write_all(b"\n")?;
            }
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(&mut out);
            writer.write_record(&columns)?;
            for row in shaped {
                let cells = columns
                    .iter()
                    .map(|column| text(row.get(*column)).unwrap_or_default());
                writer.write_record(cells)?;
            }
            writer.flush()?;
        }
        Format::Parquet => {
            let shaped: Vec<_> = shaped.collect();
            let column = |name: &&str| -> (String, ArrayRef, bool) {
                let values = shaped.iter().map(|row| text(row.get(*name)));
                (
                    (*name).to_owned(),
                    Arc::new(values.collect::<StringArray>()),
                    true,
                )
            };
            let batch = RecordBatch::try_from_iter_with_nullable(columns.iter().map(column))?;
            let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None)?;
            writer.write(&batch)?;
            writer.close()?;
        }
    }
    out.flush()?;
    Ok(rows.len() as u64)
}

fn shape(row: &Refused, contract: &Contract, header: Option<&[String]>) -> Map<String, Value> {
    let fields = row.fields(contract, header);
    let help = [
        json!(row.row),
        json!(row.layer),
        json!(row.rule),
        json!(row.column),
        json!(row.reason),
        json!(row.file),
        json!(row.line),
        json!(row.raw),
    ];
    let mut shaped: Map<String, Value> = HELP.into_iter().map(str::to_owned).zip(help).collect();
    for column in &contract.columns {
        let value = fields.get(&column.name).cloned().unwrap_or(Value::Null);
        shaped.insert(column.name.clone(), value);
    }
    shaped
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(|item| text(Some(item))).collect();
            Some(items.join("|"))
        }
        other => Some(other.to_string()),
    }
}

/// Reads the headers of the plain CSV files that rows came from, where they are still in the lake's landing area.
async fn headers(lake: &Lake, rows: &[Refused]) -> Result<BTreeMap<String, Vec<String>>> {
    let mut headers = BTreeMap::new();
    for row in rows {
        if !row.file.ends_with(".csv") || headers.contains_key(&row.file) {
            continue;
        }
        let path = format!("landing/{}", row.file);
        if !lake.exists(&path).await? {
            continue;
        }
        let file = lake.local(&path).await?;
        let mut reader =
            csv::Reader::from_path(file.path()).with_context(|| format!("cannot read {path}"))?;
        // A header in another encoding names no column of ours.
        let header = reader.byte_headers()?.iter();
        let names = header.map(|name| String::from_utf8_lossy(name).into_owned());
        headers.insert(row.file.clone(), names.collect());
    }
    Ok(headers)
}
