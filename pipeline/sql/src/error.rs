//! What can go wrong while SQL runs.

use std::path::PathBuf;

use datafusion::error::DataFusionError;
use schemas::TableName;

/// A failure of the SQL engine. Trying again helps only for [`SqlError::File`] and lack of memory or room.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// A SQL file is not one SELECT. Mend the file.
    #[error("{path}: {reason}", path = path.display())]
    NotASelect {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine refused or failed a query.
    #[error("{what}")]
    Engine {
        /// The table or query at work.
        what: String,
        /// What DataFusion said.
        source: Box<DataFusionError>,
    },
    /// A SELECT does not give a column that its contract promises, or gives another type. Mend the SQL or the contract.
    #[error("{table}: {reason}")]
    Mismatch {
        /// The table.
        table: TableName,
        /// The column and what is wrong with it.
        reason: String,
    },
    /// A silver SELECT lost or multiplied rows. It must be one to one with its bronze table: no WHERE, no fan-out.
    #[error(
        "{table}: {staged} rows from {bronze} bronze rows; a silver SELECT keeps every row, and leaves refusing to the contract"
    )]
    NotOneToOne {
        /// The table.
        table: TableName,
        /// Rows of the bronze table.
        bronze: u64,
        /// Rows of the SELECT.
        staged: u64,
    },
    /// Rows break a rule whose action is to fail the job.
    #[error("{table}: {rows} rows break rule {rule}")]
    RuleBroken {
        /// The table.
        table: TableName,
        /// The rule.
        rule: String,
        /// How many rows.
        rows: u64,
    },
    /// A file could not be read or written.
    #[error("cannot use {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SqlError {
    /// Wraps an engine's failure with the table or query at work.
    pub(crate) fn engine(what: impl ToString) -> impl FnOnce(DataFusionError) -> Self {
        let what = what.to_string();
        move |source| Self::Engine {
            what,
            source: Box::new(source),
        }
    }
}
