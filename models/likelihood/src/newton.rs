//! Log odds linear in columns, with a quadratic penalty and coefficients that are held to a sign.

use ndarray::{Array1, Array2};
use tabular::cholesky::{solve, weighted_gram};
use tabular::{TabularError, sigmoid};

/// The weighted log loss with `bᵀ · penalty · b / 2`, made small by Newton's method. Coefficients with a sign are projected onto it and those
/// that would leave it wait at 0 (Bertsekas, *Projected Newton Methods for Optimization Problems with Simple Constraints*, 1982).
pub(crate) struct Newton<'a> {
    /// Rows × columns.
    pub(crate) x: Array2<f64>,
    /// 0 or 1 per row.
    pub(crate) y: &'a Array1<f64>,
    /// What each row counts.
    pub(crate) weights: Array1<f64>,
    /// Columns × columns.
    pub(crate) penalty: Array2<f64>,
    /// Per column 1 where the coefficient is not below 0, −1 where it is not above, 0 where it may be any.
    pub(crate) signs: Vec<f64>,
}

impl Newton<'_> {
    /// Returns the coefficients, from those of a fit nearby.
    ///
    /// # Errors
    /// `Fit` where the numbers get out of hand.
    pub(crate) fn solve(&self, start: Array1<f64>) -> Result<Array1<f64>, TabularError> {
        let mut b = start;
        let mut loss = self.loss(&b);
        for _ in 0..100 {
            let (mut gradient, mut curve) = self.gradient_and_curve(&b);
            for at in 0..b.len() {
                curve[[at, at]] += 1e-9;
                if b[at] == 0.0 && gradient[at] * self.signs[at] > 0.0 {
                    gradient[at] = 0.0;
                    curve.row_mut(at).fill(0.0);
                    curve.column_mut(at).fill(0.0);
                    curve[[at, at]] = 1.0;
                }
            }
            let step = solve(curve, gradient)?;
            let (mut length, before) = (1.0, loss);
            let is_projected = loop {
                let (next, is_projected) = self.projected(&b - &(length * &step));
                let reached = self.loss(&next);
                if reached <= before || length < 1e-10 {
                    (b, loss) = (next, reached);
                    break is_projected;
                }
                length /= 2.0;
            };
            // Where a coefficient came to 0 on the way, the others have not gone as far as they may.
            if before - loss < 1e-12 * (1.0 + loss.abs()) && !is_projected {
                break;
            }
        }
        Ok(b)
    }

    /// Returns the second derivatives of the penalised loss (columns × columns).
    pub(crate) fn curve(&self, b: &Array1<f64>) -> Array2<f64> {
        self.gradient_and_curve(b).1
    }

    fn gradient_and_curve(&self, b: &Array1<f64>) -> (Array1<f64>, Array2<f64>) {
        let p = self.x.dot(b).mapv(sigmoid);
        let residual = (&p - self.y) * &self.weights;
        let gradient = self.x.t().dot(&residual) + self.penalty.dot(b);
        let bend = p.mapv(|p| p * (1.0 - p)) * &self.weights;
        (gradient, weighted_gram(&self.x, &bend) + &self.penalty)
    }

    /// Sets coefficients that left their sign to 0, and says whether one had.
    fn projected(&self, mut b: Array1<f64>) -> (Array1<f64>, bool) {
        let mut has_left = false;
        for (b, sign) in b.iter_mut().zip(&self.signs) {
            if *b * sign < 0.0 {
                (*b, has_left) = (0.0, true);
            }
        }
        (b, has_left)
    }

    fn loss(&self, b: &Array1<f64>) -> f64 {
        let scores = self.x.dot(b);
        let rows = scores.iter().zip(self.y).zip(&self.weights);
        // ln(1 + e^z) without overflow.
        let sum: f64 = rows
            .map(|((z, y), w)| w * (z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z))
            .sum();
        let bent = self.penalty.dot(b);
        let products = b.iter().zip(&bent).map(|(b, bent)| b * bent);
        sum + 0.5 * products.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use tabular::Random;

    use super::*;

    #[test]
    fn no_coefficient_could_do_better_on_its_side_of_zero() {
        let mut random = Random::new(3);
        for round in 0..20 {
            let (rows, columns) = (80, 7);
            let mut x = Array2::from_shape_fn((rows, columns), |_| random.share() - 0.5);
            // Columns that go together, so that coefficients leave and come back.
            for row in 0..rows {
                x[[row, 2]] = x[[row, 1]] + 0.1 * x[[row, 2]];
                x[[row, 4]] = x[[row, 3]] - x[[row, 1]] + 0.1 * x[[row, 4]];
            }
            let odds = |row: usize| 3.0 * x[[row, 0]] - 2.0 * x[[row, 1]] + x[[row, 5]];
            let y: Array1<f64> = (0..rows)
                .map(|row| f64::from(u8::from(random.share() < sigmoid(odds(row)))))
                .collect();
            let newton = Newton {
                penalty: Array2::eye(columns) * 0.1,
                x,
                y: &y,
                weights: Array1::ones(rows),
                signs: vec![0.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0],
            };
            let b = newton.solve(Array1::zeros(columns)).unwrap();
            let gradient = newton.gradient_and_curve(&b).0;
            for at in 0..columns {
                let (sign, pull) = (newton.signs[at], gradient[at]);
                assert!(b[at] * sign >= 0.0, "round {round}, column {at}");
                if b[at] == 0.0 && sign != 0.0 {
                    assert!(pull * sign > -1e-4, "round {round}, column {at}: {pull}");
                } else {
                    assert!(pull.abs() < 1e-4, "round {round}, column {at}: {pull}");
                }
            }
        }
    }
}
