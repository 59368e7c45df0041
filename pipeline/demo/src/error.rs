//! What can go wrong while the demo market is written.

use std::path::PathBuf;

/// Failure of the demo market generator.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file cannot be read or written: free the disk or mend the rights, then run again.
    #[error("demo file {} cannot be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The settings cannot be used: correct `data/demo.toml`; running again does not help.
    #[error("demo settings: {reason}")]
    Settings {
        /// What is wrong, with the setting's name.
        reason: String,
    },
    /// The truth file lies in the landing area, where a run would ingest it: choose another place.
    #[error("truth file {} lies inside the landing area", path.display())]
    TruthInLanding {
        /// The refused path.
        path: PathBuf,
    },
}

impl DemoError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn settings(reason: impl Into<String>) -> Self {
        Self::Settings {
            reason: reason.into(),
        }
    }
}
