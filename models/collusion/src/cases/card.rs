//! What was measured where cases were learnt from.

use serde::{Deserialize, Serialize};
use tabular::metrics::{brier, log_loss};

/// Whose score stands, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseVerdict {
    /// The learned one: better than the combination on firms that it had not seen, and on what came later.
    Learned,
    /// The combination: too few cases are confirmed or cleared, or their firms cannot be parted.
    TooFew,
    /// The combination: what was learned is hardly better than a constant.
    LearntNothing,
    /// The combination: what was learned is no better than it.
    NoGain,
}

/// How rows were parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// No firm of a judged case is in any case that was learnt from.
    Firms,
    /// Only cases that were decided earlier were learnt from.
    Time,
}

/// How good probabilities were.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Mean log loss.
    pub log_loss: f64,
    /// Brier score.
    pub brier: f64,
    /// Chance that a confirmed case is above a cleared one, ties by half; none where all are of one sort.
    pub auc: Option<f64>,
}

impl Measures {
    pub(crate) fn new(targets: &[f64], said: &[f64]) -> Self {
        Self {
            log_loss: log_loss(targets, said),
            brier: brier(targets, said),
            auc: auc(targets, said),
        }
    }
}

/// How a fold did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FoldMeasure {
    /// How it was parted.
    pub split: Split,
    /// Cases learnt from.
    pub learnt_from: usize,
    /// Cases judged.
    pub judged: usize,
    /// Confirmed ones among them.
    pub confirmed: usize,
    /// The combination, calibrated on the other folds.
    pub combination: Measures,
    /// The learned score.
    pub learned: Measures,
}

/// What was learnt from cases about one sort of subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseCard {
    /// The sort: `pair` or `auction`.
    pub subject: String,
    /// Whose score stands.
    pub verdict: CaseVerdict,
    /// Confirmed cases.
    pub confirmed: usize,
    /// Cleared cases.
    pub cleared: usize,
    /// Log loss of the share of confirmed cases of the training rows, on firms unseen.
    pub constant: Option<f64>,
    /// The combination on all judged cases, firms unseen.
    pub combination: Option<Measures>,
    /// The learned score on the same cases.
    pub learned: Option<Measures>,
    /// Each fold.
    pub folds: Vec<FoldMeasure>,
    /// BLAKE3 of the detection's inputs and the verdicts, in hexadecimal.
    pub inputs: String,
}

/// The area under the ROC curve (Mann and Whitney's U over its largest value).
fn auc(targets: &[f64], said: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..said.len()).collect();
    order.sort_by(|a, b| said[*a].total_cmp(&said[*b]));
    let yes = targets.iter().filter(|y| **y > 0.5).count();
    let no = targets.len() - yes;
    if yes == 0 || no == 0 {
        return None;
    }
    let (mut below, mut sum) = (0, 0.0);
    for ties in order.chunk_by(|a, b| said[*a] == said[*b]) {
        let hits = ties.iter().filter(|at| targets[**at] > 0.5).count();
        let misses = ties.len() - hits;
        sum += hits as f64 * (below as f64 + misses as f64 / 2.0);
        below += misses;
    }
    Some(sum / (yes as f64 * no as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_all_pairs() {
        let (y, p) = ([1.0, 0.0, 1.0, 0.0], [0.8, 0.3, 0.3, 0.1]);
        assert_eq!(auc(&y, &p), Some(3.5 / 4.0));
        assert_eq!(auc(&[1.0, 1.0], &[0.1, 0.2]), None);
    }
}
