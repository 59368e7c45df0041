//! Staged rows, told apart: kept, superseded, refused.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, BooleanArray, StringArray},
    compute::{cast, filter_record_batch},
    datatypes::DataType,
    record_batch::RecordBatch,
};
use datafusion::{
    common::cast::{as_int64_array, as_string_array},
    error::DataFusionError,
};
use schemas::Contract;

use crate::{
    keys::KeyRuns,
    quarantine::{Refused, as_texts},
    rules::SEPARATOR,
};

/// Says which rules a row breaks, and with what value.
fn reason(columns: &[String], rules: &[&str], value: Option<&str>) -> String {
    let (columns, rules) = (columns.join(", "), rules.join(", "));
    match value {
        Some(value) => format!("{columns} breaks {rules} with {value:?}"),
        None => format!("{columns} breaks {rules}: it has no value"),
    }
}

/// The staged rows, told apart. They come in the order of the key, of one key the latest first.
pub(super) struct Sorted {
    runs: KeyRuns,
    /// Whether the row to keep of the key of the last row was seen.
    is_taken: bool,
    /// How many there were.
    pub(super) rows: u64,
    /// Those that break a rule.
    pub(super) refused: Vec<Refused>,
    /// How many of those to keep break a rule that refuses no row, by rule.
    pub(super) warned: BTreeMap<String, u64>,
}

impl Sorted {
    pub(super) fn of(contract: &Contract) -> Self {
        Self {
            runs: KeyRuns::of(contract),
            is_taken: false,
            rows: 0,
            refused: Vec::new(),
            warned: BTreeMap::new(),
        }
    }

    /// Says of each row whether it is the one of its key to keep: the first that breaks no rule; or, where the query ranked them, the
    /// first of those.
    fn current(
        &mut self,
        batch: &RecordBatch,
        broken: &StringArray,
    ) -> Result<BooleanArray, DataFusionError> {
        let repeats = self.runs.repeats(batch)?;
        let rank = batch
            .column_by_name("_rank")
            .map(|rank| cast(rank, &DataType::Int64));
        let rank = rank.transpose()?;
        let rank = rank.as_ref().map(|rank| as_int64_array(rank)).transpose()?;
        let mut is_current = |row: usize| {
            self.is_taken &= repeats[row];
            let is_valid = broken.value(row).is_empty();
            let is_first = match rank {
                Some(rank) => rank.value(row) == 1,
                None => !self.is_taken,
            };
            self.is_taken |= is_valid;
            is_valid && is_first
        };
        Ok((0..batch.num_rows())
            .map(|row| Some(is_current(row)))
            .collect())
    }

    /// Counts a batch, notes its refused rows, and returns the rows to keep.
    pub(super) fn add(
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
        let line = column("_line", &DataType::Int64)?;
        let line = as_int64_array(&line)?;
        let keep = self.current(batch, broken)?;
        self.rows += batch.num_rows() as u64;
        for row in 0..batch.num_rows() {
            if keep.value(row) {
                count_marks(&mut self.warned, warned.value(row));
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
        Ok(filter_record_batch(batch, &keep)?)
    }
}

/// Counts the rules of one row's marks.
pub(super) fn count_marks(counts: &mut BTreeMap<String, u64>, marks: &str) {
    for rule in marks.split(SEPARATOR).filter(|rule| !rule.is_empty()) {
        *counts.entry(rule.to_owned()).or_default() += 1;
    }
}
