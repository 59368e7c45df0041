//! A silver table: its SELECT, then its contract.

use std::{collections::BTreeMap, path::Path};

use arrow::{
    array::{Array, BooleanArray},
    compute::{cast, filter_record_batch},
    datatypes::DataType,
    record_batch::RecordBatch,
};
use datafusion::{
    common::cast::{as_int64_array, as_string_array},
    error::DataFusionError,
};
use futures::TryStreamExt;
use quality::Profile;
use schemas::{Action, Contract, Slot};

use crate::{
    Select, Session, SqlError,
    output::Output,
    quarantine::{self, Refused, as_texts},
    rules::{Marks, SEPARATOR, all_given, ident, literal, names, unique_rules},
};

/// What to build a silver table from.
#[derive(Debug)]
pub struct SilverRequest<'a> {
    /// The silver table's contract.
    pub contract: &'a Contract,
    /// The contract of the bronze table it is one to one with.
    pub bronze: &'a Contract,
    /// How many rows that bronze table has.
    pub bronze_rows: u64,
    /// The SELECT.
    pub select: &'a Select,
    /// The slot of the run, for the quarantine.
    pub slot: Slot,
    /// The Parquet file to write the kept rows to.
    pub kept: &'a Path,
    /// The Parquet file to write the refused rows to.
    pub quarantined: &'a Path,
}

/// What became of the bronze rows: `read = kept + superseded + quarantined`.
#[derive(Debug, Clone, PartialEq)]
pub struct SilverReport {
    /// Bronze rows.
    pub rows_read: u64,
    /// Rows of the silver table.
    pub rows_kept: u64,
    /// Rows that a later state of the same key replaces.
    pub rows_superseded: u64,
    /// Rows that break a rule.
    pub rows_quarantined: u64,
    /// Quarantined rows by the first rule they break.
    pub quarantined_by_rule: BTreeMap<String, u64>,
    /// Rows that break a rule whose action is to warn or to fail the snapshot.
    pub warned_by_rule: BTreeMap<String, u64>,
    /// Digest of the silver table's content.
    pub digest: String,
    /// What the silver table looks like.
    pub profile: Profile,
}

impl Session {
    /// Builds a silver table.
    ///
    /// # Errors
    /// The SELECT fails, does not fit its contract, or is not one to one with its bronze table; or rows break a
    /// rule whose action is to fail the job.
    pub async fn build_silver(
        &self,
        request: &SilverRequest<'_>,
    ) -> Result<SilverReport, SqlError> {
        let contract = request.contract;
        let what = contract.table.to_string();
        let mut stream = self.stream(&query(contract, request.select), &what).await?;
        let mut output = Output::create(contract, request.kept)?;
        let mut sorted = Sorted::default();
        while let Some(batch) = stream.try_next().await.map_err(SqlError::engine(&what))? {
            let kept = sorted
                .add(contract, &batch)
                .map_err(SqlError::engine(&what))?;
            output.write(&kept)?;
        }
        let staged = sorted.rows;
        if staged != request.bronze_rows {
            let (table, bronze) = (contract.table.clone(), request.bronze_rows);
            return Err(SqlError::NotOneToOne {
                table,
                bronze,
                staged,
            });
        }
        for rule in contract
            .rules
            .iter()
            .filter(|rule| rule.action == Action::FailJob)
        {
            if let Some(&rows) = sorted.warned.get(&rule.name) {
                let table = contract.table.clone();
                return Err(SqlError::RuleBroken {
                    table,
                    rule: rule.name.clone(),
                    rows,
                });
            }
        }
        let kept = output.finish()?;
        let rows_kept = kept.rows;
        let rows_quarantined = sorted.refused.len() as u64;
        let mut quarantined_by_rule = BTreeMap::new();
        for refused in &sorted.refused {
            *quarantined_by_rule.entry(refused.rule.clone()).or_default() += 1;
        }
        quarantine::write(
            self,
            request.bronze,
            request.slot,
            sorted.refused,
            request.quarantined,
        )
        .await?;
        Ok(SilverReport {
            rows_read: staged,
            rows_kept,
            rows_superseded: staged - rows_kept - rows_quarantined,
            rows_quarantined,
            quarantined_by_rule,
            warned_by_rule: sorted.warned,
            digest: kept.digest,
            profile: kept.profile,
        })
    }
}

/// Fails where rows break a rule whose action is to fail the job.
pub(crate) fn refuse_broken(
    contract: &Contract,
    counts: &BTreeMap<String, u64>,
) -> Result<(), SqlError> {
    let mut failing = contract
        .rules
        .iter()
        .filter(|rule| rule.action == Action::FailJob);
    match failing.find_map(|rule| Some((rule, *counts.get(&rule.name)?))) {
        Some((rule, rows)) => {
            let table = contract.table.clone();
            Err(SqlError::RuleBroken {
                table,
                rule: rule.name.clone(),
                rows,
            })
        }
        None => Ok(()),
    }
}

/// Builds the query that marks each staged row with the rules it breaks and its rank among the rows of its key.
pub(crate) fn query(contract: &Contract, select: &Select) -> String {
    let refusing = Marks::of(contract, &[Action::Quarantine]);
    let warning = Marks::of(
        contract,
        &[Action::Warn, Action::FailJob, Action::FailSnapshot],
    );
    let latest: String = contract
        .latest_by
        .iter()
        .map(|c| format!("{} DESC NULLS LAST, ", ident(c)))
        .collect();
    let latest = format!("{latest}_file DESC, _line DESC");
    let mut ranked = format!(
        "SELECT *, CASE WHEN _broken = '' THEN row_number() OVER
           (PARTITION BY {key}, _broken = '' ORDER BY {latest}) ELSE 0 END AS _rank FROM marked",
        key = names(&contract.key)
    );
    // Among the kept rows of a unique set of columns only the latest stays; the others break the rule.
    for rule in unique_rules(contract) {
        ranked = format!(
            "SELECT * EXCEPT (_broken, _twin),
               CASE WHEN _rank = 1 AND _twin > 1 AND {given} THEN {name} ELSE _broken END AS _broken
             FROM (SELECT *, row_number() OVER
                    (PARTITION BY {columns}, _rank = 1 ORDER BY {latest}) AS _twin FROM ({ranked}))",
            columns = names(&rule.columns),
            given = all_given(&rule.columns),
            name = literal(&rule.name)
        );
    }
    format!(
        "WITH staged AS ({select}),
         marked AS (SELECT s.*, {broken} AS _broken, {warned} AS _warned FROM staged AS s {joins}),
         ranked AS ({ranked})
         SELECT * FROM ranked ORDER BY {key}",
        select = select.text(),
        broken = refusing.broken,
        warned = warning.broken,
        joins = [refusing.joins, warning.joins].concat().join(" "),
        key = names(&contract.key),
    )
}

/// Says which rules a row breaks, and with what value.
fn reason(columns: &[String], rules: &[&str], value: Option<&str>) -> String {
    let (columns, rules) = (columns.join(", "), rules.join(", "));
    match value {
        Some(value) => format!("{columns} breaks {rules} with {value:?}"),
        None => format!("{columns} breaks {rules}: it has no value"),
    }
}

/// The staged rows, told apart.
#[derive(Default)]
struct Sorted {
    rows: u64,
    refused: Vec<Refused>,
    warned: BTreeMap<String, u64>,
}

impl Sorted {
    /// Counts a batch, notes its refused rows, and returns the rows to keep.
    fn add(
        &mut self,
        contract: &Contract,
        batch: &RecordBatch,
    ) -> Result<RecordBatch, DataFusionError> {
        let column = |name: &str, kind: &DataType| {
            let found = batch.column_by_name(name).ok_or_else(|| {
                DataFusionError::Plan(format!("the SELECT does not pass column {name} through"))
            })?;
            Ok::<_, DataFusionError>(cast(found, kind)?)
        };
        let [broken, warned, file, digest] = ["_broken", "_warned", "_file", "_file_digest"]
            .map(|name| column(name, &DataType::Utf8));
        let (broken, warned, file, digest) = (broken?, warned?, file?, digest?);
        let (broken, warned) = (as_string_array(&broken)?, as_string_array(&warned)?);
        let (file, digest) = (as_string_array(&file)?, as_string_array(&digest)?);
        let [rank, line] = ["_rank", "_line"].map(|name| column(name, &DataType::Int64));
        let (rank, line) = (rank?, line?);
        let (rank, line) = (as_int64_array(&rank)?, as_int64_array(&line)?);
        self.rows += batch.num_rows() as u64;
        for row in 0..batch.num_rows() {
            let is_current = broken.value(row).is_empty() && rank.value(row) == 1;
            if is_current && !warned.value(row).is_empty() {
                for rule in warned.value(row).split(SEPARATOR) {
                    *self.warned.entry(rule.to_owned()).or_default() += 1;
                }
            }
            if broken.value(row).is_empty() {
                continue;
            }
            let rules: Vec<_> = broken.value(row).split(SEPARATOR).collect();
            let first = contract.rules.iter().find(|rule| rule.name == rules[0]);
            let columns = first
                .map(|rule| rule.columns.as_slice())
                .unwrap_or_default();
            let column = columns.last().cloned().unwrap_or_default();
            let value = batch
                .column_by_name(&column)
                .map(|a| as_texts(&a.slice(row, 1)))
                .transpose()?;
            let value = value
                .filter(|v| v.is_valid(0))
                .map(|v| v.value(0).to_owned());
            self.refused.push(Refused {
                file: file.value(row).to_owned(),
                line: line.value(row),
                file_digest: digest.value(row).to_owned(),
                rule: rules[0].to_owned(),
                reason: reason(columns, &rules, value.as_deref()),
                value,
                column,
            });
        }
        let keep: BooleanArray = (0..batch.num_rows())
            .map(|row| Some(broken.value(row).is_empty() && rank.value(row) == 1))
            .collect();
        Ok(filter_record_batch(batch, &keep)?)
    }
}
