//! What was measured where a likelihood was fitted.

use serde::{Deserialize, Serialize};
use tabular::Evidence;
use tabular::metrics::ReliabilityBin;

use crate::calibration::CalibrationKind;

/// A candidate's loss with one calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateLoss {
    /// Its name.
    pub name: String,
    /// How its scores were calibrated, by other folds' rows.
    pub calibration: CalibrationKind,
    /// Mean log loss out of fold.
    pub log_loss: f64,
    /// Expected calibration error, in 10 bins.
    pub calibration_error: f64,
}

/// Measures of a fit; all of rows that neither model nor calibration had seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows judged.
    pub rows: usize,
    /// Share of yes among them.
    pub base_rate: f64,
    /// Log loss of the share of yes of the training rows: what knows no feature.
    pub constant: f64,
    /// Every candidate with every calibration.
    pub candidates: Vec<CandidateLoss>,
    /// The best of them.
    pub champion: CandidateLoss,
    /// Brier score of the champion.
    pub brier: f64,
    /// What the champion said and what happened, in 10 bins.
    pub reliability: Vec<ReliabilityBin>,
}

impl Report {
    /// Returns what the gate judges; `champion` is the log loss of the model in place on the same rows.
    #[must_use]
    pub fn evidence(&self, champion: Option<f64>) -> Evidence {
        let skill = if self.constant > 0.0 {
            1.0 - self.champion.log_loss / self.constant
        } else {
            0.0
        };
        Evidence {
            skill,
            challenger: self.champion.log_loss,
            champion,
            gap: self.champion.calibration_error,
        }
    }
}
