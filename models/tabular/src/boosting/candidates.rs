//! The best split of a leaf.

use super::bins::{FeatureBins, MISSING};
use super::histogram::{Histogram, Sums};
use super::params::{CheckedBoostParams, Direction};

/// Steadies the order of categories, and leaves those with fewer rows out of it, as LightGBM's `cat_smooth`.
const CATEGORY_SMOOTHING: f64 = 10.0;
/// Ridge added for splits by category, which overfit more easily, as LightGBM's `cat_l2`.
const CATEGORY_RIDGE: f64 = 10.0;
/// Gain below which a split is rounding, not learning.
const LEAST_GAIN: f64 = 1e-9;

/// Which bins go left.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Side {
    /// Bins up to this one, but for that of missing values.
    UpTo(u16),
    /// These bins.
    These(Vec<u16>),
}

/// A split and how good it is.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) feature: usize,
    pub(super) side: Side,
    pub(super) missing_left: bool,
    pub(super) gain: f64,
    pub(super) left: Sums,
}

impl Candidate {
    /// Says of each of a feature's bins whether it goes left.
    pub(super) fn left_bins(&self, count: usize) -> Vec<bool> {
        let mut left = vec![false; count];
        match &self.side {
            Side::UpTo(last) => left[1..=usize::from(*last)].fill(true),
            Side::These(bins) => bins.iter().for_each(|bin| left[usize::from(*bin)] = true),
        }
        left[usize::from(MISSING)] = self.missing_left;
        left
    }
}

/// Looks for the best split.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) params: &'a CheckedBoostParams,
    pub(super) bins: &'a [FeatureBins],
    /// Direction by feature.
    pub(super) directions: &'a [Option<Direction>],
    pub(super) used: &'a [usize],
}

impl Search<'_> {
    /// Returns the split of most gain; the first feature wins a tie.
    pub(super) fn best(&self, histogram: &Histogram, total: Sums) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for (sums, feature) in histogram.iter().zip(self.used) {
            if self.bins[*feature].edges.is_some() {
                self.numbers(*feature, sums, total, &mut best);
            } else {
                self.categories(*feature, sums, total, &mut best);
            }
        }
        best
    }

    fn numbers(&self, feature: usize, sums: &[Sums], total: Sums, best: &mut Option<Candidate>) {
        let missing = sums[usize::from(MISSING)];
        let ways: &[bool] = if missing.rows > 0 {
            &[false, true]
        } else {
            &[false]
        };
        for missing_left in ways {
            let mut left = if *missing_left {
                missing
            } else {
                Sums::default()
            };
            // The last bin never ends a left side, but where missing values alone go right.
            let end = if missing.rows > 0 && !missing_left {
                sums.len()
            } else {
                sums.len() - 1
            };
            for (bin, sum) in sums.iter().enumerate().take(end).skip(1) {
                if sum.rows == 0 {
                    continue;
                }
                left.add(*sum);
                let offer = || (Side::UpTo(bin as u16), *missing_left);
                self.offer(feature, left, total, self.params.ridge, offer, best);
            }
        }
    }

    fn categories(&self, feature: usize, sums: &[Sums], total: Sums, best: &mut Option<Candidate>) {
        let mut order: Vec<usize> = (0..sums.len())
            .filter(|bin| f64::from(sums[*bin].rows) >= CATEGORY_SMOOTHING)
            .collect();
        let key = |bin: &usize| sums[*bin].gradient / (sums[*bin].hessian + CATEGORY_SMOOTHING);
        order.sort_by(|a, b| key(a).total_cmp(&key(b)));
        // Rare categories go right whichever way the order is read, so both ways are tried.
        for _ in 0..2 {
            let (mut left, mut since) = (Sums::default(), 0);
            for (place, bin) in order.iter().enumerate() {
                left.add(sums[*bin]);
                since += sums[*bin].rows as usize;
                let right = (total.rows - left.rows) as usize;
                if since < self.params.category_rows || right < self.params.category_rows {
                    continue;
                }
                since = 0;
                let taken = &order[..=place];
                let offer = || {
                    let bins = taken.iter().map(|bin| *bin as u16);
                    let side = Side::These(bins.filter(|bin| *bin != MISSING).collect());
                    (side, taken.contains(&usize::from(MISSING)))
                };
                let ridge = self.params.ridge + CATEGORY_RIDGE;
                self.offer(feature, left, total, ridge, offer, best);
            }
            order.reverse();
        }
    }

    /// Takes the split where it is allowed and better than the best so far.
    #[inline]
    fn offer(
        &self,
        feature: usize,
        left: Sums,
        total: Sums,
        ridge: f64,
        side: impl Fn() -> (Side, bool),
        best: &mut Option<Candidate>,
    ) {
        let right = total.minus(left);
        let least = self.params.leaf_rows as u32;
        if left.rows < least || right.rows < least {
            return;
        }
        let gain = left.gain(ridge) + right.gain(ridge) - total.gain(self.params.ridge);
        if gain <= best.as_ref().map_or(LEAST_GAIN, |best| best.gain) {
            return;
        }
        let rise = right.value(ridge) - left.value(ridge);
        let against = match self.directions[feature] {
            None => false,
            Some(Direction::Rising) => rise < 0.0,
            Some(Direction::Falling) => rise > 0.0,
        };
        if !against {
            let (side, missing_left) = side();
            *best = Some(Candidate {
                feature,
                side,
                missing_left,
                gain,
                left,
            });
        }
    }
}
