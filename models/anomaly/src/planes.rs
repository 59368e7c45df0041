//! Hyperplanes: each a direction over a few columns.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

/// Directions of equal width, one after another; unused places have coefficient 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Planes {
    width: usize,
    columns: Vec<u32>,
    coefficients: Vec<f64>,
}

impl Planes {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            width,
            columns: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len() / self.width
    }

    /// Adds a direction of at most the width, and returns its place.
    pub(crate) fn push(&mut self, direction: &[(usize, f64)]) -> usize {
        let unused = self.width - direction.len();
        let padding = std::iter::repeat_n((0, 0.0), unused);
        for (column, coefficient) in direction.iter().copied().chain(padding) {
            self.columns.push(column as u32);
            self.coefficients.push(coefficient);
        }
        self.len() - 1
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.columns.append(&mut other.columns);
        self.coefficients.append(&mut other.coefficients);
    }

    /// Returns the terms of a direction: columns with their coefficients.
    pub(crate) fn terms(&self, place: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = place * self.width..(place + 1) * self.width;
        let columns = self.columns[range.clone()].iter();
        let terms = columns.zip(&self.coefficients[range]);
        terms.map(|(column, coefficient)| (*column as usize, *coefficient))
    }

    /// Returns how far a row lies along a direction.
    pub(crate) fn project(&self, place: usize, row: &[f64]) -> f64 {
        self.terms(place)
            .map(|(column, coefficient)| coefficient * row[column])
            .sum()
    }

    /// Checks what was read, and returns how many directions there are.
    pub(crate) fn verify(&self, columns: usize) -> Result<usize, TabularError> {
        let known = self.columns.iter().all(|column| (*column as usize) < columns);
        let finite = self.coefficients.iter().all(|x| x.is_finite());
        let alike = self.width > 0
            && self.columns.len() == self.coefficients.len()
            && self.columns.len().is_multiple_of(self.width);
        if known && finite && alike {
            Ok(self.len())
        } else {
            Err(TabularError::corrupt("a hyperplane is beyond the columns"))
        }
    }
}
