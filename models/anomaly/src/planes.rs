//! Hyperplanes: each a direction over a few columns.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

/// Terms that are summed side by side; one block serves most hyperplanes.
const BLOCK: usize = 4;

/// Some terms of a direction; an unused place has coefficient 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Terms {
    columns: [u32; BLOCK],
    coefficients: [f64; BLOCK],
}

/// Directions of equal width, one after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Planes {
    /// Blocks of each direction.
    blocks: usize,
    terms: Vec<Terms>,
}

impl Planes {
    /// Starts with no direction; each will have at most `width` terms.
    pub(crate) fn new(width: usize) -> Self {
        Self {
            blocks: width.div_ceil(BLOCK),
            terms: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.terms.len() / self.blocks
    }

    /// Adds a direction, and returns its place.
    pub(crate) fn push(&mut self, direction: &[(usize, f64)]) -> usize {
        let place = self.len();
        let end = self.terms.len() + self.blocks;
        for chunk in direction.chunks(BLOCK) {
            let mut terms = Terms::default();
            for (at, (column, coefficient)) in chunk.iter().enumerate() {
                terms.columns[at] = *column as u32;
                terms.coefficients[at] = *coefficient;
            }
            self.terms.push(terms);
        }
        self.terms.resize(end, Terms::default());
        place
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.terms.append(&mut other.terms);
    }

    /// Returns the terms of a direction: columns with their coefficients.
    pub(crate) fn terms(&self, place: usize) -> impl Iterator<Item = (usize, f64)> {
        let blocks = self.terms[place * self.blocks..][..self.blocks].iter();
        let terms = blocks.flat_map(|terms| terms.columns.into_iter().zip(terms.coefficients));
        let used = terms.filter(|(_, coefficient)| *coefficient != 0.0);
        used.map(|(column, coefficient)| (column as usize, coefficient))
    }

    /// Returns how far a row lies along a direction, by its value of each column.
    #[inline]
    pub(crate) fn project(&self, place: usize, value: impl Fn(usize) -> f64) -> f64 {
        let mut sums = [0.0; BLOCK];
        for terms in &self.terms[place * self.blocks..][..self.blocks] {
            for (at, sum) in sums.iter_mut().enumerate() {
                *sum += terms.coefficients[at] * value(terms.columns[at] as usize);
            }
        }
        (sums[0] + sums[1]) + (sums[2] + sums[3])
    }

    /// Checks what was read, and returns how many directions there are.
    pub(crate) fn verify(&self, columns: usize) -> Result<usize, TabularError> {
        let each = || self.terms.iter();
        let known = each().all(|terms| terms.columns.iter().all(|at| (*at as usize) < columns));
        let finite = each().all(|terms| terms.coefficients.iter().all(|x| x.is_finite()));
        let whole = self.blocks > 0 && self.terms.len().is_multiple_of(self.blocks);
        if known && finite && whole {
            Ok(self.len())
        } else {
            Err(TabularError::corrupt("a hyperplane is beyond the columns"))
        }
    }
}
