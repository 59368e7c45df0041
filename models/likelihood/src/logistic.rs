//! Log odds linear in encoded features, with a ridge and, where wanted, one direction.

use linfa::traits::Fit;
use linfa::{DatasetBase, Error, ParamGuard};
use ndarray::{Array1, Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};
use tabular::{
    Attribution, Design, Direction, Kind, Schema, Table, TabularError, Training, require, weights,
};

use crate::newton::Newton;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLogisticParams {
    seed: u64,
    ridge: f64,
    smoothing: f64,
    monotone: Vec<(String, Direction)>,
}

/// Settings of a logistic regression: the mean log loss with `ridge · Σb²/2` is made small.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws the folds in which categories are encoded |
/// | `ridge` | 0.001 | ≥ 0 | weight of squared coefficients (of standardised columns) |
/// | `smoothing` | 20 | ≥ 0 | rows that the mean of all counts for where a category is encoded |
/// | `monotone` | none | number features | features whose effect has one direction |
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticParams(CheckedLogisticParams);

impl LogisticParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedLogisticParams {
            seed,
            ridge: 1e-3,
            smoothing: 20.0,
            monotone: Vec::new(),
        })
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

    /// Holds the effect of a number feature to a direction.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }
}

impl ParamGuard for LogisticParams {
    type Checked = CheckedLogisticParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedLogisticParams, TabularError> {
        let good = |x: f64| x.is_finite() && x >= 0.0;
        require(good(self.0.ridge), "ridge", "want 0 or more")?;
        require(good(self.0.smoothing), "smoothing", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedLogisticParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// A fitted logistic regression; it scores in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    pub(crate) design: Design,
    pub(crate) intercept: f64,
    pub(crate) slopes: Vec<f64>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedLogisticParams {
    type Object = Logistic;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<Logistic, TabularError> {
        is_outcomes(data)?;
        let (design, matrix) = Design::fit(data, self.smoothing, self.seed)?;
        let weights = Array1::from(weights(data));
        // A column of ones first, for the intercept.
        let ones = Array2::ones((matrix.nrows(), 1));
        let x = concatenate(Axis(1), &[ones.view(), matrix.view()])
            .map_err(|error| TabularError::Fit(Error::NdShape(error)))?;
        let mut signs = vec![0.0; x.ncols()];
        for (name, direction) in &self.monotone {
            let feature = design.schema().position(name)?;
            let sign = sign(design.schema(), feature, *direction)?;
            for column in design.rising(feature) {
                signs[1 + column] = sign;
            }
        }
        let mut ridge = Array1::from_elem(x.ncols(), self.ridge * weights.sum());
        // A trace on the intercept, so that targets of one kind have a finite fit.
        ridge[0] = 1e-6;
        let newton = Newton {
            x,
            y: &data.targets,
            weights,
            penalty: Array2::from_diag(&ridge),
            signs,
        };
        let b = newton.solve(Array1::zeros(ridge.len()))?;
        Ok(Logistic {
            design,
            intercept: b[0],
            slopes: b.iter().skip(1).copied().collect(),
        })
    }
}

/// Asks for targets of 0 and 1, and for a row that counts.
pub(crate) fn is_outcomes(data: &Training) -> Result<(), TabularError> {
    let good = data.targets.iter().all(|y| *y == 0.0 || *y == 1.0);
    require(good, "targets", "the logistic loss wants 0 and 1")?;
    let some = weights(data).iter().sum::<f64>() > 0.0;
    require(some, "training rows", "there are none")
}

/// The sign of the coefficients of a number whose effect has a direction.
pub(crate) fn sign(
    schema: &Schema,
    feature: usize,
    direction: Direction,
) -> Result<f64, TabularError> {
    let of = &schema.features()[feature];
    let is_number = of.kind == Kind::Number;
    require(is_number, &of.name, "only numbers have a direction")?;
    Ok(match direction {
        Direction::Rising => 1.0,
        Direction::Falling => -1.0,
    })
}

impl Logistic {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.design.schema()
    }

    /// Returns what each feature adds to the log odds: coefficients times how far the encoded feature is from its mean.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        let mut parts = vec![0.0; row.len()];
        let encoded = self.design.row(row).into_iter().zip(&self.slopes);
        for ((value, slope), owner) in encoded.zip(self.design.owners()) {
            parts[owner] += value * slope;
        }
        Attribution {
            base: self.intercept,
            parts,
        }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let finite = self.intercept.is_finite() && self.slopes.iter().all(|x| x.is_finite());
        if finite && self.slopes.len() == self.design.width() && self.design.is_sound() {
            Ok(())
        } else {
            Err(TabularError::corrupt(
                "a logistic regression is out of bounds",
            ))
        }
    }
}
