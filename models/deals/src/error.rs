//! What can go wrong with models of deals.

use tabular::TabularError;

/// Why models cannot be fitted, stored or read.
#[derive(Debug, thiserror::Error)]
pub enum DealError {
    /// A fit failed, or a stored model is damaged. Trying again is of no help.
    #[error("model {model}")]
    Model {
        /// The model's name.
        model: String,
        /// The cause.
        source: TabularError,
    },
    /// The cards or rules are not what the pipeline writes. Publish again.
    #[error("{file} is malformed")]
    Malformed {
        /// The file.
        file: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// A file cannot be read or written. Trying again may help.
    #[error("cannot use {file}")]
    Io {
        /// The file.
        file: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl DealError {
    /// Says whether the same folder may open later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn model(name: &str) -> impl FnOnce(TabularError) -> Self {
        let model = name.to_owned();
        |source| Self::Model { model, source }
    }

    pub(crate) fn io(file: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        |source| Self::Io { file, source }
    }
}
