//! Why a node's page could not be read, or a limit not be used.

/// What can go wrong before there is anything to compare.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CanaryError {
    /// A line of the page is no sample. The address is not that of a node, or of one of another make; trying again does not help.
    #[error("no node's metrics: {line:?} is no sample")]
    Page {
        /// The line.
        line: String,
    },
    /// A limit that cannot be kept. Mend the setting.
    #[error("{name} is {value}; {wanted}")]
    Limit {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is wanted.
        wanted: &'static str,
    },
}
