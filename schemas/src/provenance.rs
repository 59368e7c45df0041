//! Columns that say where a row came from.

use crate::{Column, ColumnKind, Pii};

/// Provenance columns of every bronze row: name and type.
pub const PROVENANCE: [(&str, ColumnKind); 5] = [
    ("_file", ColumnKind::String),
    ("_line", ColumnKind::Int),
    ("_offset", ColumnKind::Int),
    ("_file_digest", ColumnKind::String),
    ("_slot", ColumnKind::Date),
];

/// Columns of a quarantine table, after which comes only `raw_bytes` (binary, set where `raw` is lossy).
pub const QUARANTINE_COLUMNS: [(&str, ColumnKind); 12] = [
    ("table", ColumnKind::String),
    ("layer", ColumnKind::String),
    ("rule", ColumnKind::String),
    ("column", ColumnKind::String),
    ("value", ColumnKind::String),
    ("reason", ColumnKind::String),
    ("file", ColumnKind::String),
    ("file_digest", ColumnKind::String),
    ("line", ColumnKind::Int),
    ("offset", ColumnKind::Int),
    ("raw", ColumnKind::String),
    ("slot", ColumnKind::Date),
];

/// Returns the provenance columns as contract columns, in order.
pub(crate) fn columns() -> Vec<Column> {
    let describe = |name: &str| match name {
        "_file" => "Landing file, relative to the landing root.",
        "_line" => "Line (CSV, JSON lines) or element (JSON array, Parquet) of the record, from 1.",
        "_offset" => "Byte offset of the record in the decompressed file.",
        "_file_digest" => "BLAKE3 digest of the landing file, in hexadecimal.",
        _ => "Slot of the run that ingested the file.",
    };
    PROVENANCE
        .iter()
        .map(|&(name, kind)| Column {
            name: name.to_owned(),
            kind,
            unit: None,
            is_nullable: name == "_offset",
            pii: Pii::None,
            description: describe(name).to_owned(),
        })
        .collect()
}
