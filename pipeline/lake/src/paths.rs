//! Where each kind of file lies, relative to the lake.

use schemas::{Layer, TableName};

/// Returns the path of a table's immutable artefact, named by the fingerprint of the job that made it.
#[must_use]
pub fn version(table: &TableName, fingerprint: &str, extension: &str) -> String {
    format!(
        "{}/_versions/{}/{fingerprint}.{extension}",
        table.layer, table.name
    )
}

/// Returns the path at which readers find a table, replaced whole when a snapshot is announced.
#[must_use]
pub fn current(table: &TableName) -> String {
    format!("{}/{name}/{name}.parquet", table.layer, name = table.name)
}

/// Returns the path of the list of a published table's files, a line each: a table of several files is read where they are.
#[must_use]
pub fn current_files(table: &TableName) -> String {
    format!("{}/_versions/{}/CURRENT", table.layer, table.name)
}

/// Returns the path at which a job notes the fingerprint of the table that it made last, and in a second line the one before it.
#[must_use]
pub fn last_made(table: &TableName) -> String {
    format!("{}/_versions/{}/LAST", table.layer, table.name)
}

/// Returns the path of the bronze file made of one landing file.
#[must_use]
pub fn bronze_file(table: &str, fingerprint: &str, extension: &str) -> String {
    format!("bronze/{table}/{fingerprint}.{extension}")
}

/// Returns the path of the rows that a job refused.
#[must_use]
pub fn quarantine_file(layer: Layer, table: &str, fingerprint: &str) -> String {
    format!("quarantine/{layer}/{table}/{fingerprint}.parquet")
}
