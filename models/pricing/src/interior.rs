//! Exact quantile regression by a primal-dual interior point (Portnoy and Koenker, *The Gaussian Hare and the Laplacian Tortoise*, 1997;
//! predictor and corrector after Mehrotra, 1992), with a quadratic term.

use linfa::Error;
use ndarray::{Array1, Array2, Zip};
use tabular::cholesky::{solve, weighted_gram};

/// Makes `Σ ρ_level(y − x·b) + Σ ridge · b² / 2` small.
#[derive(Debug)]
pub(crate) struct Problem {
    /// (rows × columns).
    pub(crate) x: Array2<f64>,
    pub(crate) y: Array1<f64>,
    /// Level of each row, within (0, 1).
    pub(crate) levels: Array1<f64>,
    /// Weight of each column's square.
    pub(crate) ridge: Array1<f64>,
}

/// Duality gap, relative to the loss, at which the solution counts as exact.
const GAP: f64 = 1e-9;
const STEPS: usize = 200;

/// Where the iteration stands: coefficients, the residuals' positive and negative parts, and the rows' duals.
struct State {
    b: Array1<f64>,
    above: Array1<f64>,
    below: Array1<f64>,
    dual: Array1<f64>,
}

/// A step of each.
struct Step {
    b: Array1<f64>,
    above: Array1<f64>,
    below: Array1<f64>,
    dual: Array1<f64>,
}

impl Problem {
    /// Returns the coefficients.
    ///
    /// # Errors
    /// `NotConverged` where the gap does not close.
    pub(crate) fn solve(&self) -> Result<Array1<f64>, Error> {
        let mut state = self.start();
        let mut last = f64::INFINITY;
        for _ in 0..STEPS {
            let gap = self.gap(&state) / (1.0 + self.loss(&state.b));
            if gap < GAP {
                return Ok(state.b);
            }
            last = gap;
            self.improve(&mut state)?;
        }
        // Rounding can hold the gap just above the mark; that is as exact as the numbers allow.
        if last < 1e3 * GAP {
            Ok(state.b)
        } else {
            Err(Error::NotConverged(format!(
                "the gap of a quantile regression stays at {last:e}"
            )))
        }
    }

    fn start(&self) -> State {
        let spread = self.y.mapv(f64::abs).mean().unwrap_or(1.0).max(1e-6);
        State {
            b: Array1::zeros(self.x.ncols()),
            above: self.y.mapv(|y| y.max(0.0) + spread),
            below: self.y.mapv(|y| (-y).max(0.0) + spread),
            dual: Array1::zeros(self.y.len()),
        }
    }

    fn loss(&self, b: &Array1<f64>) -> f64 {
        let residuals = &self.y - &self.x.dot(b);
        let rows = residuals.iter().zip(&self.levels);
        let pinball: f64 = rows
            .map(|(r, level)| (level * r).max((level - 1.0) * r))
            .sum();
        pinball
            + 0.5
                * self
                    .ridge
                    .iter()
                    .zip(b)
                    .map(|(ridge, b)| ridge * b * b)
                    .sum::<f64>()
    }

    /// What keeps the dual below its upper bound, and above its lower one.
    fn slacks(&self, dual: &Array1<f64>) -> (Array1<f64>, Array1<f64>) {
        (&self.levels - dual, dual - &self.levels + 1.0)
    }

    fn gap(&self, state: &State) -> f64 {
        let (upper, lower) = self.slacks(&state.dual);
        state.above.dot(&upper) + state.below.dot(&lower)
    }

    fn improve(&self, state: &mut State) -> Result<(), Error> {
        let (upper, lower) = self.slacks(&state.dual);
        let rows = 2.0 * self.y.len() as f64;
        let centre = self.gap(state) / rows;
        // How well each row's residual and slack match; the first step wants both products to vanish.
        let mut want_above = -(&state.above * &upper);
        let mut want_below = -(&state.below * &lower);
        let bend = Zip::from(&state.above)
            .and(&upper)
            .and(&state.below)
            .and(&lower)
            .map_collect(|above, upper, below, lower| above / upper + below / lower);
        let inverse = bend.mapv(f64::recip);
        let mut gram = weighted_gram(&self.x, &inverse);
        for (at, ridge) in self.ridge.iter().enumerate() {
            gram[[at, at]] += ridge;
        }
        let system = System {
            problem: self,
            state,
            upper: &upper,
            lower: &lower,
            inverse: &inverse,
            gram: &gram,
        };
        let first = system.step(&want_above, &want_below)?;
        let length = system.length(&first);
        let after = {
            let above = &state.above + &(length * &first.above);
            let below = &state.below + &(length * &first.below);
            above.dot(&(&upper - &(length * &first.dual)))
                + below.dot(&(&lower + &(length * &first.dual)))
        } / rows;
        let wanted = centre * (after / centre).powi(3);
        want_above = want_above + wanted + &first.above * &first.dual;
        want_below = want_below + wanted - &first.below * &first.dual;
        let step = system.step(&want_above, &want_below)?;
        let length = (0.9995 * system.length(&step)).min(1.0);
        state.b.scaled_add(length, &step.b);
        state.above.scaled_add(length, &step.above);
        state.below.scaled_add(length, &step.below);
        state.dual.scaled_add(length, &step.dual);
        Ok(())
    }
}

struct System<'a> {
    problem: &'a Problem,
    state: &'a State,
    upper: &'a Array1<f64>,
    lower: &'a Array1<f64>,
    inverse: &'a Array1<f64>,
    gram: &'a Array2<f64>,
}

impl System<'_> {
    /// Newton's step towards the wanted change of the products.
    fn step(&self, above: &Array1<f64>, below: &Array1<f64>) -> Result<Step, Error> {
        let Problem { x, y, ridge, .. } = self.problem;
        let state = self.state;
        let residual = y - &x.dot(&state.b) - &state.above + &state.below;
        let residual = residual - above / self.upper + below / self.lower;
        let right = x.t().dot(&(&state.dual + &(&residual * self.inverse))) - ridge * &state.b;
        let b = solve(self.gram.clone(), right)?;
        let dual = (residual - x.dot(&b)) * self.inverse;
        Ok(Step {
            above: (above + &(&state.above * &dual)) / self.upper,
            below: (below - &(&state.below * &dual)) / self.lower,
            b,
            dual,
        })
    }

    /// How far the step can go until something that must be positive is not.
    fn length(&self, step: &Step) -> f64 {
        let mut length = 1.0_f64;
        let mut hold = |value: f64, change: f64| {
            if change < 0.0 {
                length = length.min(-value / change);
            }
        };
        let each = |hold: &mut dyn FnMut(f64, f64),
                    values: &Array1<f64>,
                    changes: &Array1<f64>,
                    sign: f64| {
            values
                .iter()
                .zip(changes)
                .for_each(|(value, change)| hold(*value, sign * change));
        };
        each(&mut hold, &self.state.above, &step.above, 1.0);
        each(&mut hold, &self.state.below, &step.below, 1.0);
        each(&mut hold, self.upper, &step.dual, -1.0);
        each(&mut hold, self.lower, &step.dual, 1.0);
        length
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use ndarray::{Array1, Array2};
    use tabular::Random;

    fn problem(rows: usize, level: f64, seed: u64) -> Problem {
        let mut random = Random::new(seed);
        let x = Array2::from_shape_fn(
            (rows, 2),
            |(_, column)| if column == 0 { 1.0 } else { random.share() },
        );
        let y = x.column(1).mapv(|x| 3.0 * x + random.share() * (1.0 + x));
        Problem {
            x,
            y,
            levels: Array1::from_elem(rows, level),
            ridge: Array1::zeros(2),
        }
    }

    /// An optimum passes through as many points as it has coefficients: all pairs are tried.
    #[test]
    fn a_line_is_as_good_as_the_best_through_two_points() {
        for (seed, level) in [(1, 0.1), (2, 0.5), (3, 0.9), (4, 0.75)] {
            let problem = problem(40, level, seed);
            let found = problem.loss(&problem.solve().unwrap());
            let mut best = f64::INFINITY;
            for a in 0..40 {
                for b in 0..a {
                    let (xa, xb) = (problem.x[[a, 1]], problem.x[[b, 1]]);
                    let slope = (problem.y[a] - problem.y[b]) / (xa - xb);
                    let line = Array1::from(vec![problem.y[a] - slope * xa, slope]);
                    best = best.min(problem.loss(&line));
                }
            }
            assert!(
                (found - best).abs() < 1e-7 * best,
                "{found} against {best} at {level}"
            );
        }
    }

    #[test]
    fn no_small_step_from_a_ridge_solution_is_better() {
        let mut problem = problem(200, 0.9, 5);
        problem.ridge = Array1::from(vec![0.0, 3.0]);
        let b = problem.solve().unwrap();
        let found = problem.loss(&b);
        for (at, step) in [(0, 1e-4), (0, -1e-4), (1, 1e-4), (1, -1e-4)] {
            let mut other = b.clone();
            other[at] += step;
            assert!(problem.loss(&other) >= found - 1e-9);
        }
    }
}
