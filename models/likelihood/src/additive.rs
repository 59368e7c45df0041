//! Log odds that are a sum of curves, one per number: a generalised additive model that is no more bent than the rows tell.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use tabular::{Attribution, Design, Direction, Schema, Table, TabularError, require, weights};

use crate::columns::Columns;
use crate::curve::Curve;
use crate::evidence;
use crate::logistic::{Logistic, is_outcomes};
use crate::newton::Newton;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedAdditiveParams {
    seed: u64,
    parts: usize,
    smoothing: f64,
    monotone: Vec<(String, Direction)>,
}

/// Settings of an additive model: what a logistic regression sees (each number and its logarithm, encoded categories), and for each number a
/// curve of lines joined at quantiles. How strongly a feature's coefficients are drawn to 0, and its curve to a line, is told by the
/// rows that are fitted on: without evidence of a bend there is none, and a feature without an effect is left out.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws the folds in which categories are encoded |
/// | `parts` | 8 | 2 – 64 | parts of equal size that a number's values are cut into; a line in each |
/// | `smoothing` | 20 | ≥ 0 | rows that the mean of all counts for where a category is encoded |
/// | `monotone` | none | number features | features whose effect has one direction |
#[derive(Debug, Clone, PartialEq)]
pub struct AdditiveParams(CheckedAdditiveParams);

impl AdditiveParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedAdditiveParams {
            seed,
            parts: 8,
            smoothing: 20.0,
            monotone: Vec::new(),
        })
    }

    /// Sets how many parts a number's values are cut into.
    #[must_use]
    pub fn parts(mut self, parts: usize) -> Self {
        self.0.parts = parts;
        self
    }

    /// Sets how many rows the mean counts for where a category is encoded.
    #[must_use]
    pub fn smoothing(mut self, rows: f64) -> Self {
        self.0.smoothing = rows;
        self
    }

    /// Holds the effect of a number feature to a direction.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }
}

impl ParamGuard for AdditiveParams {
    type Checked = CheckedAdditiveParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedAdditiveParams, TabularError> {
        let good = (2..=64).contains(&self.0.parts);
        require(good, "parts", "want 2 to 64")?;
        let good = self.0.smoothing.is_finite() && self.0.smoothing >= 0.0;
        require(good, "smoothing", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedAdditiveParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// A fitted additive model; it scores in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Additive {
    line: Logistic,
    /// Features with what they add beyond the line.
    curves: Vec<(usize, Curve)>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedAdditiveParams {
    type Object = Additive;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<Additive, TabularError> {
        is_outcomes(data)?;
        let (design, plain) = Design::fit(data, self.smoothing, self.seed)?;
        let columns = Columns::of(data, &design, self.parts, &self.monotone)?;
        let mut newton = Newton {
            x: columns.matrix(&plain, data),
            y: &data.targets,
            weights: Array1::from(weights(data)),
            penalty: Array2::zeros((columns.signs.len(), columns.signs.len())),
            signs: columns.signs.clone(),
        };
        // A trace on the intercept, so that targets of one kind have a finite fit.
        newton.penalty[[0, 0]] = 1e-6;
        let b = evidence::fit(&mut newton, &columns.blocks)?.to_vec();
        let curves = columns.ramps.iter().map(|(feature, first, ramps)| {
            let rises = &b[*first..first + ramps.width()];
            (*feature, ramps.curve(rises))
        });
        Ok(Additive {
            curves: curves.collect(),
            line: Logistic {
                intercept: b[0],
                slopes: b[1..=design.width()].to_vec(),
                design,
            },
        })
    }
}

impl Additive {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.line.schema()
    }

    /// Returns what each feature adds to the log odds: its coefficients times how far its columns are from their means, and its curve.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        let mut found = self.line.contributions(row);
        for (feature, curve) in &self.curves {
            found.parts[*feature] += curve.of(row[*feature]);
        }
        found
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let features = self.schema().features().len();
        for (feature, curve) in &self.curves {
            curve.verify()?;
            if *feature >= features {
                return Err(TabularError::corrupt("a curve is of no feature"));
            }
        }
        self.line.verify()
    }
}
