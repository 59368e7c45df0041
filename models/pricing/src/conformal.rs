//! Conformal calibration: how far each level must move so that it leaves the share below it that it says, on rows that the model has not
//! seen (Romano, Patterson and Candès, *Conformalized Quantile Regression*, NeurIPS 2019, each end by itself), with weights for rows that
//! matter less, such as old ones (Barber et al., *Conformal Prediction Beyond Exchangeability*, 2023).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

use crate::levels;

/// Rows to calibrate on: predictions that each row's own target had no part in.
#[derive(Debug, Clone, Copy)]
pub struct CalibrationRows<'a> {
    /// (rows × levels), rising.
    pub predicted: &'a [Vec<f64>],
    /// A target per row.
    pub targets: &'a [f64],
    /// A weight per row.
    pub weights: &'a [f64],
    /// A group per row: the place of its category; `NaN` where missing. None: all rows are of one group.
    pub groups: Option<&'a [f64]>,
}

/// Settings of the calibration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConformalParams {
    /// Rows below which a group has no shift of its own.
    pub least_rows: usize,
    /// Rows that the shift of all counts for in a group's.
    pub smoothing: f64,
}

impl Default for ConformalParams {
    fn default() -> Self {
        Self {
            least_rows: 100,
            smoothing: 100.0,
        }
    }
}

/// Shifts of the levels, in widths of the row's interval: wide intervals move further.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conformal {
    levels: Vec<f64>,
    shifts: Vec<f64>,
    /// By group, sorted.
    by_group: Vec<(u32, Vec<f64>)>,
    /// Widths below this count as this.
    least_width: f64,
}

impl Conformal {
    /// Fits the shifts.
    ///
    /// # Errors
    /// `Invalid` where there are no rows or no levels.
    pub fn fit(
        levels: &[f64],
        rows: CalibrationRows<'_>,
        params: ConformalParams,
    ) -> Result<Self, TabularError> {
        levels::check(levels)?;
        let some = rows.weights.iter().any(|weight| *weight > 0.0);
        require(some, "calibration rows", "there are none")?;
        let mut widths: Vec<f64> = rows.predicted.iter().map(|row| width(row)).collect();
        widths.sort_unstable_by(f64::total_cmp);
        // A tenth of the usual width: below it a score says more of the width than of the target.
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(1.0);
        let least_width = (usual / 10.0).max(f64::MIN_POSITIVE);
        let mut fitted = Self {
            levels: levels.to_vec(),
            shifts: Vec::new(),
            by_group: Vec::new(),
            least_width,
        };
        let all: Vec<usize> = (0..rows.targets.len()).collect();
        fitted.shifts = fitted.shifts_of(&all, rows);
        let mut of_group: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, group) in rows.groups.unwrap_or_default().iter().enumerate() {
            if !group.is_nan() {
                of_group.entry(*group as u32).or_default().push(row);
            }
        }
        for (group, members) in of_group {
            if members.len() < params.least_rows {
                continue;
            }
            let (own, count) = (fitted.shifts_of(&members, rows), members.len() as f64);
            let drawn = own.iter().zip(&fitted.shifts).map(|(own, all)| {
                (count * own + params.smoothing * all) / (count + params.smoothing)
            });
            let drawn = drawn.collect();
            fitted.by_group.push((group, drawn));
        }
        Ok(fitted)
    }

    fn shifts_of(&self, members: &[usize], rows: CalibrationRows<'_>) -> Vec<f64> {
        let of_level = |(at, level): (usize, &f64)| {
            let scores = members.iter().map(|row| {
                let predicted = &rows.predicted[*row];
                (rows.targets[*row] - predicted[at]) / self.width(predicted)
            });
            let weights: Vec<f64> = members.iter().map(|row| rows.weights[*row]).collect();
            conformal_quantile(*level, &scores.collect::<Vec<_>>(), &weights)
        };
        self.levels.iter().enumerate().map(of_level).collect()
    }

    fn width(&self, predicted: &[f64]) -> f64 {
        width(predicted).max(self.least_width)
    }

    /// Returns the levels after calibration: shifted, then put in order.
    #[must_use]
    pub fn apply(&self, predicted: &[f64], group: Option<f64>) -> Vec<f64> {
        let group = group
            .filter(|group| !group.is_nan())
            .map(|group| group as u32);
        let own = group.and_then(|group| {
            let found = self
                .by_group
                .binary_search_by_key(&group, |(key, _)| *key)
                .ok()?;
            Some(&self.by_group[found].1)
        });
        let shifts = own.unwrap_or(&self.shifts);
        let width = self.width(predicted);
        let shifted = predicted
            .iter()
            .zip(shifts)
            .map(|(value, shift)| value + shift * width);
        let mut shifted: Vec<f64> = shifted.collect();
        shifted.sort_by(f64::total_cmp);
        shifted
    }

    pub(crate) fn verify(&self, width: usize) -> Result<(), TabularError> {
        let finite = |shifts: &[f64]| shifts.len() == width && shifts.iter().all(|x| x.is_finite());
        let groups = self.by_group.iter().all(|(_, shifts)| finite(shifts));
        let sound = finite(&self.shifts) && groups && self.levels.len() == width;
        if sound && self.least_width.is_finite() && self.least_width > 0.0 {
            Ok(())
        } else {
            Err(TabularError::corrupt("the calibration is out of bounds"))
        }
    }
}

/// From the lowest level to the highest; 0 where there is one level.
fn width(predicted: &[f64]) -> f64 {
    match (predicted.first(), predicted.last()) {
        (Some(low), Some(high)) => high - low,
        _ => 0.0,
    }
}

/// The score that a new row stays below with the level's probability: a new row is one more row, which is put above all for upper levels
/// and below all for lower ones, so that the interval errs on the wide side.
fn conformal_quantile(level: f64, scores: &[f64], weights: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).filter(|at| weights[*at] > 0.0).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let total: f64 = order.iter().map(|at| weights[*at]).sum();
    let mean = total / order.len().max(1) as f64;
    let aim = level * (total + mean);
    let mut so_far = 0.0;
    let mut chosen = order.first().map_or(0.0, |at| scores[*at]);
    for at in order {
        so_far += weights[at];
        if level < 0.5 && so_far > aim * (1.0 + 1e-12) {
            break;
        }
        chosen = scores[at];
        if level >= 0.5 && so_far >= aim * (1.0 - 1e-12) {
            break;
        }
    }
    chosen
}
