//! Categories as numbers: the mean target of a category, drawn towards the mean of all where it has few rows (Micci-Barreca, *A
//! Preprocessing Scheme for High-Cardinality Categorical Attributes*, 2001).

use serde::{Deserialize, Serialize};

use crate::folds::Fold;

/// The encoding of one category feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetEncoding {
    /// Number of each category.
    by_level: Vec<f64>,
    /// Number of a missing or unknown category: the mean of all.
    otherwise: f64,
}

/// Rows of a category column with their targets and weights.
#[derive(Debug, Clone, Copy)]
pub struct EncodingRows<'a> {
    /// Places of categories; `NaN` where missing.
    pub column: &'a [f64],
    /// A target per row.
    pub targets: &'a [f64],
    /// A weight per row.
    pub weights: &'a [f64],
    /// How many categories there are.
    pub levels: usize,
    /// How many rows the mean of all counts for.
    pub smoothing: f64,
}

impl TargetEncoding {
    /// Fits on some of the rows.
    #[must_use]
    pub fn fit(rows: EncodingRows<'_>, chosen: impl Iterator<Item = usize>) -> Self {
        let mut sums = vec![(0.0, 0.0); rows.levels];
        let (mut weight, mut sum) = (0.0, 0.0);
        for row in chosen {
            let (w, y) = (rows.weights[row], rows.targets[row]);
            weight += w;
            sum += w * y;
            if let Some(level) = sums.get_mut(place(rows.column[row])) {
                level.0 += w;
                level.1 += w * y;
            }
        }
        let mean = if weight > 0.0 { sum / weight } else { 0.0 };
        let shrunk = |(w, y): (f64, f64)| {
            if w > 0.0 {
                (y + rows.smoothing * mean) / (w + rows.smoothing)
            } else {
                mean
            }
        };
        Self {
            by_level: sums.into_iter().map(shrunk).collect(),
            otherwise: mean,
        }
    }

    /// Encodes each training row by a fit on the other folds, so that no row's number knows its own target; rows in no fold's test part
    /// get the mean of all.
    #[must_use]
    pub fn out_of_fold(rows: EncodingRows<'_>, folds: &[Fold]) -> Vec<f64> {
        let whole = Self::fit(rows, 0..rows.column.len());
        let mut encoded = vec![whole.otherwise; rows.column.len()];
        for fold in folds {
            let fitted = Self::fit(rows, fold.train.iter().copied());
            for row in &fold.test {
                encoded[*row] = fitted.encode(rows.column[*row]);
            }
        }
        encoded
    }

    /// Returns the number of a category.
    #[must_use]
    pub fn encode(&self, category: f64) -> f64 {
        let found = self.by_level.get(place(category));
        found.copied().unwrap_or(self.otherwise)
    }

    /// Says whether every number is one.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.otherwise.is_finite() && self.by_level.iter().all(|x| x.is_finite())
    }
}

/// The place of a category; beyond all where it is missing.
fn place(category: f64) -> usize {
    if category.is_nan() {
        usize::MAX
    } else {
        category as usize
    }
}
