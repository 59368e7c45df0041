//! A likelihood as a sum.

use serde::{Deserialize, Serialize};
use tabular::sigmoid;

/// What adds to a likelihood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// A feature, by its name.
    Feature(String),
    /// What calibration moved beyond a line.
    Calibration,
}

/// A likelihood with what makes it: `base` and all parts sum to `probability`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The likelihood where nothing is known, in [0, 1].
    pub base: f64,
    /// What is added to it, as shares of 1.
    pub parts: Vec<(Part, f64)>,
    /// The likelihood.
    pub probability: f64,
}

impl Explanation {
    /// Turns a sum of log odds into one of probabilities: all parts by the slope of the chord from the base to the prediction, the one rate that
    /// leaves no remainder and knows no order.
    pub(crate) fn new(base: f64, parts: Vec<(Part, f64)>) -> Self {
        let sum = parts.iter().fold(base, |sum, (_, part)| sum + part);
        let (start, end) = (sigmoid(base), sigmoid(sum));
        let apart = sum - base;
        let rate = if apart.abs() < 1e-6 {
            end * (1.0 - end)
        } else {
            (end - start) / apart
        };
        Self {
            base: start,
            parts: parts
                .into_iter()
                .map(|(of, part)| (of, part * rate))
                .collect(),
            probability: end,
        }
    }
}
