//! Log odds that are a sum of curves, one per number: a generalised additive model that is no more bent than the rows tell.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use tabular::{
    Attribution, Design, Direction, Schema, Table, TabularError, Training, require, weights,
};

use crate::curve::{Curve, Ramps};
use crate::evidence::{self, Block};
use crate::logistic::{is_outcomes, sign};
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
    design: Design,
    intercept: f64,
    slopes: Vec<f64>,
    /// Features with what they add beyond their slopes.
    curves: Vec<(usize, Curve)>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedAdditiveParams {
    type Object = Additive;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<Additive, TabularError> {
        is_outcomes(data)?;
        let (design, plain) = Design::fit(data, self.smoothing, self.seed)?;
        let columns = Columns::of(self, data, &design)?;
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
            intercept: b[0],
            slopes: b[1..=design.width()].to_vec(),
            curves: curves.collect(),
            design,
        })
    }
}

/// What is fitted: a column of ones, those of the design, and the ramps of each number.
struct Columns {
    /// The feature, the place of its first column, and the ramps.
    ramps: Vec<(usize, usize, Ramps)>,
    signs: Vec<f64>,
    blocks: Vec<Block>,
}

impl Columns {
    fn of(
        params: &CheckedAdditiveParams,
        data: &Training,
        design: &Design,
    ) -> Result<Self, TabularError> {
        let (owners, weights) = (design.owners(), weights(data));
        let mut columns = Self {
            ramps: Vec::new(),
            signs: vec![0.0; 1 + design.width()],
            blocks: Vec::new(),
        };
        let mut ways = vec![0.0; design.schema().features().len()];
        for (name, direction) in &params.monotone {
            let feature = design.schema().position(name)?;
            ways[feature] = sign(design.schema(), feature, *direction)?;
            for column in design.rising(feature) {
                columns.signs[1 + column] = ways[feature];
            }
        }
        for (feature, of) in design.schema().features().iter().enumerate() {
            let plain = (0..design.width()).filter(|column| owners[*column] == feature);
            let mut own: Vec<usize> = plain.map(|column| 1 + column).collect();
            let found = match of.levels() {
                Some(_) => None,
                None => Ramps::fit(data.records.column(feature), &weights, params.parts),
            };
            let slopes = own.len();
            if let Some(ramps) = found {
                let first = columns.signs.len();
                let places: Vec<usize> = (first..first + ramps.width()).collect();
                columns.signs.resize(first + ramps.width(), ways[feature]);
                own.extend(&places);
                let bends = Block::new(places, bends(ramps.width()));
                columns.blocks.push(bends);
                columns.ramps.push((feature, first, ramps));
            }
            let penalty = level(slopes, own.len() - slopes);
            columns.blocks.push(Block::new(own, penalty));
        }
        Ok(columns)
    }

    fn matrix(&self, plain: &Array2<f64>, data: &Training) -> Array2<f64> {
        let mut matrix = Array2::zeros((plain.nrows(), self.signs.len()));
        for (row, mut all) in matrix.rows_mut().into_iter().enumerate() {
            all[0] = 1.0;
            for (at, value) in plain.row(row).iter().enumerate() {
                all[1 + at] = *value;
            }
            for (feature, first, ramps) in &self.ramps {
                let values = ramps.row(data.records.column(*feature)[row]);
                for (at, value) in values.into_iter().enumerate() {
                    all[first + at] = value;
                }
            }
        }
        matrix
    }
}

/// The sum of squared differences between the rises of neighbouring ramps: 0 where all rise alike.
fn bends(width: usize) -> Array2<f64> {
    let mut penalty = Array2::zeros((width, width));
    for at in 1..width {
        for (row, column, way) in [(at, at, 1.0), (at - 1, at - 1, 1.0), (at, at - 1, -1.0)] {
            penalty[[row, column]] += way;
            if row != column {
                penalty[[column, row]] += way;
            }
        }
    }
    penalty
}

/// The sum of squared slopes, and of the square that the ramps' common rise has: what the sum of [`bends`] leaves free.
fn level(slopes: usize, ramps: usize) -> Array2<f64> {
    Array2::from_shape_fn((slopes + ramps, slopes + ramps), |(row, column)| {
        if row >= slopes && column >= slopes {
            1.0 / ramps as f64
        } else {
            f64::from(u8::from(row == column))
        }
    })
}

impl Additive {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.design.schema()
    }

    /// Returns what each feature adds to the log odds: its slopes times how far its columns are from their means, and its curve.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        let mut parts = vec![0.0; row.len()];
        let encoded = self.design.row(row).into_iter().zip(&self.slopes);
        for ((value, slope), owner) in encoded.zip(self.design.owners()) {
            parts[owner] += value * slope;
        }
        for (feature, curve) in &self.curves {
            parts[*feature] += curve.of(row[*feature]);
        }
        Attribution {
            base: self.intercept,
            parts,
        }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let features = self.schema().features().len();
        for (feature, curve) in &self.curves {
            curve.verify()?;
            let known = *feature < features;
            if !known {
                return Err(TabularError::corrupt("a curve is of no feature"));
            }
        }
        let finite = self.intercept.is_finite() && self.slopes.iter().all(|x| x.is_finite());
        if finite && self.slopes.len() == self.design.width() && self.design.is_sound() {
            Ok(())
        } else {
            Err(TabularError::corrupt("an additive model is out of bounds"))
        }
    }
}
