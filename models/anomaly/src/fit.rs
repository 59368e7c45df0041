//! From rows to a forest.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{ArrayBase, Data, Ix2};
use rayon::prelude::*;
use tabular::{Random, TabularError, require};

use crate::draw::sample;
use crate::forest::IsolationForest;
use crate::grow::{Soil, grow};
use crate::params::{CheckedIsolationParams, Splits};
use crate::rows::{Sample, contiguous, refuse_infinite};
use crate::trees::Trees;

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
        let tree_seed = |tree: usize| Random::of_part(self.seed, tree as u64);
        let mut samples: Vec<(Sample, Random)> = (0..self.trees)
            .into_par_iter()
            .map(|tree| {
                let mut random = tree_seed(tree);
                let rows = sample(&mut random, count, subsample);
                let row = |row: usize| values[row * width..][..width].iter().copied();
                let values = rows.into_iter().flat_map(row).collect();
                (Sample { values, width }, random)
            })
            .collect();
        let summaries: Vec<Summary> = (0..width)
            .into_par_iter()
            .map(|column| Summary::of(&samples, column))
            .collect();
        let typical: Vec<Option<f64>> = summaries.iter().map(|one| one.median).collect();
        let spreads: Vec<f64> = summaries.iter().map(|one| one.spread).collect();
        if self.splits != Splits::Axis {
            let each = samples.par_iter_mut();
            each.for_each(|(sample, _)| fill(&mut sample.values, &typical));
        }
        let soil = Soil {
            splits: self.splits,
            spreads: &spreads,
        };
        let grown = samples.into_par_iter();
        let grown = grown.map(|(sample, random)| grow(&soil, &sample, random));
        Ok(IsolationForest::new(
            columns,
            typical,
            subsample,
            Trees::join(grown.collect()),
        ))
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
    fn of(samples: &[(Sample, Random)], column: usize) -> Self {
        let each = samples
            .iter()
            .flat_map(|(sample, _)| sample.values.chunks_exact(sample.width));
        let mut values: Vec<f64> = each
            .map(|row| row[column])
            .filter(|x| !x.is_nan())
            .collect();
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
