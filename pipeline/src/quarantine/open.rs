//! The quarantine as the last run left it, beside what was released since.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lake::Lake;
use schemas::{Catalog, ColumnKind, Contract, Layer, TableName, claim};
use serde::Serialize;
use serde_json::{Map, Value};

use super::release::released_rows;
use crate::rows::{self, Row, date_text};

/// One refused row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Refused {
    /// Names the row: a digest of its table, its file's bytes and its line.
    pub(crate) row: String,
    pub(crate) table: String,
    /// The layer that refused it.
    pub(crate) layer: String,
    pub(crate) rule: String,
    pub(crate) column: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) reason: String,
    pub(crate) file: String,
    pub(crate) line: i64,
    /// The slot of the run that refused it last.
    pub(crate) slot: String,
    /// The row as sent (bronze) or as typed (silver).
    pub(crate) raw: String,
    pub(crate) is_released: bool,
}

/// Rows refused alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Group {
    pub(crate) table: String,
    pub(crate) layer: String,
    pub(crate) rule: String,
    pub(crate) file: String,
    /// Rows that nothing was done about.
    pub(crate) open: u64,
    /// Rows whose fixed version landed.
    pub(crate) released: u64,
    /// The slot in which the file came in.
    pub(crate) first_seen: String,
    /// The slot of the run that refused the rows last.
    pub(crate) last_seen: String,
}

/// The refused rows of a lake.
pub(crate) struct Quarantine<'a> {
    lake: &'a Lake,
    catalog: &'a Catalog,
}

impl<'a> Quarantine<'a> {
    pub(crate) fn new(lake: &'a Lake, catalog: &'a Catalog) -> Self {
        Self { lake, catalog }
    }

    /// Reads every refused row, of one table or of all; none is left out.
    pub(crate) async fn rows(
        &self,
        table: Option<&str>,
        mut each: impl FnMut(Refused) -> Result<()>,
    ) -> Result<()> {
        let released = released_rows(self.lake).await?;
        for entry in self.lake.list("quarantine").await? {
            let parts: Vec<&str> = entry.path.split('/').collect();
            let [_, _, of, file] = parts.as_slice() else {
                continue;
            };
            if !file.ends_with(".parquet") || table.is_some_and(|table| table != *of) {
                continue;
            }
            let local = self.lake.local(&entry.path).await?;
            for batch in rows::open(local.path())? {
                for row in Row::all(&batch?) {
                    each(refused(row, &released))?;
                }
            }
        }
        Ok(())
    }

    /// Counts the rows by table, layer, rule and file.
    pub(crate) async fn groups(&self, table: Option<&str>) -> Result<Vec<Group>> {
        let mut groups: BTreeMap<[String; 4], Group> = BTreeMap::new();
        self.rows(table, |row| {
            let key = [&row.table, &row.layer, &row.rule, &row.file].map(Clone::clone);
            let group = groups.entry(key).or_insert_with(|| Group {
                table: row.table.clone(),
                layer: row.layer.clone(),
                rule: row.rule.clone(),
                file: row.file.clone(),
                ..Group::default()
            });
            match row.is_released {
                true => group.released += 1,
                false => group.open += 1,
            }
            group.last_seen = row.slot.clone().max(std::mem::take(&mut group.last_seen));
            Ok(())
        })
        .await?;
        let mut groups: Vec<Group> = groups.into_values().collect();
        let tables: BTreeSet<String> = groups.iter().map(|group| group.table.clone()).collect();
        for table in tables {
            let came_in = self.came_in(&table).await?;
            for group in groups.iter_mut().filter(|group| group.table == table) {
                let first = came_in.get(&group.file);
                group.first_seen = first.cloned().unwrap_or_else(|| group.last_seen.clone());
            }
        }
        Ok(groups)
    }

    /// Returns the slot in which each landing file of a table came in: the first row of its bronze file says it.
    async fn came_in(&self, table: &str) -> Result<BTreeMap<String, String>> {
        let mut slots = BTreeMap::new();
        for entry in self.lake.list(&format!("bronze/{table}")).await? {
            if !entry.path.ends_with(".parquet") {
                continue;
            }
            let local = self.lake.local(&entry.path).await?;
            let Some(batch) = rows::open(local.path())?.next() else {
                continue;
            };
            if let Some(row) = Row::all(&batch?).next()
                && let (Some(file), Some(day)) = (row.text("_file"), row.json().get("_slot"))
            {
                let day = day.as_str().map_or_else(|| day.to_string(), str::to_owned);
                slots.insert(file.to_owned(), day);
            }
        }
        Ok(slots)
    }

    /// Says how a row can be mended.
    pub(crate) fn mend(&self, row: &Refused) -> String {
        let layer = if row.layer == "bronze" {
            Layer::Landing
        } else {
            Layer::Silver
        };
        let contract = self.catalog.get(&TableName::new(layer, row.table.clone()));
        let known = contract.ok();
        let rule = known.and_then(|contract| contract.rules.iter().find(|r| r.name == row.rule));
        let column = row.column.as_deref().unwrap_or("the row");
        match (rule, row.rule.strip_prefix("type_")) {
            (Some(rule), _) => format!("{} {}", rule.columns.join(", "), claim(rule)),
            (None, Some(column)) => format!(
                "{column} is {}: write such a value, or name a cast in the source mapping",
                kind(known, column)
            ),
            (None, None) => match row.rule.as_str() {
                "ragged_row" => "the record has as many cells as the header".to_owned(),
                "invalid_utf8" => {
                    "the file is UTF-8, or the source mapping names its encoding".to_owned()
                }
                "invalid_json" => "the record is one whole JSON object".to_owned(),
                _ => format!("{column} is what the contract or the source mapping asks for"),
            },
        }
    }
}

fn kind(contract: Option<&Contract>, column: &str) -> &'static str {
    match contract
        .and_then(|contract| contract.column(column))
        .map(|column| column.kind)
    {
        Some(ColumnKind::Int) => "a whole number",
        Some(ColumnKind::Cents) => "a whole number of cents",
        Some(ColumnKind::Float) => "a number",
        Some(ColumnKind::Bool) => "true or false",
        Some(ColumnKind::Date) => "a day such as 2026-11-20",
        Some(ColumnKind::Timestamp) => "an instant such as 2026-11-20T08:30:00Z",
        Some(ColumnKind::Strings | ColumnKind::Floats) => "a list",
        _ => "a text",
    }
}

/// Names a row by its table, its file's bytes and its line.
pub(crate) fn row_id(table: &str, file_digest: &str, line: i64) -> String {
    let named = format!("{table}\n{file_digest}\n{line}");
    blake3::hash(named.as_bytes()).to_hex()[..16].to_owned()
}

fn refused(row: Row<'_>, released: &BTreeSet<String>) -> Refused {
    let text = |column: &str| row.text(column).map(str::to_owned);
    let own = |column: &str| text(column).unwrap_or_default();
    let (table, line) = (own("table"), row.integer("line").unwrap_or(0));
    let id = row_id(&table, &own("file_digest"), line);
    Refused {
        is_released: released.contains(&id),
        row: id,
        table,
        layer: own("layer"),
        rule: own("rule"),
        column: text("column").filter(|column| !column.is_empty()),
        value: text("value"),
        reason: own("reason"),
        file: own("file"),
        line,
        slot: row.day("slot").map_or_else(String::new, date_text),
        raw: own("raw"),
    }
}

impl Refused {
    /// Returns the row in the shape of the landing table: what is known of it, by column. Empty where its text could not be read.
    pub(crate) fn fields(
        &self,
        contract: &Contract,
        header: Option<&[String]>,
    ) -> Map<String, Value> {
        let read = match serde_json::from_str::<Value>(&self.raw) {
            Ok(Value::Object(fields)) => fields,
            _ => header.map_or_else(Map::new, |header| cells(&self.raw, header)),
        };
        let known = read
            .into_iter()
            .filter(|(name, _)| contract.column(name).is_some());
        known.collect()
    }
}

/// Returns the cells of a CSV record by the names of its header; nothing where there are more or fewer.
fn cells(raw: &str, header: &[String]) -> Map<String, Value> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(raw.as_bytes());
    let record = reader.records().next().and_then(Result::ok);
    let fits = record.filter(|record| record.len() == header.len());
    let cell = |(name, cell): (&String, &str)| match cell {
        "" => (name.clone(), Value::Null),
        cell => (name.clone(), Value::String(cell.to_owned())),
    };
    fits.map_or_else(Map::new, |record| {
        header.iter().zip(&record).map(cell).collect()
    })
}
