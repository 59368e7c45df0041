//! Why a contract, a name or a manifest was refused.

use std::path::PathBuf;

/// What can go wrong while contracts and names are read. Trying again never helps: mend the file named.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A contract file could not be read.
    #[error("cannot read {path}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A contract file is not valid TOML or has an unknown field.
    #[error("{path} is not a contract", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A contract contradicts itself or another one.
    #[error("contract {table}: {reason}")]
    Inconsistent {
        /// The table whose contract it is.
        table: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// No contract of that name: add `schemas/<layer>/<table>.toml`.
    #[error("no contract for table {0}: expected schemas/<layer>/<table>.toml")]
    UnknownTable(String),
    /// A name, date or tenant has the wrong shape.
    #[error("{value:?} is not a {what}: {expected}")]
    Malformed {
        /// What was expected, in a word.
        what: &'static str,
        /// What was given.
        value: String,
        /// The shape expected.
        expected: &'static str,
    },
}
