//! Sums of derivatives by bin.

use rayon::prelude::*;

use super::bins::FeatureBins;

/// Sums over the rows of a bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) rows: u32,
}

impl Sums {
    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.hessian += other.hessian;
        self.rows += other.rows;
    }

    #[inline]
    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            rows: self.rows - other.rows,
        }
    }

    /// How much the loss falls where these rows get a value of their own.
    #[inline]
    pub(super) fn gain(self, ridge: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + ridge + 1e-12)
    }

    /// That value.
    #[inline]
    pub(super) fn value(self, ridge: f64) -> f64 {
        -self.gradient / (self.hessian + ridge + 1e-12)
    }
}

/// Sums of every bin of the features in use, one feature after the other.
pub(super) type Histogram = Vec<Vec<Sums>>;

/// Work below which one thread is faster than several.
const WORTH_THREADS: usize = 1 << 18;

/// Sums the derivatives of `rows` by the bins of the `used` features. The order of addition is the rows', whatever the threads.
pub(super) fn histogram(
    bins: &[FeatureBins],
    used: &[usize],
    rows: &[u32],
    derivatives: &[(f64, f64)],
) -> Histogram {
    let gathered: Vec<(f64, f64)> = rows.iter().map(|row| derivatives[*row as usize]).collect();
    let of_feature = |feature: &usize| {
        let bins = &bins[*feature];
        let mut sums = vec![Sums::default(); bins.count];
        for (row, (gradient, hessian)) in rows.iter().zip(&gathered) {
            let sum = &mut sums[usize::from(bins.codes[*row as usize])];
            sum.gradient += gradient;
            sum.hessian += hessian;
            sum.rows += 1;
        }
        sums
    };
    if rows.len() * used.len() >= WORTH_THREADS {
        used.par_iter().map(of_feature).collect()
    } else {
        used.iter().map(of_feature).collect()
    }
}

/// What is left of `whole` without `part`: a sibling's histogram for the price of a subtraction.
pub(super) fn without(mut whole: Histogram, part: &Histogram) -> Histogram {
    for (sums, taken) in whole.iter_mut().zip(part) {
        for (sum, other) in sums.iter_mut().zip(taken) {
            *sum = sum.minus(*other);
        }
    }
    whole
}
