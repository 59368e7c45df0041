//! Ingestion of one landing file: read, map, type, and part accepted rows from rejected ones.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use schemas::{Contract, PROVENANCE, Slot};
use serde::{Deserialize, Serialize};

use crate::{
    BronzeError, Mapping,
    mapping::{Outcome, Plan},
    sink::{ParquetFile, Quarantine, Sent, integer},
    source,
    typing::Typed,
};

/// What to ingest, and where to write it.
#[derive(Debug, Clone, Copy)]
pub struct Ingest<'a> {
    /// The landing contract of the table.
    pub contract: &'a Contract,
    /// How the file's records become its rows.
    pub mapping: &'a Mapping,
    /// The file, on this machine.
    pub path: &'a Path,
    /// The file's name relative to the landing root: it says the format, and goes into `_file`.
    pub file: &'a str,
    /// The BLAKE3 digest of the file, in hexadecimal.
    pub file_digest: &'a str,
    /// The slot of the run.
    pub slot: Slot,
    /// The Parquet file of accepted rows to write.
    pub accepted: &'a Path,
    /// The Parquet file of rejected records to write.
    pub rejected: &'a Path,
}

/// What became of a landing file; `rows_read` is the sum of the three counts that follow it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestReport {
    /// Records found in the file.
    pub rows_read: u64,
    /// Records that became bronze rows.
    pub rows_accepted: u64,
    /// Records that went to quarantine.
    pub rows_rejected: u64,
    /// Records that the mapping's `keep` left out.
    pub rows_not_selected: u64,
    /// Rejected records by the rule that they broke.
    pub rejected_by_rule: BTreeMap<String, u64>,
    /// Fields of the file that the mapping neither reads nor ignores; at most 200 of JSON.
    pub unknown_columns: Vec<String>,
    /// Contract columns for which the file has no field at all: null on every row.
    pub missing_columns: Vec<String>,
}

/// Ingests one landing file: writes its accepted rows (the contract's columns, then provenance) and its rejected records
/// (the quarantine schema), both also when there are none. The two files appear together at the end, or not at all.
///
/// # Errors
/// [`BronzeError::Undecodable`] where the file is at fault, [`BronzeError::Io`] where the disk is.
pub fn ingest(request: &Ingest<'_>) -> Result<IngestReport, BronzeError> {
    let scratch = Scratch::beside(request.accepted);
    let mut source = source::open(request.path, request.file, request.mapping, &scratch.0)
        .map_err(|error| unreadable(request, error))?;
    let mut plan = Plan::new(request.mapping, request.contract, source.header());
    let has_header = source.header().is_some_and(|header| !header.is_empty());
    if has_header && !plan.is_plausible() {
        return Err(undecodable(
            request,
            format!(
                "it has none of the columns that table {} reads from it; it has {}",
                request.contract.table.name,
                source.header().unwrap_or_default().join(", ")
            ),
        ));
    }
    let mut accepted = ParquetFile::create(request.accepted, columns(request.contract))?;
    let mut rejected = Quarantine::create(request)?;
    let mut report = IngestReport::default();
    while let Some(record) = source
        .next_record()
        .map_err(|error| unreadable(request, error))?
    {
        report.rows_read += 1;
        let sent = Sent::from(&record);
        match plan.apply(&record) {
            Outcome::NotSelected => report.rows_not_selected += 1,
            Outcome::Accepted(row) => {
                report.rows_accepted += 1;
                let provenance = [
                    Typed::Text(request.file.into()),
                    integer(Some(record.line)),
                    integer(record.offset),
                    Typed::Text(request.file_digest.into()),
                    Typed::Day(request.slot.days_since_epoch()),
                ];
                accepted.push(row.iter().chain(&provenance))?;
            }
            Outcome::Rejected(rejection) => {
                report.rows_rejected += 1;
                rejected.push(sent, &rejection)?;
                *report.rejected_by_rule.entry(rejection.rule).or_default() += 1;
            }
        }
    }
    report.unknown_columns = plan.unknown_columns();
    report.missing_columns = match has_header || report.rows_read > 0 {
        true => plan.missing_columns(),
        false => Vec::new(),
    };
    let mut rejected = rejected.into_file();
    accepted.close()?;
    rejected.close()?;
    rejected.publish()?;
    accepted.publish().inspect_err(|_| {
        // Half of the outcome is worse than none; the failure itself is what the caller hears of.
        let _ = fs::remove_file(request.rejected);
    })?;
    Ok(report)
}

fn columns(contract: &Contract) -> impl Iterator<Item = (&str, schemas::ColumnKind)> {
    let own = contract.columns.iter();
    own.map(|column| (column.name.as_str(), column.kind))
        .chain(PROVENANCE)
}

/// Parts what the disk says, which trying again may mend, from what the file's content says.
fn unreadable(request: &Ingest<'_>, error: io::Error) -> BronzeError {
    let is_of_the_content = error.raw_os_error().is_none()
        && matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        );
    match is_of_the_content {
        true => undecodable(request, error.to_string()),
        false => BronzeError::io("read", request.path)(error),
    }
}

fn undecodable(request: &Ingest<'_>, reason: String) -> BronzeError {
    BronzeError::Undecodable {
        file: request.file.to_owned(),
        reason,
    }
}

/// A file that exists at most as long as the ingestion.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".unpacked");
        Self(PathBuf::from(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Only a compressed Parquet file makes it.
        let _ = fs::remove_file(&self.0);
    }
}
