//! How good predictions are.

use serde::{Deserialize, Serialize};

/// Returns the pinball (quantile) loss of one prediction at `level` (Koenker and Bassett, *Regression Quantiles*, 1978).
#[must_use]
pub fn pinball(level: f64, target: f64, predicted: f64) -> f64 {
    let error = target - predicted;
    (level * error).max((level - 1.0) * error)
}

/// Returns the mean pinball loss over rows and levels. `predicted` is (rows × levels).
#[must_use]
pub fn mean_pinball(levels: &[f64], targets: &[f64], predicted: &[Vec<f64>]) -> f64 {
    let row_loss = |(target, row): (&f64, &Vec<f64>)| -> f64 {
        let losses = levels.iter().zip(row);
        losses
            .map(|(level, at)| pinball(*level, *target, *at))
            .sum()
    };
    let sum: f64 = targets.iter().zip(predicted).map(row_loss).sum();
    sum / (targets.len() * levels.len()).max(1) as f64
}

/// Returns the share of targets within [low, high], both ends included. `intervals` is one pair per target.
#[must_use]
pub fn coverage(targets: &[f64], intervals: &[(f64, f64)]) -> f64 {
    let within = targets.iter().zip(intervals);
    let count = within.filter(|(y, (low, high))| low <= *y && *y <= high);
    count.count() as f64 / targets.len().max(1) as f64
}

/// Returns the mean negative log likelihood of yes (1) and no (0); lower is better. Probabilities are kept `1e-15` off 0 and 1.
#[must_use]
pub fn log_loss(targets: &[f64], probabilities: &[f64]) -> f64 {
    let rows = targets.iter().zip(probabilities);
    let sum: f64 = rows
        .map(|(y, p)| {
            let p = p.clamp(1e-15, 1.0 - 1e-15);
            -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
        })
        .sum();
    sum / targets.len().max(1) as f64
}

/// Returns the mean squared distance of probabilities from what happened (Brier, 1950).
#[must_use]
pub fn brier(targets: &[f64], probabilities: &[f64]) -> f64 {
    let rows = targets.iter().zip(probabilities);
    rows.map(|(y, p)| (y - p) * (y - p)).sum::<f64>() / targets.len().max(1) as f64
}

/// A bin of a reliability plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Rows in it.
    pub rows: usize,
    /// Mean probability that was said.
    pub said: f64,
    /// Share that happened.
    pub happened: f64,
}

/// Returns the reliability of probabilities in `bins` bins of equal width over [0, 1]; empty bins are left out.
#[must_use]
pub fn reliability(targets: &[f64], probabilities: &[f64], bins: usize) -> Vec<ReliabilityBin> {
    let mut sums = vec![(0_usize, 0.0, 0.0); bins.max(1)];
    for (y, p) in targets.iter().zip(probabilities) {
        let place = ((p * bins as f64) as usize).min(sums.len() - 1);
        let (rows, said, happened) = &mut sums[place];
        *rows += 1;
        *said += p;
        *happened += y;
    }
    let filled = sums.into_iter().filter(|(rows, ..)| *rows > 0);
    filled
        .map(|(rows, said, happened)| ReliabilityBin {
            rows,
            said: said / rows as f64,
            happened: happened / rows as f64,
        })
        .collect()
}

/// Returns the expected calibration error over `bins` bins of equal width: the mean distance of what was said from what happened, by
/// rows (Naeini, Cooper and Hauskrecht, *Obtaining Well Calibrated Probabilities*, AAAI 2015).
#[must_use]
pub fn calibration_error(targets: &[f64], probabilities: &[f64], bins: usize) -> f64 {
    let bins = reliability(targets, probabilities, bins);
    let sum: f64 = bins
        .iter()
        .map(|bin| bin.rows as f64 * (bin.said - bin.happened).abs())
        .sum();
    sum / targets.len().max(1) as f64
}

/// Returns the smallest value such that at least `level` of the total weight is at or below it: the inverse of the weighted empirical
/// distribution. None where there is no weight.
#[must_use]
pub fn weighted_quantile(level: f64, values: &[f64], weights: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|at| weights[*at] > 0.0).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let total: f64 = order.iter().map(|at| weights[*at]).sum();
    let mut so_far = 0.0;
    for at in &order {
        so_far += weights[*at];
        // A hair of slack, so that a sum of tenths that should reach the level does.
        if so_far >= level * total * (1.0 - 1e-12) {
            return Some(values[*at]);
        }
    }
    order.last().map(|at| values[*at])
}
