//! What boosting makes small.

use serde::{Deserialize, Serialize};

/// The loss that trees are grown against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Loss {
    /// Squared error: predicts the mean.
    Squared,
    /// Pinball at a level in (0, 1): predicts that quantile.
    Pinball(f64),
    /// Logistic, for targets 0 and 1: predicts log odds.
    Logistic,
    /// NDCG of the first `depth` of each list, by exchanging pairs (LambdaMART): predicts a score that says nothing but which row of a list is
    /// better. Wants [`crate::Lists`].
    Ranked {
        /// Places that count.
        depth: usize,
    },
}

/// Returns `1 / (1 + e^-x)`.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// Returns the log odds of a probability, which is kept `1e-9` off 0 and 1.
#[must_use]
pub fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

impl Loss {
    /// The best constant.
    pub(super) fn start(self, targets: &[f64], weights: &[f64]) -> f64 {
        let total: f64 = weights.iter().sum();
        let mean = targets.iter().zip(weights).map(|(y, w)| y * w).sum::<f64>() / total;
        match self {
            Self::Squared => mean,
            Self::Logistic => log_odds(mean),
            Self::Ranked { .. } => 0.0,
            Self::Pinball(level) => {
                let mut rows: Vec<_> = targets
                    .iter()
                    .copied()
                    .zip(weights.iter().copied())
                    .collect();
                middle_quantile(level, &mut rows)
            }
        }
    }

    /// First and second derivative by the prediction; none of a row alone where rows of a list are compared.
    pub(super) fn derivatives(self, target: f64, predicted: f64) -> (f64, f64) {
        match self {
            Self::Squared => (predicted - target, 1.0),
            Self::Pinball(level) if predicted >= target => (1.0 - level, 1.0),
            Self::Pinball(level) => (-level, 1.0),
            Self::Logistic => {
                let p = sigmoid(predicted);
                (p - target, (p * (1.0 - p)).max(1e-12))
            }
            Self::Ranked { .. } => (0.0, 0.0),
        }
    }
}

/// The quantile of (value, weight) pairs, linear between the middles of the values' weights (Hazen's definition with weights). 0 where
/// there are none.
pub(super) fn middle_quantile(level: f64, rows: &mut [(f64, f64)]) -> f64 {
    let Some((_, first)) = rows.first().copied() else {
        return 0.0;
    };
    if rows.iter().all(|row| row.1 == first) {
        return of_equal_weights(level, rows);
    }
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = rows.iter().map(|row| row.1).sum();
    let (mut so_far, mut before) = (0.0, None);
    for (value, weight) in rows.iter().filter(|row| row.1 > 0.0) {
        let place = (so_far + weight / 2.0) / total;
        if place >= level {
            return match before {
                None => *value,
                Some((last_place, last)) => {
                    last + (value - last) * (level - last_place) / (place - last_place)
                }
            };
        }
        so_far += weight;
        before = Some((place, *value));
    }
    before.map_or(0.0, |(_, value)| value)
}

/// The same without sorting all: the two neighbours are enough.
fn of_equal_weights(level: f64, rows: &mut [(f64, f64)]) -> f64 {
    let place = (level * rows.len() as f64 - 0.5).clamp(0.0, rows.len() as f64 - 1.0);
    let low = place as usize;
    let (_, at, above) = rows.select_nth_unstable_by(low, |a, b| a.0.total_cmp(&b.0));
    let at = at.0;
    let next = above.iter().map(|row| row.0).reduce(f64::min).unwrap_or(at);
    at + (next - at) * (place - low as f64)
}

#[cfg(test)]
mod tests {
    use super::middle_quantile;

    #[test]
    fn equal_weights_and_almost_equal_ones_have_one_quantile() {
        for rows in [1_u32, 2, 3, 10, 57] {
            for level in [0.02, 0.1, 0.5, 0.77, 0.98] {
                let value = |at: u32| f64::from(at * 31 % rows);
                let mut equal: Vec<_> = (0..rows).map(|at| (value(at), 1.0)).collect();
                let mut almost: Vec<_> = (0..rows).map(|at| (value(at), 1.0)).collect();
                almost[0].1 += 1e-12;
                let (a, b) = (
                    middle_quantile(level, &mut equal),
                    middle_quantile(level, &mut almost),
                );
                assert!((a - b).abs() < 1e-6, "{a} {b} of {rows} at {level}");
            }
        }
    }
}
