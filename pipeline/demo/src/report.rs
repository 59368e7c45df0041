//! What a generation did, and how far it is.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DemoReport {
    /// By landing table.
    pub tables: BTreeMap<String, TableReport>,
    /// Planted bad rows.
    pub bad_rows: u64,
    /// Lines of the truth file.
    pub truths: u64,
}

/// What was written of one table; the truncated file and the file landed twice are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Landing files.
    pub files: u64,
    /// Rows, planted bad rows included.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Planted rows that bronze must refuse.
    pub bad_bronze: u64,
    /// Planted rows that silver must refuse.
    pub bad_silver: u64,
    /// Rows that a later state of the same key supersedes.
    pub superseded: u64,
}

/// A step of a generation, given to the progress callback every few thousand rows and at each
/// table's end.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The table being written.
    pub table: &'a str,
    /// Rows written so far.
    pub rows: u64,
    /// Rows expected, within a few per cent.
    pub expected: u64,
    /// Whether this stream of rows is complete.
    pub is_done: bool,
}

impl std::fmt::Display for DemoReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = |count: fn(&TableReport) -> u64| self.tables.values().map(count).sum::<u64>();
        let (rows, files, bytes) = (sum(|t| t.rows), sum(|t| t.files), sum(|t| t.bytes));
        writeln!(
            f,
            "demo market: {rows} rows in {files} files, {} KiB",
            bytes >> 10
        )?;
        let (bad, truths) = (self.bad_rows, self.truths);
        write!(
            f,
            "planted: {bad} bad rows, {truths} truths in all, listed in the truth file"
        )
    }
}
