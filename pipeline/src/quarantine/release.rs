//! Fixed rows land in the place of refused ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use lake::Lake;
use schemas::{Catalog, Contract, Layer, TableName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::open::{Quarantine, Refused};

/// Where links lie: a hidden folder of the landing area, which no mapping reads and every backup of landing files holds.
const LINKS: &str = "landing/_releases";

/// What landed in the place of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fixed {
    /// Names the release: a digest of what landed.
    pub(crate) release: String,
    pub(crate) table: String,
    /// The landing file.
    pub(crate) landed: String,
    pub(crate) rows: Vec<Link>,
    pub(crate) note: String,
    pub(crate) released_at: String,
}

/// One fixed row, and the refused one that it replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// The refused row.
    row: String,
    rule: String,
    file: String,
    line: i64,
    /// The line of the fixed one in the file that landed.
    landed_line: u64,
}

/// Returns the names of all rows that were released.
pub(crate) async fn released_rows(lake: &Lake) -> Result<BTreeSet<String>> {
    let mut rows = BTreeSet::new();
    for entry in lake.list(LINKS).await? {
        if let Some(fixed) = lake.read_json::<Fixed>(&entry.path).await? {
            rows.extend(fixed.rows.into_iter().map(|link| link.row));
        }
    }
    Ok(rows)
}

/// Lands the fixed rows of a file; says whether this call did it, or an earlier one had.
pub(crate) async fn release(
    lake: &Lake,
    catalog: &Catalog,
    table: &str,
    file: &Path,
    (note, at): (&str, DateTime<Utc>),
) -> Result<(Fixed, bool)> {
    let contract = catalog.get(&TableName::new(Layer::Landing, table))?;
    let is_csv = file.extension().is_some_and(|ending| ending == "csv");
    let rows = read(file, is_csv)?;
    if rows.is_empty() {
        bail!("{} holds no row", file.display());
    }
    let (bytes, ids) = shaped(contract, file, is_csv, rows)?;
    let release = blake3::hash(&bytes).to_hex()[..16].to_owned();
    let ending = if is_csv { "csv" } else { "jsonl" };
    let landed = format!("landing/released/{table}/{release}.{ending}");
    let link = format!("{LINKS}/{table}/{release}.json");
    if let Some(fixed) = lake.read_json::<Fixed>(&link).await? {
        // Twice is once; and what an interrupted release left out is made good.
        let is_new = !lake.exists(&landed).await?;
        if is_new {
            lake.write(&landed, bytes).await?;
        }
        return Ok((fixed, is_new));
    }
    let fixed = Fixed {
        rows: links(lake, catalog, table, file, &ids).await?,
        release,
        table: table.to_owned(),
        landed: landed.clone(),
        note: note.to_owned(),
        released_at: at.to_rfc3339_opts(SecondsFormat::Millis, true),
    };
    lake.create_json(&link, &fixed).await?;
    lake.write(&landed, bytes).await?;
    Ok((fixed, true))
}

/// Finds the refused row that each fixed one replaces.
async fn links(
    lake: &Lake,
    catalog: &Catalog,
    table: &str,
    file: &Path,
    ids: &[String],
) -> Result<Vec<Link>> {
    let wanted: BTreeSet<&String> = ids.iter().collect();
    if wanted.len() != ids.len() {
        bail!(
            "{} names a row twice: one fixed row replaces one refused row",
            file.display()
        );
    }
    let mut known: BTreeMap<String, Refused> = BTreeMap::new();
    Quarantine::new(lake, catalog)
        .rows(Some(table), |row| {
            if wanted.contains(&row.row) {
                known.insert(row.row.clone(), row);
            }
            Ok(())
        })
        .await?;
    let mut links = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        let line = place + 1;
        let row = known.get(id).with_context(|| {
            format!(
                "{}, row {line}: no row {id} of {table} is refused now; `pipeline quarantine export {table}` writes those that are",
                file.display()
            )
        })?;
        if row.is_released {
            bail!(
                "{}, row {line}: {id} was released before; leave it out",
                file.display()
            );
        }
        links.push(Link {
            row: id.clone(),
            rule: row.rule.clone(),
            file: row.file.clone(),
            line: row.line,
            landed_line: line as u64,
        });
    }
    Ok(links)
}

fn read(file: &Path, is_csv: bool) -> Result<Vec<Map<String, Value>>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    if is_csv {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.with_context(|| format!("{} is not CSV", file.display()))?;
            let cells = header.iter().zip(&record);
            rows.push(
                cells
                    .map(|(name, cell)| (name.to_owned(), Value::from(cell)))
                    .collect(),
            );
        }
        return Ok(rows);
    }
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(place, line)| {
            serde_json::from_str(line).with_context(|| {
                format!("{}, line {}: not a JSON object", file.display(), place + 1)
            })
        })
        .collect()
}

/// Returns the rows in the table's own shape as they land, and the row that each replaces.
fn shaped(
    contract: &Contract,
    file: &Path,
    is_csv: bool,
    rows: Vec<Map<String, Value>>,
) -> Result<(Vec<u8>, Vec<String>)> {
    let (mut ids, mut bytes) = (Vec::new(), Vec::new());
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = || contract.columns.iter().map(|column| column.name.as_str());
    if is_csv {
        table.write_record(names())?;
    }
    for (place, mut row) in rows.into_iter().enumerate() {
        let at = || format!("{}, row {}", file.display(), place + 1);
        match row.get("_row") {
            Some(Value::String(id)) if !id.is_empty() => ids.push(id.clone()),
            _ => bail!(
                "{}: no _row says which refused row it replaces; `pipeline quarantine export` writes it, and a row that replaces \
                 none lands like any other file",
                at()
            ),
        }
        row.retain(|name, _| !name.starts_with('_'));
        if let Some(name) = row.keys().find(|name| contract.column(name).is_none()) {
            bail!(
                "{}: {} has no column {name}; it has {}",
                at(),
                contract.table,
                names().collect::<Vec<_>>().join(", ")
            );
        }
        if is_csv {
            table.write_record(
                names().map(|name| row.get(name).and_then(Value::as_str).unwrap_or("")),
            )?;
        } else {
            serde_json::to_writer(&mut bytes, &row)?;
            bytes.push(b'\n');
        }
    }
    if is_csv {
        bytes = table
            .into_inner()
            .context("the rows cannot be written as CSV")?;
    }
    Ok((bytes, ids))
}
