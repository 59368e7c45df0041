//! Writes a test from what a lake holds.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::{Context as _, Result, bail};
use arrow::json::LineDelimitedWriter;
use schemas::{Contract, Layer, TableName};
use serde_json::{Map, Value};
use sql::{Select, Session};

use super::{
    compare::{differences, typed},
    fixture::{Fixture, Rows},
    run::{contract_of, make},
};
use crate::project::Project;

/// Rows of a table read that shares no column of a key with the sample: the first of the tenant.
const UNRELATED: usize = 20;

/// What to take.
pub(crate) struct Sample<'a> {
    pub(crate) table: &'a TableName,
    /// A condition on rows of the table; all where there is none.
    pub(crate) condition: Option<&'a str>,
    pub(crate) rows: usize,
}

/// Returns a test's text, and what a person should know of it.
pub(crate) async fn create(
    project: &Project,
    session: &Session,
    sample: &Sample<'_>,
) -> Result<(String, Vec<String>)> {
    let table = sample.table;
    let contract = project.catalog().get(table)?;
    let path = project.path(&format!("dags/{}/{}.sql", table.layer, table.name));
    let select = Select::read(&path).with_context(|| format!("{table} is made by no SQL file"))?;
    let condition = sample.condition.unwrap_or("true");
    let key = contract.key.join("\", \"");
    let query = format!(
        "SELECT * FROM {table} WHERE {condition} ORDER BY \"{key}\" LIMIT {}",
        sample.rows
    );
    let live = rows(session, &query).await?;
    if live.is_empty() {
        bail!("{table} has no row where {condition}");
    }
    let mut notes = Vec::new();
    let mut given = BTreeMap::new();
    let mut reads: Vec<TableName> = select.reads().iter().cloned().collect();
    reads.extend(contract.referenced_tables().cloned());
    if table.layer == Layer::Silver {
        reads.push(TableName::new(Layer::Bronze, table.name.clone()));
    }
    reads.sort();
    reads.dedup();
    for read in reads {
        let of_read = contract_of(project, &read)?;
        let found = related(session, contract, &of_read, &live, &mut notes).await?;
        given.insert(read, found);
    }
    let name = format!("{} rows of {table} where {condition}", live.len());
    let text = text(table, &name, &given, &Rows::new());
    let test = Fixture::parse(&text, Path::new("new"))?.remove(0);
    let made = make(project, &test).await?;
    // All that the given rows make: a test that left rows out could not fail on them.
    let kept = made.rows;
    let keys: Vec<Map<String, Value>> = live.iter().map(|row| key_of(contract, row)).collect();
    let again: Rows = kept
        .iter()
        .filter(|row| keys.contains(&key_of(contract, row)))
        .cloned()
        .collect();
    let differ = differences(contract, &typed(contract, &live)?, &again)?;
    if !differ.is_empty() {
        notes.push(format!(
            "from these rows alone the table differs from the lake's, for it also reads others: {}",
            differ.join("; ")
        ));
    }
    notes.push(
        "nothing was anonymised: names, texts and addresses are those of the lake; replace them before you commit".to_owned(),
    );
    Ok((self::text(table, &name, &given, &kept), notes))
}

fn key_of(contract: &Contract, row: &Map<String, Value>) -> Map<String, Value> {
    let parts = contract
        .key
        .iter()
        .map(|name| (name.clone(), row.get(name).cloned().unwrap_or(Value::Null)));
    parts.collect()
}

/// Returns the rows of a table read that the sample may come from: those of its tenants that share a value of a key's column with it.
async fn related(
    session: &Session,
    contract: &Contract,
    read: &Contract,
    live: &Rows,
    notes: &mut Vec<String>,
) -> Result<Rows> {
    let has = |contract: &Contract, name: &str| contract.column(name).is_some();
    let keys = contract.key.iter().chain(&read.key);
    let shared: Vec<&String> = keys
        .filter(|name| *name != "tenant" && has(contract, name) && has(read, name))
        .collect();
    let mut conditions = Vec::new();
    if has(read, "tenant") && has(contract, "tenant") {
        conditions.push(format!(
            "(tenant IN ({}) OR tenant = 'tenant_public')",
            values(live, "tenant")
        ));
    }
    let mut any: Vec<String> = Vec::new();
    for name in &shared {
        let found = values(live, name);
        if !found.is_empty() {
            any.push(format!("trim(CAST(\"{name}\" AS VARCHAR)) IN ({found})"));
        }
    }
    any.dedup();
    let mut end = String::new();
    match any.is_empty() {
        false => conditions.push(format!("({})", any.join(" OR "))),
        true => {
            end = format!(" LIMIT {UNRELATED}");
            notes.push(format!(
                "{} shares no column of a key with {}: the first {UNRELATED} rows of the tenant are given",
                read.table, contract.table
            ));
        }
    }
    let conditions = if conditions.is_empty() {
        "true".to_owned()
    } else {
        conditions.join(" AND ")
    };
    let order = read.key.join("\", \"");
    let query = format!(
        "SELECT * FROM {} WHERE {conditions} ORDER BY \"{order}\"{end}",
        read.table
    );
    rows(session, &query).await
}

fn values(live: &Rows, name: &str) -> String {
    let quoted = live.iter().filter_map(|row| match row.get(name)? {
        Value::String(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Value::Number(number) => Some(format!("'{number}'")),
        _ => None,
    });
    let mut quoted: Vec<String> = quoted.collect();
    quoted.sort();
    quoted.dedup();
    quoted.join(", ")
}

async fn rows(session: &Session, query: &str) -> Result<Rows> {
    let mut found = Rows::new();
    for batch in session.rows(query).await? {
        let mut writer = LineDelimitedWriter::new(Vec::new());
        writer.write(&batch)?;
        writer.finish()?;
        for line in String::from_utf8(writer.into_inner())?.lines() {
            found.push(serde_json::from_str(line)?);
        }
    }
    Ok(found)
}

/// Writes the YAML of a test: JSON is YAML, and a row on a line is what people compare.
fn text(
    table: &TableName,
    name: &str,
    given: &BTreeMap<TableName, Rows>,
    expected: &Rows,
) -> String {
    let mut text = format!(
        "table: {table}\ntests:\n  - name: {}\n    given:\n",
        Value::from(name)
    );
    let lines = |text: &mut String, rows: &Rows, indent: &str| {
        for row in rows {
            let _ = writeln!(text, "{indent}- {}", Value::from(row.clone()));
        }
    };
    for (read, rows) in given.iter().filter(|(_, rows)| !rows.is_empty()) {
        let _ = writeln!(text, "      {read}:");
        lines(&mut text, rows, "        ");
    }
    if given.values().all(Vec::is_empty) {
        text = text.replace("    given:\n", "    given: {}\n");
    }
    text.push_str("    expect:\n      rows:");
    match expected.is_empty() {
        true => text.push_str(" []\n"),
        false => {
            text.push('\n');
            lines(&mut text, expected, "        ");
        }
    }
    text
}
