//! A gold table: its SELECT in the order of its key, with its contract checked in the same pass.

use std::{collections::BTreeMap, path::Path};

use arrow::{compute::cast, datatypes::DataType, record_batch::RecordBatch};
use datafusion::{common::cast::as_string_array, error::DataFusionError};
use futures::TryStreamExt;
use quality::Profile;
use schemas::{Action, Contract, Rule};

use crate::{
    Select, Session, SqlError,
    keys::KeyRuns,
    output::{Output, Place},
    rules::{Marks, SEPARATOR, all_given, key_rules, literal, names, unique_rules},
    silver::refuse_broken,
};

/// What to build a gold table from.
#[derive(Debug)]
pub struct GoldRequest<'a> {
    /// The table's contract.
    pub contract: &'a Contract,
    /// The SELECT.
    pub select: &'a Select,
    /// The Parquet file to write.
    pub file: &'a Path,
}

/// What a gold table came to.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that break a rule, by rule; rules that fail the job are errors instead.
    pub broken_by_rule: BTreeMap<String, u64>,
    /// Digest of the table's content.
    pub digest: String,
    /// What the table looks like.
    pub profile: Profile,
}

impl Session {
    /// Builds a gold table.
    ///
    /// # Errors
    /// The SELECT fails or does not fit its contract, two rows share a key, or rows break a rule whose action is
    /// to fail the job.
    pub async fn build_gold(&self, request: &GoldRequest<'_>) -> Result<GoldReport, SqlError> {
        let contract = request.contract;
        let what = contract.table.to_string();
        let mut stream = self.stream(&query(contract, request.select), &what).await?;
        let mut output = Output::create(contract, Place::File(request.file))?;
        let (mut runs, mut repeated) = (KeyRuns::of(contract), 0);
        let mut broken_by_rule = BTreeMap::new();
        while let Some(batch) = stream.try_next().await.map_err(SqlError::engine(&what))? {
            count(&batch, &mut broken_by_rule).map_err(SqlError::engine(&what))?;
            repeated += repeats(contract, &mut runs, &batch).map_err(SqlError::engine(&what))?;
            output.write(&batch)?;
        }
        let made = output.finish()?;
        if repeated > 0 {
            broken_by_rule.insert(KEY_RULE.to_owned(), repeated);
            let names = key_rules(contract).map(|rule| rule.name.clone());
            broken_by_rule.extend(names.map(|name| (name, repeated)));
        }
        refuse_broken(contract, &broken_by_rule)?;
        if let Some(&rows) = broken_by_rule.get(KEY_RULE) {
            let table = contract.table.clone();
            return Err(SqlError::RuleBroken {
                table,
                rule: KEY_RULE.to_owned(),
                rows,
            });
        }
        Ok(GoldReport {
            rows: made.rows,
            broken_by_rule,
            digest: made.digest,
            profile: made.profile,
        })
    }
}

/// The rule that every gold table keeps: one row per key.
const KEY_RULE: &str = "unique_key";

pub(crate) fn query(contract: &Contract, select: &Select) -> String {
    let every = [
        Action::Warn,
        Action::Quarantine,
        Action::FailJob,
        Action::FailSnapshot,
    ];
    let marks = Marks::of(contract, &every);
    let twin = |rule: &Rule| {
        format!(
            ", CASE WHEN {given} AND row_number() OVER (PARTITION BY {columns}) > 1 THEN {name} END",
            given = all_given(&rule.columns),
            columns = names(&rule.columns),
            name = literal(&rule.name)
        )
    };
    let twins: String = unique_rules(contract).map(twin).collect();
    format!(
        "WITH staged AS ({select}),
         marked AS (SELECT s.*, {broken} AS _broken FROM staged AS s {joins})
         SELECT *, concat_ws('{SEPARATOR}', nullif(_broken, ''){twins}) AS _marks
         FROM marked ORDER BY {key}",
        select = select.text(),
        broken = marks.broken,
        joins = marks.joins.join(" "),
        key = names(&contract.key),
    )
}

/// Counts rows whose key, all of it given, is that of the row before.
fn repeats(
    contract: &Contract,
    runs: &mut KeyRuns,
    batch: &RecordBatch,
) -> Result<u64, DataFusionError> {
    let repeats = runs.repeats(batch)?;
    let keys = contract.key.iter();
    let keys: Vec<_> = keys.filter_map(|key| batch.column_by_name(key)).collect();
    let is_twin = |row: &usize| repeats[*row] && keys.iter().all(|key| key.is_valid(*row));
    Ok((0..batch.num_rows()).filter(is_twin).count() as u64)
}

fn count(batch: &RecordBatch, broken: &mut BTreeMap<String, u64>) -> Result<(), DataFusionError> {
    let marks = batch.column_by_name("_marks").ok_or_else(|| {
        DataFusionError::Internal("the query lost its column of marks".to_owned())
    })?;
    let marks = cast(marks, &DataType::Utf8)?;
    let marked = as_string_array(&marks)?
        .iter()
        .flatten()
        .filter(|marks| !marks.is_empty());
    for rule in marked.flat_map(|marks| marks.split(SEPARATOR)) {
        *broken.entry(rule.to_owned()).or_default() += 1;
    }
    Ok(())
}
