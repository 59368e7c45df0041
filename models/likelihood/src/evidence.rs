//! How strongly groups of coefficients are drawn to 0, told by the rows that they are fitted on.

use ndarray::{Array1, Array2};
use tabular::TabularError;
use tabular::cholesky::inverse;

use crate::newton::Newton;

/// Strengths that can be told apart: below, a coefficient is free; above, it is 0.
const STRENGTHS: (f64, f64) = (1e-3, 1e6);
/// Rounds of fitting and of weighing the evidence, and the change of the rows' log odds (root of the mean square) below which they end:
/// strengths go on long after they make no difference.
const ROUNDS: usize = 30;
const STILL: f64 = 5e-4;

/// Coefficients that are drawn to 0 together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    columns: Vec<usize>,
    /// What a strength of 1 adds to the penalty (columns × columns of the block).
    penalty: Array2<f64>,
}

impl Block {
    /// Returns a block whose penalty is `strength · bᵀ · penalty · b / 2`.
    pub(crate) fn new(columns: Vec<usize>, penalty: Array2<f64>) -> Self {
        Self { columns, penalty }
    }

    fn add_to(&self, all: &mut Array2<f64>, strength: f64) {
        for (at, row) in self.columns.iter().enumerate() {
            for (to, column) in self.columns.iter().enumerate() {
                all[[*row, *column]] += strength * self.penalty[[at, to]];
            }
        }
    }

    /// The trace of the penalty times a symmetric matrix, over the free columns.
    fn trace(&self, of: &Array2<f64>, is_free: &[bool]) -> f64 {
        let mut sum = 0.0;
        for (at, row) in self.columns.iter().enumerate() {
            for (to, column) in self.columns.iter().enumerate() {
                if is_free[*row] && is_free[*column] {
                    sum += self.penalty[[at, to]] * of[[*row, *column]];
                }
            }
        }
        sum
    }

    fn size(&self, b: &Array1<f64>) -> f64 {
        let own: Array1<f64> = self.columns.iter().map(|column| b[*column]).collect();
        own.dot(&self.penalty.dot(&own))
    }
}

/// Fits coefficients and, in turn, the strength of each block: that under which the outcomes, over all coefficients, are likeliest (MacKay,
/// *The Evidence Framework Applied to Classification Networks*, 1992; the step is that of Wood and Fasiolo, *A Generalized Fellner-Schall
/// Method for Smoothing Parameter Optimization*, 2017). Columns of no block are free but for the trace that `newton` has on them.
///
/// # Errors
/// `Fit` where the numbers get out of hand.
pub(crate) fn fit(newton: &mut Newton<'_>, blocks: &[Block]) -> Result<Array1<f64>, TabularError> {
    let trace = newton.penalty.clone();
    let mut strengths = vec![1.0; blocks.len()];
    let mut b = Array1::zeros(newton.signs.len());
    for _ in 0..ROUNDS {
        newton.penalty = trace.clone();
        let each = blocks.iter().zip(&strengths);
        each.for_each(|(block, strength)| block.add_to(&mut newton.penalty, *strength));
        let next = newton.solve(b.clone())?;
        let moved = newton.x.dot(&(&next - &b)).mapv(|odds| odds * odds).mean();
        b = next;
        if moved.is_none_or(|moved| moved.sqrt() < STILL) {
            break;
        }
        let is_free: Vec<bool> = b
            .iter()
            .zip(&newton.signs)
            .map(|(b, sign)| *b != 0.0 || *sign == 0.0)
            .collect();
        let before = inverse(held(newton.penalty.clone(), &is_free))?;
        let after = inverse(held(newton.curve(&b), &is_free))?;
        for (block, strength) in blocks.iter().zip(&mut strengths) {
            let told = block.trace(&before, &is_free) - block.trace(&after, &is_free);
            let next = *strength * told.max(0.0) / block.size(&b);
            // Where no coefficient is free there is nothing to go by.
            if !next.is_nan() {
                *strength = next.clamp(STRENGTHS.0, STRENGTHS.1);
            }
        }
    }
    Ok(b)
}

/// The matrix in which columns that are not free stand alone.
fn held(mut matrix: Array2<f64>, is_free: &[bool]) -> Array2<f64> {
    for (at, _) in is_free.iter().enumerate().filter(|(_, free)| !**free) {
        matrix.row_mut(at).fill(0.0);
        matrix.column_mut(at).fill(0.0);
        matrix[[at, at]] = 1.0;
    }
    matrix
}
