//! What can go wrong with an index.

use std::path::{Path, PathBuf};

/// Why an index could not be built or opened.
#[derive(Debug, thiserror::Error)]
pub enum SuggestError {
    /// The entries contradict themselves or are too many. Mend the caller; trying again is of no help.
    #[error("invalid entries: {reason}")]
    Invalid {
        /// What is wrong.
        reason: String,
    },
    /// The file is not what `build` wrote. Refuse the snapshot and keep the previous one.
    #[error("corrupt suggestion index: {reason}")]
    Corrupt {
        /// What was found.
        reason: String,
    },
    /// The file system failed; trying again may help.
    #[error("cannot access {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl SuggestError {
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid {
            reason: reason.into(),
        }
    }

    pub(crate) fn corrupt(reason: impl Into<String>) -> Self {
        Self::Corrupt {
            reason: reason.into(),
        }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
