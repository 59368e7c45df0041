//! A prediction as a sum.

use serde::{Deserialize, Serialize};

/// A base value and what each feature, in the schema's order, adds to it; together they are the prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// What is predicted where nothing is known.
    pub base: f64,
    /// What each feature adds.
    pub parts: Vec<f64>,
}

impl Attribution {
    /// Returns the sum: the prediction, but for rounding.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.parts.iter().fold(self.base, |sum, part| sum + part)
    }
}
