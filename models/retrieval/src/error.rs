//! What can go wrong with a collection.

use std::path::{Path, PathBuf};

/// Why a collection could not be built or opened.
#[derive(Debug, thiserror::Error)]
pub enum RetrievalError {
    /// The documents or vectors given to `build` contradict themselves. Mend the caller; trying again is of no help.
    #[error("invalid collection input: {reason}")]
    Invalid {
        /// What is wrong, naming the document.
        reason: String,
    },
    /// A file of the collection is not what `build` wrote. Refuse the snapshot and keep the previous one.
    #[error("corrupt collection file {file}: {reason}")]
    Corrupt {
        /// Name of the file or table within the collection.
        file: String,
        /// What was found.
        reason: String,
    },
    /// The file system failed; trying again may help.
    #[error("cannot access {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The Lance table could not be written or read; trying again may help when the cause is I/O.
    #[error("lance table {table} failed")]
    Table {
        /// Name of the table within the collection.
        table: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl RetrievalError {
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid {
            reason: reason.into(),
        }
    }

    pub(crate) fn corrupt(file: &str, reason: impl Into<String>) -> Self {
        Self::Corrupt {
            file: file.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn table(
        table: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Table {
            table: table.to_owned(),
            source: source.into(),
        }
    }
}
