//! What a number adds beyond a line: points joined by lines.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

use crate::calibration::interpolated;

/// The ramps of a number: the n-th rises from 0 to 1 between the n-th knot and the next. Each is taken from its mean, so that a missing number
/// stands at 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ramps {
    knots: Vec<f64>,
    means: Vec<f64>,
}

impl Ramps {
    /// Puts knots where the values fall into `parts` of equal size; none where fewer than two parts differ. Rows of no weight have no say.
    pub(crate) fn fit(values: &[f64], weights: &[f64], parts: usize) -> Option<Self> {
        let counted = || {
            let rows = values.iter().zip(weights);
            rows.filter(|(x, w)| !x.is_nan() && **w > 0.0)
        };
        let mut sorted: Vec<f64> = counted().map(|(x, _)| *x).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let mut knots: Vec<f64> = (0..=parts).map(|at| sorted[at * last / parts]).collect();
        // Sorted, and each beyond the one before by what a ramp can still be drawn over.
        let least = 1e-9 * (1.0 + sorted[0].abs().max(sorted[last].abs()));
        knots.dedup_by(|next, before| *next - *before <= least);
        if knots.len() < 3 {
            return None;
        }
        let mut ramps = Self {
            means: vec![0.0; knots.len() - 1],
            knots,
        };
        let total: f64 = counted().map(|(_, w)| w).sum();
        let mut sums = ramps.means.clone();
        for (x, weight) in counted() {
            let row = ramps.row(*x);
            sums.iter_mut()
                .zip(row)
                .for_each(|(sum, ramp)| *sum += weight * ramp);
        }
        ramps.means = sums.into_iter().map(|sum| sum / total).collect();
        Some(ramps)
    }

    /// Returns how many ramps there are.
    pub(crate) fn width(&self) -> usize {
        self.means.len()
    }

    /// Returns the ramps of a value.
    pub(crate) fn row(&self, value: f64) -> Vec<f64> {
        let ends = self.knots.windows(2).zip(&self.means);
        ends.map(|(ends, mean)| {
            if value.is_nan() {
                0.0
            } else {
                ((value - ends[0]) / (ends[1] - ends[0])).clamp(0.0, 1.0) - mean
            }
        })
        .collect()
    }

    /// Returns the curve whose ramps rise by so much.
    pub(crate) fn curve(&self, rises: &[f64]) -> Curve {
        let mean: f64 = self.means.iter().zip(rises).map(|(m, r)| m * r).sum();
        let mut height = -mean;
        let mut points = vec![(self.knots[0], height)];
        for (knot, rise) in self.knots[1..].iter().zip(rises) {
            height += rise;
            points.push((*knot, height));
        }
        Curve { points }
    }
}

/// Points (value, log odds) joined by lines, flat beyond the ends; a missing value stands at 0, which is the mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Curve {
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// Returns what a value adds.
    pub(crate) fn of(&self, value: f64) -> f64 {
        if value.is_nan() {
            0.0
        } else {
            interpolated(&self.points, value)
        }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
        let rising = self.points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !self.points.is_empty() && self.points.iter().all(finite) && rising {
            Ok(())
        } else {
            Err(TabularError::corrupt("a curve is out of bounds"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_the_sum_of_its_ramps() {
        let values = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, f64::NAN];
        let ramps = Ramps::fit(&values, &[1.0; 9], 4).unwrap();
        let rises = [0.5, -1.0, 2.0, 0.25];
        let curve = ramps.curve(&rises);
        for value in [-3.0, 0.0, 0.4, 2.5, 7.0, 21.0, 90.0, f64::NAN] {
            let ramps = ramps.row(value);
            let sum: f64 = ramps
                .iter()
                .zip(rises)
                .map(|(ramp, rise)| ramp * rise)
                .sum();
            assert!((curve.of(value) - sum).abs() < 1e-12, "at {value}");
        }
        let mean: f64 = values.iter().map(|value| curve.of(*value)).sum();
        assert!(mean.abs() < 1e-12);
        assert!(curve.verify().is_ok());
    }

    #[test]
    fn what_has_two_values_has_no_curve() {
        assert!(Ramps::fit(&[0.0, 1.0, 1.0, 0.0, f64::NAN], &[1.0; 5], 8).is_none());
        assert!(Ramps::fit(&[f64::NAN; 3], &[1.0; 3], 8).is_none());
        // The third value is in a row that does not count.
        assert!(Ramps::fit(&[0.0, 1.0, 2.0], &[1.0, 1.0, 0.0], 8).is_none());
        assert!(Ramps::fit(&[0.0, 1.0, 2.0], &[1.0; 3], 8).is_some());
    }
}
