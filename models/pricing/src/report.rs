//! What was measured where a price model was fitted.

use serde::{Deserialize, Serialize};
use tabular::Evidence;

/// A candidate's loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateLoss {
    /// Its name.
    pub name: String,
    /// Mean pinball loss out of fold, over rows and levels, on the model's scale, before calibration.
    pub pinball: f64,
}

/// How often the interval held a group's prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The category of the calibration group; none for all rows.
    pub group: Option<String>,
    /// Rows judged.
    pub rows: usize,
    /// Share of prices from the lowest level to the highest, by calibrations that had not seen them.
    pub share: f64,
}

/// How a fold did: in folds by time, a loss that rises from fold to fold is drift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldMeasure {
    /// Rows judged.
    pub rows: usize,
    /// Loss of the champion, calibrated by the other folds.
    pub calibrated: f64,
    /// Share of prices from the lowest level to the highest.
    pub coverage: f64,
}

/// Measures of a fit; all of rows that the judged model had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows that a model was judged on.
    pub rows: usize,
    /// Loss of the quantiles of all training rows: what knows no feature.
    pub constant: f64,
    /// Loss of each candidate; the least is the champion's.
    pub candidates: Vec<CandidateLoss>,
    /// The champion's name.
    pub champion: String,
    /// Its loss.
    pub pinball: f64,
    /// Its loss after calibration.
    pub calibrated: f64,
    /// Coverage of all rows, then of each group.
    pub coverage: Vec<Coverage>,
    /// Each fold, in order.
    pub folds: Vec<FoldMeasure>,
}

impl Report {
    /// Returns the share of the constant's loss that the model spares; 0 where it has learnt nothing.
    #[must_use]
    pub fn skill(&self) -> f64 {
        if self.constant > 0.0 {
            1.0 - self.pinball / self.constant
        } else {
            0.0
        }
    }

    /// Returns what the gate judges; `champion` is the loss of the model in place on the same rows, and `promised` the share of prices that
    /// the levels' interval should hold.
    #[must_use]
    pub fn evidence(&self, champion: Option<f64>, promised: f64) -> Evidence {
        let coverage = self.coverage.first().map_or(f64::NAN, |all| all.share);
        Evidence {
            skill: self.skill(),
            challenger: self.pinball,
            champion,
            gap: promised - coverage,
        }
    }
}
