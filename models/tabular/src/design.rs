//! What linear models see of a table: standardised numbers, none missing.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::encoding::{EncodingRows, TargetEncoding};
use crate::error::TabularError;
use crate::folds;
use crate::schema::Schema;
use crate::table::{Table, Training, targets, weights};

/// Folds in which categories are encoded for the rows that a model is fitted on.
const FOLDS: usize = 5;

/// How one column of the design comes from a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Source {
    /// The number itself.
    Number,
    /// `asinh(x / unit)`: a logarithm that takes 0 and negative numbers.
    Logarithm { unit: f64 },
    /// 1 where the value is missing.
    Missing,
    /// The category's encoding.
    Category(TargetEncoding),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DesignColumn {
    feature: usize,
    source: Source,
    mean: f64,
    scale: f64,
    /// The least and the greatest number that were seen: beyond them a line is a guess.
    seen: (f64, f64),
}

/// Turns rows of a schema into standardised numbers. A number gives two columns (itself and its logarithm, both rising with it) and, where
/// the fit has seen it missing, a third; a category gives its target encoding. A missing number stands at the mean, and one beyond what the
/// fit has seen at the end of it: nothing is extrapolated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    schema: Schema,
    columns: Vec<DesignColumn>,
}

impl Design {
    /// Fits the design; returns it with the matrix (rows × columns) to fit on, in which categories are encoded out of fold. `smoothing` is
    /// how many rows the mean counts for in an encoding.
    ///
    /// # Errors
    /// `Invalid` where there are fewer than five rows.
    pub fn fit(
        data: &Training,
        smoothing: f64,
        seed: u64,
    ) -> Result<(Self, Array2<f64>), TabularError> {
        let table = &data.records;
        let (targets, weights) = (targets(data), weights(data));
        let folds = folds::random(table.rows(), FOLDS, seed)?;
        let mut fitted = Fitted {
            columns: Vec::new(),
            values: Vec::new(),
            weights: &weights,
        };
        for (place, feature) in table.schema().features().iter().enumerate() {
            let column = table.column(place);
            let Some(levels) = feature.levels() else {
                fitted.add_number(place, column);
                continue;
            };
            let rows = EncodingRows {
                column,
                targets: &targets,
                weights: &weights,
                levels,
                smoothing,
            };
            let encoding = TargetEncoding::fit(rows, 0..column.len());
            let values = TargetEncoding::out_of_fold(rows, &folds);
            fitted.add(place, Source::Category(encoding), values);
        }
        let width = fitted.columns.len();
        let matrix =
            Array2::from_shape_fn((table.rows(), width), |(row, at)| fitted.values[at][row]);
        let design = Self {
            schema: table.schema().clone(),
            columns: fitted.columns,
        };
        Ok((design, matrix))
    }

    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns how many columns there are.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Returns the feature that each column comes from.
    #[must_use]
    pub fn owners(&self) -> Vec<usize> {
        self.columns.iter().map(|column| column.feature).collect()
    }

    /// Returns the columns that rise with a feature's number.
    #[must_use]
    pub fn rising(&self, feature: usize) -> Vec<usize> {
        let rises = |column: &DesignColumn| {
            column.feature == feature
                && matches!(column.source, Source::Number | Source::Logarithm { .. })
        };
        (0..self.width())
            .filter(|at| rises(&self.columns[*at]))
            .collect()
    }

    /// Returns the standardised numbers of a row.
    #[must_use]
    pub fn row(&self, row: &[f64]) -> Vec<f64> {
        self.columns
            .iter()
            .map(|column| column.of(row[column.feature]))
            .collect()
    }

    /// Returns the matrix (rows × columns) of a table of this schema.
    #[must_use]
    pub fn matrix(&self, table: &Table) -> Array2<f64> {
        Array2::from_shape_fn((table.rows(), self.width()), |(row, at)| {
            let column = &self.columns[at];
            column.of(table.column(column.feature)[row])
        })
    }

    /// Says whether the design fits its schema and every number is one.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.columns.iter().all(|column| {
            let source = match &column.source {
                Source::Logarithm { unit } => unit.is_finite() && *unit > 0.0,
                Source::Category(encoding) => encoding.is_finite(),
                Source::Number | Source::Missing => true,
            };
            let numbers = column.mean.is_finite() && column.scale.is_finite() && column.scale > 0.0;
            let seen = column.seen.0 <= column.seen.1;
            source && numbers && seen && column.feature < self.schema.features().len()
        })
    }
}

impl DesignColumn {
    fn of(&self, value: f64) -> f64 {
        let raw = match &self.source {
            Source::Missing => f64::from(u8::from(value.is_nan())),
            Source::Category(encoding) => encoding.encode(value),
            _ if value.is_nan() => self.mean,
            Source::Number => value,
            Source::Logarithm { unit } => (value / unit).asinh(),
        };
        (raw.clamp(self.seen.0, self.seen.1) - self.mean) / self.scale
    }
}

struct Fitted<'a> {
    columns: Vec<DesignColumn>,
    values: Vec<Vec<f64>>,
    weights: &'a [f64],
}

impl Fitted<'_> {
    fn add_number(&mut self, feature: usize, column: &[f64]) {
        let mut sizes: Vec<f64> = column
            .iter()
            .map(|x| x.abs())
            .filter(|x| *x > 0.0)
            .collect();
        sizes.sort_unstable_by(f64::total_cmp);
        let unit = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0);
        self.add(feature, Source::Number, column.to_vec());
        let logarithm = column.iter().map(|x| (x / unit).asinh()).collect();
        self.add(feature, Source::Logarithm { unit }, logarithm);
        let missing = column.iter().map(|x| f64::from(u8::from(x.is_nan())));
        self.add(feature, Source::Missing, missing.collect());
    }

    /// Standardises a column and keeps it, unless all its values are one.
    fn add(&mut self, feature: usize, source: Source, mut values: Vec<f64>) {
        let known = || {
            values
                .iter()
                .zip(self.weights)
                .filter(|(x, w)| !x.is_nan() && **w > 0.0)
        };
        let weight: f64 = known().map(|(_, w)| w).sum();
        let mean = known().map(|(x, w)| x * w).sum::<f64>() / weight;
        let variance = known()
            .map(|(x, w)| w * (x - mean) * (x - mean))
            .sum::<f64>()
            / weight;
        let scale = variance.sqrt();
        if !(scale.is_finite() && scale > 1e-9 * (1.0 + mean.abs())) {
            return;
        }
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for value in &mut values {
            *value = if value.is_nan() {
                0.0
            } else {
                (*value - mean) / scale
            };
        }
        self.columns.push(DesignColumn {
            feature,
            source,
            mean,
            scale,
            seen: (least, greatest),
        });
        self.values.push(values);
    }
}
