//! Why a landing file or a source mapping was refused.

use std::{
    io,
    path::{Path, PathBuf},
};

/// What can go wrong with a whole file; a bad row is no error, it is quarantined and counted.
#[derive(Debug, thiserror::Error)]
pub enum BronzeError {
    /// The landing file is not what its name or mapping says, or it is cut short. Nothing was written: report it, go on
    /// with the other files, and ask the source to send it again.
    #[error("{file} cannot be decoded: {reason}")]
    Undecodable {
        /// The landing file, relative to the landing root.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A source mapping contradicts itself or the contract: mend the file; trying again does not help.
    #[error("source mapping {file}: {reason}")]
    Mapping {
        /// The mapping file.
        file: String,
        /// What is wrong with it and what is expected.
        reason: String,
    },
    /// The disk failed or a path is wrong; nothing was written, and trying again may help.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BronzeError {
    /// Makes the adapter that says what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
