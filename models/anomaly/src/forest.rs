//! A fitted isolation forest.

use ndarray::{Array1, ArrayBase, Data, Ix2};
use serde::{Deserialize, Serialize};
use tabular::{Stored, TabularError, require};

use crate::params::{MAX_SUBSAMPLE, MAX_TREES};
use crate::path::{mean_search_length, score};
use crate::rows::{contiguous, refuse_infinite};
use crate::score::path_lengths;
use crate::trees::Trees;

/// A fitted isolation forest: how strange a row is among those it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IsolationForest {
    columns: Vec<String>,
    typical: Vec<Option<f64>>,
    /// Rows that each tree was grown on.
    subsample: usize,
    trees: Trees,
}

impl IsolationForest {
    pub(crate) fn new(
        columns: Vec<String>,
        typical: Vec<Option<f64>>,
        subsample: usize,
        trees: Trees,
    ) -> Self {
        Self {
            columns,
            typical,
            subsample,
            trees,
        }
    }

    /// Returns the columns' names, in the order that a row has them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the median of each column among the rows drawn; none where each value was missing.
    #[must_use]
    pub fn typical(&self) -> &[Option<f64>] {
        &self.typical
    }

    /// Returns the score of each row, in (0, 1): near 1 is strange, a half is as ordinary as a row of no structure, and less is more
    /// ordinary than that. `rows` is (rows × columns).
    ///
    /// # Errors
    /// `Invalid` where the columns are not as many as those fitted on, or a value is infinite (it names the column).
    pub fn predict<D: Data<Elem = f64>>(
        &self,
        rows: &ArrayBase<D, Ix2>,
    ) -> Result<Array1<f64>, TabularError> {
        require(
            rows.ncols() == self.columns.len(),
            "columns",
            &format!("want {}, found {}", self.columns.len(), rows.ncols()),
        )?;
        let rows = contiguous(rows);
        let values = rows.as_slice().expect("rows were made contiguous");
        refuse_infinite(values, &self.columns)?;
        let scale = self.scale();
        let mut scores = path_lengths(&self.trees, &self.typical, values);
        for length in &mut scores {
            *length = score(*length, scale);
        }
        Ok(Array1::from(scores))
    }

    pub(crate) fn trees(&self) -> &Trees {
        &self.trees
    }

    /// The path length that scores a half.
    pub(crate) fn scale(&self) -> f64 {
        mean_search_length(self.subsample)
    }
}

impl Stored for IsolationForest {
    const SORT: &'static str = "isolation forest";

    fn verify(&self) -> Result<(), TabularError> {
        let good = !self.columns.is_empty()
            && self.columns.len() == self.typical.len()
            && self.typical.iter().flatten().all(|value| value.is_finite())
            && (2..=MAX_SUBSAMPLE).contains(&self.subsample)
            && self.trees.roots.len() <= MAX_TREES;
        if !good {
            return Err(TabularError::corrupt(
                "its columns or sizes contradict themselves",
            ));
        }
        self.trees.verify(self.columns.len())
    }
}
