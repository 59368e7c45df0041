//! From rows to a forest.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{ArrayBase, Data, Ix2};
use rayon::prelude::*;
use tabular::{Random, TabularError, require};

use crate::draw::sample;
use crate::forest::IsolationForest;
use crate::grow::{TreeParams, grow};
use crate::params::{CheckedIsolationParams, Splits};
use crate::rows::{Sample, contiguous, refuse_infinite};
use crate::trees::Trees;

/// Rows drawn that tell what is usual in a column.
const SUMMARY_ROWS: usize = 1 << 16;

impl<D: Data<Elem = f64>, T> Fit<ArrayBase<D, Ix2>, T, TabularError> for CheckedIsolationParams {
    type Object = IsolationForest;

    /// Grows the forest. Records are (rows × columns); targets, if any, are not looked at. The dataset's feature names name the columns,
    /// which are `column 0` and so on where there are none.
    ///
    /// # Errors
    /// `Invalid` where there is no column, there are fewer than two rows, or a value is infinite (it names the column).
    fn fit(
        &self,
        data: &DatasetBase<ArrayBase<D, Ix2>, T>,
    ) -> Result<IsolationForest, TabularError> {
        let (count, width) = data.records.dim();
        require(width > 0, "columns", "there are none")?;
        require(
            count > 1,
            "rows",
            "want two or more: one alone is not strange",
        )?;
        let columns = names(data.feature_names(), width);
        let records = contiguous(&data.records);
        let values = records.as_slice().expect("rows were made contiguous");
        refuse_infinite(values, &columns)?;

        let subsample = self.subsample.min(count);
        let drawn: Vec<(Vec<usize>, Random)> = (0..self.trees)
            .into_par_iter()
            .map(|tree| {
                let mut random = Random::of_part(self.seed, tree as u64);
                (sample(&mut random, count, subsample), random)
            })
            .collect();
        let looked_at = drawn.iter().flat_map(|(rows, _)| rows).take(SUMMARY_ROWS);
        let looked_at: Vec<usize> = looked_at.copied().collect();
        let summaries: Vec<Summary> = (0..width)
            .into_par_iter()
            .map(|column| Summary::of(looked_at.iter().map(|row| values[row * width + column])))
            .collect();
        let typical: Vec<Option<f64>> = summaries.iter().map(|one| one.median).collect();
        let spreads: Vec<f64> = summaries.iter().map(|one| one.spread).collect();

        let params = TreeParams {
            splits: self.splits,
            spreads: &spreads,
        };
        let grown = drawn.into_par_iter().map(|(rows, random)| {
            let row = |row: usize| values[row * width..][..width].iter().copied();
            let mut values: Vec<f64> = rows.into_iter().flat_map(row).collect();
            if self.splits != Splits::Axis {
                fill(&mut values, &typical);
            }
            grow(&params, &Sample { values, width }, random)
        });
        let trees = Trees::join(grown.collect());
        Ok(IsolationForest::new(columns, typical, subsample, trees))
    }
}

/// Puts the typical value of its column for each missing value.
pub(crate) fn fill(values: &mut [f64], typical: &[Option<f64>]) {
    for row in values.chunks_exact_mut(typical.len()) {
        for (value, typical) in row.iter_mut().zip(typical) {
            if value.is_nan() {
                *value = typical.unwrap_or(0.0);
            }
        }
    }
}

fn names(given: &[String], width: usize) -> Vec<String> {
    if given.is_empty() {
        (0..width)
            .map(|column| format!("column {column}"))
            .collect()
    } else {
        given.to_vec()
    }
}

/// What is known of a column from the rows drawn.
struct Summary {
    /// None where each value is missing.
    median: Option<f64>,
    /// Standard deviation; 1 where there is none.
    spread: f64,
}

impl Summary {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
        let count = values.len() as f64;
        // In parts of the largest value, no square overflows.
        let unit = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let mean = values.iter().map(|x| x / unit / count).sum::<f64>();
        let squares = values.iter().map(|x| (x / unit - mean).powi(2) / count);
        let spread = unit * squares.sum::<f64>().sqrt();
        let middle = values.len() / 2;
        let median =
            (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1);
        Self {
            median,
            spread: if spread.is_normal() { spread } else { 1.0 },
        }
    }
}
