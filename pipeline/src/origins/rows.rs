//! From a row to the rows that it was made of, down to landing files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use futures::future::BoxFuture;
use lineage::{Kind, Lineage, nearest};
use schemas::{Catalog, Layer, TableName};
use serde::Serialize;
use sql::{Key, Select, Session};

use super::landed::{Landed, landed};
use crate::project::Project;

/// Rows of one table that took part, and what they were made of.
#[derive(Debug, Serialize)]
pub(crate) struct Origin {
    pub(crate) table: String,
    /// How many rows took part.
    pub(crate) rows: u64,
    /// The keys of the first of them, which are the ones followed.
    pub(crate) keys: Vec<BTreeMap<String, String>>,
    /// What those were made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) inputs: Vec<Origin>,
    /// The records of landing files that they are, for a silver table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) landing: Vec<Landed>,
    /// Where the trace is not exact, and why.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) notes: BTreeSet<String>,
}

/// Follows rows over the tables as last published.
pub(crate) struct RowTracer<'a> {
    project: &'a Project,
    lineage: &'a Lineage,
    session: Session,
    selects: BTreeMap<TableName, Select>,
    /// How many rows of each input are told and followed.
    limit: usize,
}

impl<'a> RowTracer<'a> {
    pub(crate) fn new(
        project: &'a Project,
        lineage: &'a Lineage,
        session: Session,
        limit: usize,
    ) -> Result<Self> {
        let mut selects = BTreeMap::new();
        for layer in [Layer::Silver, Layer::Gold] {
            selects.extend(project.selects(layer)?);
        }
        Ok(Self {
            project,
            lineage,
            session,
            selects,
            limit,
        })
    }

    /// Follows the rows of a table that have a key, or a part of one.
    pub(crate) async fn trace(&self, table: &TableName, key: Key) -> Result<Origin> {
        let contract = self.project.catalog().get(table)?;
        for (name, _) in &key {
            if !contract.key.contains(name) {
                let near = nearest(name, contract.key.iter().map(String::as_str), 3);
                let meant = match near.is_empty() {
                    true => contract.key.join(", "),
                    false => near.join(", "),
                };
                bail!("{name} is not in the key of {table}: did you mean {meant}?");
            }
        }
        let origin = self.follow(table.clone(), vec![key.clone()]).await?;
        if origin.rows == 0 {
            let said: Vec<String> = key
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            bail!("no row of {table} has {}", said.join(", "));
        }
        Ok(origin)
    }

    fn follow(&self, table: TableName, keys: Vec<Key>) -> BoxFuture<'_, Result<Origin>> {
        Box::pin(async move {
            match (self.selects.get(&table), table.layer) {
                (Some(select), Layer::Silver) => self.silver(&table, select, keys).await,
                (Some(select), _) => self.gold(&table, select, keys).await,
                (None, _) => self.of_job(&table, keys).await,
            }
        })
    }

    async fn gold(&self, table: &TableName, select: &Select, keys: Vec<Key>) -> Result<Origin> {
        let catalog = self.project.catalog();
        let contract = catalog.get(table)?;
        let key_of = |of: &TableName| key_of(catalog, of);
        let found = self
            .session
            .witnesses(contract, select, &keys, &key_of, self.limit)
            .await?;
        let mut origin = origin(table, found.found, &keys);
        origin.notes = found.notes;
        for witness in found.inputs {
            if witness.rows == 0 {
                continue;
            }
            let mut input = self.follow(witness.table, witness.keys).await?;
            input.rows = witness.rows;
            origin.inputs.push(input);
        }
        Ok(origin)
    }

    async fn silver(&self, table: &TableName, select: &Select, keys: Vec<Key>) -> Result<Origin> {
        let contract = self.project.catalog().get(table)?;
        let mut origin = origin(table, 0, &keys);
        for key in &keys {
            let records = landed(&self.session, contract, select, key, self.limit).await?;
            origin.rows += u64::from(records.iter().any(|record| record.is_kept));
            origin.landing.extend(records);
        }
        Ok(origin)
    }

    /// A table made by a job: followed by its key where the job declares that the key is that of a table it reads.
    async fn of_job(&self, table: &TableName, keys: Vec<Key>) -> Result<Origin> {
        let name = table.to_string();
        let mut origin = origin(table, self.count(table, &keys).await?, &keys);
        let Some(known) = self.lineage.table(&name) else {
            bail!("nothing makes {name}");
        };
        let mut told = BTreeSet::new();
        for read in &known.reads {
            let Ok(input) = read.parse::<TableName>() else {
                continue;
            };
            let Some(theirs) = key_of(self.project.catalog(), &input) else {
                continue;
            };
            // Each part of the input's key must be one of ours as it is.
            let same = |part: &String| {
                let columns = known.columns.iter().flatten();
                columns
                    .filter(|(_, flow)| {
                        flow.from.iter().any(|(source, kinds)| {
                            source.table == *read
                                && source.column == *part
                                && kinds.contains(&Kind::Identity)
                        })
                    })
                    .map(|(own, _)| own.clone())
                    .next()
            };
            let pairs: Option<Vec<(String, String)>> = theirs
                .iter()
                .map(|part| Some((part.clone(), same(part)?)))
                .collect();
            let Some(pairs) = pairs.filter(|pairs| !pairs.is_empty()) else {
                continue;
            };
            let mapped = keys.iter().filter_map(|key| {
                let value = |own: &String| key.iter().find(|(name, _)| name == own);
                let parts = pairs.iter();
                parts
                    .map(|(theirs, own)| Some((theirs.clone(), value(own)?.1.clone())))
                    .collect::<Option<Key>>()
            });
            let mapped: Vec<Key> = mapped.collect();
            told.insert(read.clone());
            let input = self.follow(input, mapped).await?;
            if input.rows > 0 {
                origin.inputs.push(input);
            }
        }
        let others: Vec<&str> = known
            .reads
            .iter()
            .filter(|read| !told.contains(*read))
            .map(String::as_str)
            .collect();
        if !others.is_empty() {
            origin.notes.insert(format!(
                "a job makes {name}; of which rows of {} it does not say",
                others.join(", ")
            ));
        }
        Ok(origin)
    }

    async fn count(&self, table: &TableName, keys: &[Key]) -> Result<u64> {
        let tests: Vec<String> = keys.iter().map(condition).collect();
        let query = format!("SELECT 1 AS one FROM {table} WHERE {}", tests.join(" OR "));
        let batches = self.session.rows(&query).await?;
        Ok(batches.iter().map(|batch| batch.num_rows() as u64).sum())
    }
}

/// Returns the columns that tell the rows of a table apart; for bronze, where the record lies.
fn key_of(catalog: &Catalog, table: &TableName) -> Option<Vec<String>> {
    match table.layer {
        Layer::Bronze => Some(["_file", "_line"].map(str::to_owned).to_vec()),
        _ => Some(catalog.get(table).ok()?.key.clone()),
    }
}

/// Returns the condition that a row has a key, or a part of one.
pub(super) fn condition(key: &Key) -> String {
    let quote = |text: &str| text.replace('\'', "''");
    let parts = key.iter().map(|(name, value)| {
        format!(
            "coalesce(CAST(\"{name}\" AS VARCHAR), '') = '{}'",
            quote(value)
        )
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => "true".to_owned(),
        false => format!("({})", parts.join(" AND ")),
    }
}

fn origin(table: &TableName, rows: u64, keys: &[Key]) -> Origin {
    Origin {
        table: table.to_string(),
        rows,
        keys: keys
            .iter()
            .map(|key| key.iter().cloned().collect())
            .collect(),
        inputs: Vec::new(),
        landing: Vec::new(),
        notes: BTreeSet::new(),
    }
}
