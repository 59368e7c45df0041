//! What models are fitted on.

use crate::{
    Kind,
    columns::Columns,
    features::{Purpose, Values},
};

/// What is known of a training row beside its features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// The deal that it is of: rows of one deal are never on both sides of a fold.
    pub deal: u64,
    /// When, in days since 1970-01-01.
    pub day: i64,
    /// The price in cents, or 1 where the deal came to its end and 0 where it did not.
    pub target: f64,
    /// What it counts; 0 where it is known to be abuse.
    pub weight: f32,
}

/// The rows that a model is fitted on.
#[derive(Debug, Clone)]
pub struct Rows {
    pub(crate) kind: Kind,
    pub(crate) columns: Columns,
    pub(crate) observed: Vec<Observed>,
    /// Digest of where they come from.
    pub(crate) data_digest: String,
}

impl Rows {
    /// Starts without a row; `data_digest` tells what they come from.
    #[must_use]
    pub fn new(kind: Kind, purpose: Purpose, data_digest: impl Into<String>) -> Self {
        Self {
            kind,
            columns: Columns::new(kind, purpose),
            observed: Vec::new(),
            data_digest: data_digest.into(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, values: &Values<'_>, observed: Observed) {
        self.columns.push(values);
        self.observed.push(observed);
    }

    pub(crate) fn targets(&self) -> Vec<f64> {
        self.observed.iter().map(|row| row.target).collect()
    }

    pub(crate) fn groups(&self) -> Vec<u64> {
        self.observed.iter().map(|row| row.deal).collect()
    }

    pub(crate) fn days(&self) -> Vec<i64> {
        self.observed.iter().map(|row| row.day).collect()
    }

    pub(crate) fn last_day(&self) -> i64 {
        self.days().into_iter().max().unwrap_or(0)
    }
}
