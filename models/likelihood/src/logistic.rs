//! Log odds linear in encoded features, with a ridge and, where wanted, one direction.

use linfa::traits::Fit;
use linfa::{DatasetBase, Error, ParamGuard};
use ndarray::{Array1, Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};
use tabular::cholesky::{solve, weighted_gram};
use tabular::{
    Attribution, Design, Direction, Kind, Schema, Table, TabularError, require, sigmoid, weights,
};

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLogisticParams {
    seed: u64,
    ridge: f64,
    smoothing: f64,
    monotone: Vec<(String, Direction)>,
}

/// Settings of a logistic regression: the mean log loss with `ridge · Σb²/2` is made small by Newton's method.
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
    design: Design,
    intercept: f64,
    slopes: Vec<f64>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedLogisticParams {
    type Object = Logistic;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<Logistic, TabularError> {
        let good = data.targets.iter().all(|y| *y == 0.0 || *y == 1.0);
        require(good, "targets", "the logistic loss wants 0 and 1")?;
        let weights = Array1::from(weights(data));
        require(weights.sum() > 0.0, "training rows", "there are none")?;
        let (design, matrix) = Design::fit(data, self.smoothing, self.seed)?;
        let mut signs = vec![0.0; design.width()];
        for (name, direction) in &self.monotone {
            let feature = design.schema().position(name)?;
            let is_number = design.schema().features()[feature].kind == Kind::Number;
            require(is_number, name, "only numbers have a direction")?;
            let sign = if *direction == Direction::Rising {
                1.0
            } else {
                -1.0
            };
            design
                .rising(feature)
                .into_iter()
                .for_each(|column| signs[column] = sign);
        }
        // A column of ones first, for the intercept.
        let ones = Array2::ones((matrix.nrows(), 1));
        let x = concatenate(Axis(1), &[ones.view(), matrix.view()])
            .map_err(|error| TabularError::Fit(Error::NdShape(error)))?;
        let mut newton = Newton {
            x,
            y: &data.targets,
            weights,
            ridge: self.ridge,
            off: vec![false; signs.len() + 1],
        };
        // Columns that run against their direction are left out, until none does.
        loop {
            let b = newton.solve()?;
            let against: Vec<usize> = (1..b.len())
                .filter(|at| b[*at] * signs[at - 1] < 0.0)
                .collect();
            if against.is_empty() {
                let slopes = b.iter().skip(1).copied().collect();
                return Ok(Logistic {
                    design,
                    intercept: b[0],
                    slopes,
                });
            }
            against.into_iter().for_each(|at| newton.off[at] = true);
        }
    }
}

struct Newton<'a> {
    x: Array2<f64>,
    y: &'a Array1<f64>,
    weights: Array1<f64>,
    ridge: f64,
    /// Columns whose coefficient stays 0.
    off: Vec<bool>,
}

impl Newton<'_> {
    fn solve(&self) -> Result<Array1<f64>, TabularError> {
        let total = self.weights.sum();
        let mut b = Array1::zeros(self.x.ncols());
        let mut ridge = Array1::from_elem(b.len(), self.ridge * total);
        // A trace on the intercept, so that targets of one kind have a finite fit.
        ridge[0] = 1e-6;
        let mut loss = self.loss(&b, &ridge);
        for _ in 0..100 {
            let p = self.x.dot(&b).mapv(sigmoid);
            let residual = (&p - self.y) * &self.weights;
            let mut gradient = self.x.t().dot(&residual) + &ridge * &b;
            let bend = p.mapv(|p| p * (1.0 - p)) * &self.weights;
            let mut curve = weighted_gram(&self.x, &bend);
            for at in 0..b.len() {
                curve[[at, at]] += ridge[at] + 1e-9;
                if self.off[at] {
                    gradient[at] = 0.0;
                    curve.row_mut(at).fill(0.0);
                    curve.column_mut(at).fill(0.0);
                    curve[[at, at]] = 1.0;
                }
            }
            let step = solve(curve, gradient)?;
            let (mut length, before) = (1.0, loss);
            loop {
                let next = &b - &(length * &step);
                let reached = self.loss(&next, &ridge);
                if reached <= before || length < 1e-10 {
                    (b, loss) = (next, reached);
                    break;
                }
                length /= 2.0;
            }
            if before - loss < 1e-12 * (1.0 + loss.abs()) {
                break;
            }
        }
        Ok(b)
    }

    fn loss(&self, b: &Array1<f64>, ridge: &Array1<f64>) -> f64 {
        let scores = self.x.dot(b);
        let rows = scores.iter().zip(self.y).zip(&self.weights);
        // ln(1 + e^z) without overflow.
        let sum: f64 = rows
            .map(|((z, y), w)| w * (z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z))
            .sum();
        sum + 0.5
            * ridge
                .iter()
                .zip(b)
                .map(|(ridge, b)| ridge * b * b)
                .sum::<f64>()
    }
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
