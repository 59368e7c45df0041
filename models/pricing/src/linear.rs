//! Quantiles linear in encoded features, with an elastic net.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tabular::{Attribution, Design, Schema, Table, TabularError, require, targets, weights};

use crate::interior::Problem;
use crate::levels;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLinearParams {
    levels: Vec<f64>,
    seed: u64,
    lasso: f64,
    ridge: f64,
    smoothing: f64,
}

/// Settings of linear quantiles: the mean pinball loss, with `lasso · Σ|b| + ridge · Σb²/2`, is made small exactly.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `levels` | – | rising within (0, 1) | what is predicted |
/// | `seed` | – | any | draws the folds in which categories are encoded |
/// | `lasso` | 0.0001 | ≥ 0 | weight of absolute coefficients (of standardised columns) |
/// | `ridge` | 0.0001 | ≥ 0 | weight of squared coefficients |
/// | `smoothing` | 10 | ≥ 0 | rows that the mean of all counts for where a category is encoded |
#[derive(Debug, Clone, PartialEq)]
pub struct LinearParams(CheckedLinearParams);

impl LinearParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(levels: &[f64], seed: u64) -> Self {
        Self(CheckedLinearParams {
            levels: levels.to_vec(),
            seed,
            lasso: 1e-4,
            ridge: 1e-4,
            smoothing: 10.0,
        })
    }

    /// Sets the weight of absolute coefficients.
    #[must_use]
    pub fn lasso(mut self, weight: f64) -> Self {
        self.0.lasso = weight;
        self
    }

    /// Sets the weight of squared coefficients.
    #[must_use]
    pub fn ridge(mut self, weight: f64) -> Self {
        self.0.ridge = weight;
        self
    }

    /// Sets how many rows the mean counts for where a category is encoded.
    #[must_use]
    pub fn smoothing(mut self, rows: f64) -> Self {
        self.0.smoothing = rows;
        self
    }
}

impl ParamGuard for LinearParams {
    type Checked = CheckedLinearParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedLinearParams, TabularError> {
        levels::check(&self.0.levels)?;
        let good = |x: f64| x.is_finite() && x >= 0.0;
        require(good(self.0.lasso), "lasso", "want 0 or more")?;
        require(good(self.0.ridge), "ridge", "want 0 or more")?;
        require(good(self.0.smoothing), "smoothing", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedLinearParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// One level's plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Plane {
    intercept: f64,
    slopes: Vec<f64>,
}

/// Fitted linear quantiles. Those of different levels may cross; [`crate::Quantiles`] puts them in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinearQuantiles {
    design: Design,
    planes: Vec<Plane>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedLinearParams {
    type Object = LinearQuantiles;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<LinearQuantiles, TabularError> {
        let (design, matrix) = Design::fit(data, self.smoothing, self.seed)?;
        let (y, w) = (targets(data), weights(data));
        require(
            w.iter().any(|w| *w > 0.0),
            "training rows",
            "there are none",
        )?;
        let of_level = |level: &f64| self.plane(*level, &matrix, &y, &w);
        let planes: Result<Vec<_>, _> = self.levels.par_iter().map(of_level).collect();
        Ok(LinearQuantiles {
            design,
            planes: planes?,
        })
    }
}

impl CheckedLinearParams {
    fn plane(
        &self,
        level: f64,
        matrix: &Array2<f64>,
        y: &[f64],
        w: &[f64],
    ) -> Result<Plane, TabularError> {
        let kept: Vec<usize> = (0..y.len()).filter(|row| w[*row] > 0.0).collect();
        let total: f64 = w.iter().sum();
        let (rows, columns) = (kept.len(), matrix.ncols());
        // `2 lasso` times a coefficient, as a row at level one half, costs `lasso` times its size.
        let lassos = if self.lasso > 0.0 { columns } else { 0 };
        let mut x = Array2::zeros((rows + lassos, columns + 1));
        let mut wanted = Array1::zeros(rows + lassos);
        let mut levels = Array1::from_elem(rows + lassos, 0.5);
        for (at, row) in kept.iter().enumerate() {
            x[[at, 0]] = w[*row];
            let scaled = &matrix.row(*row) * w[*row];
            x.slice_mut(s![at, 1..]).assign(&scaled);
            wanted[at] = w[*row] * y[*row];
            levels[at] = level;
        }
        for at in 0..lassos {
            x[[rows + at, at + 1]] = 2.0 * self.lasso * total;
        }
        let mut ridge = Array1::from_elem(columns + 1, self.ridge * total);
        ridge[0] = 0.0;
        let b = Problem {
            x,
            y: wanted,
            levels,
            ridge,
        }
        .solve()?;
        Ok(Plane {
            intercept: b[0],
            slopes: b.iter().skip(1).copied().collect(),
        })
    }
}

impl LinearQuantiles {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.design.schema()
    }

    pub(crate) fn width(&self) -> usize {
        self.planes.len()
    }

    /// Predicts every level, each by itself.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> Vec<f64> {
        self.contributions(row)
            .iter()
            .map(Attribution::sum)
            .collect()
    }

    /// Returns each level's contributions: slopes times how far the encoded feature is from its mean.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Vec<Attribution> {
        let (encoded, owners) = (self.design.row(row), self.design.owners());
        let of_plane = |plane: &Plane| {
            let mut parts = vec![0.0; row.len()];
            for ((value, slope), owner) in encoded.iter().zip(&plane.slopes).zip(&owners) {
                parts[*owner] += value * slope;
            }
            Attribution {
                base: plane.intercept,
                parts,
            }
        };
        self.planes.iter().map(of_plane).collect()
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let sound = |plane: &Plane| {
            let finite = plane.intercept.is_finite() && plane.slopes.iter().all(|x| x.is_finite());
            finite && plane.slopes.len() == self.design.width()
        };
        if self.design.is_sound() && self.planes.iter().all(sound) {
            Ok(())
        } else {
            Err(TabularError::corrupt("linear quantiles are out of bounds"))
        }
    }
}
