//! The records of landing files that a silver row stands for.

use std::collections::BTreeSet;

use anyhow::Result;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use schemas::{Contract, Layer, TableName};
use serde::Serialize;
use sql::{Key, Select, Session};

use super::rows::condition;

/// A record of a landing file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Landed {
    /// The file, relative to the landing root; after the mapping and `#` where several take it.
    pub(crate) file: String,
    /// Line or element, from 1.
    pub(crate) line: i64,
    /// Byte offset in the decompressed file; none where the format has none.
    pub(crate) offset: Option<i64>,
    /// BLAKE3 of the file.
    pub(crate) file_digest: String,
    /// The slot of the run that ingested the file.
    pub(crate) slot: String,
    /// Whether the row is made of it; else a later state of its key replaced it.
    pub(crate) is_kept: bool,
}

/// Returns the records of a key, the one that the row is made of first, then earlier states, at most `limit`; refused ones are left out.
pub(super) async fn landed(
    session: &Session,
    contract: &Contract,
    select: &Select,
    key: &Key,
    limit: usize,
) -> Result<Vec<Landed>> {
    let table = &contract.table.name;
    // The contract's own order of states: see `build_silver`.
    let latest: String = contract
        .latest_by
        .iter()
        .map(|column| format!("\"{column}\" DESC NULLS LAST, "))
        .collect();
    let staged = format!(
        "SELECT _file, CAST(_line AS BIGINT) AS _line FROM ({}) WHERE {} ORDER BY {latest}_file DESC, _line DESC",
        select.text(),
        condition(key)
    );
    let refused = format!(
        "SELECT file, line FROM quarantine.\"{table}\" WHERE layer = 'silver' AND \"table\" IN ('{table}', '{}')",
        TableName::new(Layer::Silver, table.clone())
    );
    let refused: BTreeSet<(String, String)> = texts(session, &refused)
        .await?
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let states = texts(session, &staged).await?;
    let states = states
        .into_iter()
        .filter(|row| !refused.contains(&(row[0].clone(), row[1].clone())));
    let mut records = Vec::new();
    for (place, row) in states.take(limit.max(1)).enumerate() {
        let at: Key = vec![
            ("_file".to_owned(), row[0].clone()),
            ("_line".to_owned(), row[1].clone()),
        ];
        let query = format!(
            "SELECT _offset, _file_digest, _slot FROM bronze.\"{table}\" WHERE {}",
            condition(&at)
        );
        let found = texts(session, &query).await?;
        let part = |at: usize| found.first().map(|row| row[at].clone()).unwrap_or_default();
        records.push(Landed {
            file: row[0].clone(),
            line: row[1].parse().unwrap_or_default(),
            offset: part(0).parse().ok(),
            file_digest: part(1),
            slot: part(2),
            is_kept: place == 0,
        });
    }
    Ok(records)
}

/// Returns the rows of a query as texts; a null is an empty one.
async fn texts(session: &Session, query: &str) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for batch in session.rows(query).await? {
        let options = FormatOptions::default();
        let columns = batch.columns().iter();
        let columns = columns.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for index in 0..batch.num_rows() {
            rows.push(
                columns
                    .iter()
                    .map(|column| column.value(index).to_string())
                    .collect(),
            );
        }
    }
    Ok(rows)
}
