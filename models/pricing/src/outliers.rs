//! Rows too far out to learn from.

use tabular::metrics::weighted_quantile;

/// Says of each target whether it is more than `reach` robust deviations (1.4826 times the median distance from the median; Hampel, 1974) from
/// the median. Ask on the scale that the model is fitted on; 6 leaves out slips of the keyboard, not dear contracts.
#[must_use]
pub fn outliers(targets: &[f64], reach: f64) -> Vec<bool> {
    let ones = vec![1.0; targets.len()];
    let middle = weighted_quantile(0.5, targets, &ones).unwrap_or(0.0);
    let distances: Vec<f64> = targets.iter().map(|y| (y - middle).abs()).collect();
    let deviation = 1.4826 * weighted_quantile(0.5, &distances, &ones).unwrap_or(0.0);
    distances
        .iter()
        .map(|d| deviation > 0.0 && *d > reach * deviation)
        .collect()
}
