//! Solving small symmetric systems.

use linfa::Error;
use ndarray::{Array1, Array2};

/// Solves `matrix · x = right` for a symmetric positive matrix (columns × columns), of which the lower half is read. A direction in which
/// the matrix is flat gets no step.
///
/// # Errors
/// `NotConverged` where a number is not finite.
pub fn solve(mut matrix: Array2<f64>, mut right: Array1<f64>) -> Result<Array1<f64>, Error> {
    factored(&mut matrix);
    substituted(&matrix, &mut right)?;
    Ok(right)
}

/// Inverts a symmetric positive matrix (columns × columns), of which the lower half is read.
///
/// # Errors
/// `NotConverged` where a number is not finite.
pub fn inverse(mut matrix: Array2<f64>) -> Result<Array2<f64>, Error> {
    factored(&mut matrix);
    let mut inverse = Array2::eye(matrix.nrows());
    for mut row in inverse.rows_mut() {
        let mut right = row.to_owned();
        substituted(&matrix, &mut right)?;
        // Symmetric: rows are columns.
        row.assign(&right);
    }
    Ok(inverse)
}

/// Puts the factor (Cholesky's) into the lower half.
fn factored(matrix: &mut Array2<f64>) {
    let size = matrix.nrows();
    let largest = (0..size).fold(0.0_f64, |most, at| most.max(matrix[[at, at]]));
    for column in 0..size {
        for inner in 0..column {
            let factor = matrix[[column, inner]];
            for row in column..size {
                matrix[[row, column]] -= factor * matrix[[row, inner]];
            }
        }
        let pivot = matrix[[column, column]];
        // A pivot lost in rounding stands for a column that the others make up.
        let pivot = if pivot > 1e-14 * largest {
            pivot.sqrt()
        } else {
            f64::MAX.sqrt()
        };
        for row in column..size {
            matrix[[row, column]] /= pivot;
        }
        matrix[[column, column]] = pivot;
    }
}

fn substituted(factor: &Array2<f64>, right: &mut Array1<f64>) -> Result<(), Error> {
    let size = right.len();
    for row in 0..size {
        for inner in 0..row {
            right[row] -= factor[[row, inner]] * right[inner];
        }
        right[row] /= factor[[row, row]];
    }
    for row in (0..size).rev() {
        for below in row + 1..size {
            right[row] -= factor[[below, row]] * right[below];
        }
        right[row] /= factor[[row, row]];
    }
    if right.iter().all(|x| x.is_finite()) {
        Ok(())
    } else {
        Err(Error::NotConverged(
            "a linear system has no finite solution".to_owned(),
        ))
    }
}

/// Returns `xᵀ · diag(weights) · x` (columns × columns) of a matrix (rows × columns).
#[must_use]
pub fn weighted_gram(x: &Array2<f64>, weights: &Array1<f64>) -> Array2<f64> {
    let mut scaled = x.clone();
    for (mut row, weight) in scaled.rows_mut().into_iter().zip(weights) {
        row *= *weight;
    }
    x.t().dot(&scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    #[test]
    fn a_matrix_times_its_inverse_is_one_and_its_columns_are_what_solve_finds() {
        let mut random = Random::new(1);
        let x = Array2::from_shape_fn((30, 6), |_| random.share() - 0.5);
        let matrix = weighted_gram(&x, &Array1::from_elem(30, 2.0));
        let inverse = inverse(matrix.clone()).unwrap();
        let product = matrix.dot(&inverse) - Array2::<f64>::eye(6);
        assert!(product.iter().all(|x| x.abs() < 1e-10), "{product}");
        let mut third = Array1::zeros(6);
        third[2] = 1.0;
        let gap = solve(matrix, third).unwrap() - inverse.column(2);
        assert!(gap.iter().all(|x| x.abs() < 1e-10), "{gap}");
    }
}
