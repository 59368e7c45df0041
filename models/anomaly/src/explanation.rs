//! What made a row strange.

use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

use crate::fit::fill;
use crate::forest::IsolationForest;
use crate::path::score;
use crate::rows::refuse_infinite;
use crate::score::path_lengths;
use crate::trees::Trees;

/// A score with what makes it: `base` and all parts sum to `score`.
///
/// A node's mean path length is what is expected of a row that came to it; each step down changes what is expected, and all steps together
/// lead from what is expected at the root to the row's own path length. A step's change, a shorter path counting as more, is its split's
/// column's (of a hyperplane: shared among the columns by how far each leans, from its typical value, to the side that was taken). Means
/// over trees, they sum to the expected path length less the row's. This is the attribution along paths of Saabas (*Interpreting random
/// forests*, 2014) on the path lengths that DIFFI weighs (Carletti, Terzi and Susto, 2023). Lengths are turned into scores by the slope
/// of the chord from the base to the score, which leaves no remainder and knows no order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score of a path of the length expected of training rows.
    pub base: f64,
    /// What each column adds, the largest first; a missing value adds nothing, and what makes a row ordinary is below 0.
    pub parts: Vec<(String, f64)>,
    /// The score, as [`IsolationForest::predict`] says it.
    pub score: f64,
}

impl IsolationForest {
    /// Explains the score of a row.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn explain(&self, row: &[f64]) -> Result<Explanation, TabularError> {
        let columns = self.columns();
        require(
            row.len() == columns.len(),
            "columns",
            &format!("want {}, found {}", columns.len(), row.len()),
        )?;
        refuse_infinite(row, columns)?;
        let trees = self.trees();
        let mut known = row.to_vec();
        if trees.planes.is_some() {
            fill(&mut known, self.typical());
        }
        let mut parts = vec![0.0; columns.len()];
        let walk = Walk {
            trees,
            row: &known,
            typical: self.typical(),
        };
        let share = 1.0 / trees.roots.len() as f64;
        let mut expected = 0.0;
        for root in &trees.roots {
            expected += share * trees.nodes.lengths[root.at as usize];
            walk.credit(root.at as usize, share, &mut parts);
        }
        let found = path_lengths(trees, self.typical(), row)[0];
        let (base, score) = (score(expected, self.scale()), score(found, self.scale()));
        let shorter = expected - found;
        let rate = if shorter.abs() < 1e-9 {
            score * std::f64::consts::LN_2 / self.scale()
        } else {
            (score - base) / shorter
        };
        let scaled = parts.into_iter().map(|part| part * rate);
        let mut parts: Vec<(String, f64)> = columns.iter().cloned().zip(scaled).collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(Explanation { base, parts, score })
    }
}

/// A row on its way down.
struct Walk<'a> {
    trees: &'a Trees,
    row: &'a [f64],
    typical: &'a [Option<f64>],
}

impl Walk<'_> {
    /// Credits each step below a node, weighed, to columns.
    fn credit(&self, mut at: usize, weight: f64, parts: &mut [f64]) {
        let nodes = &self.trees.nodes;
        while !nodes.is_leaf(at) {
            let split = nodes.splits[at];
            let (by, left) = (split.by as usize, split.left as usize);
            let value = match &self.trees.planes {
                Some(planes) => planes.project(by, |column| self.row[column]),
                None => self.row[by],
            };
            if self.trees.planes.is_none() && value.is_nan() {
                // Both ways by training shares: what is expected does not change.
                for side in [left, left + 1] {
                    let share = f64::from(nodes.rows[side]) / f64::from(nodes.rows[at]);
                    self.credit(side, weight * share, parts);
                }
                return;
            }
            let is_above = value >= split.threshold;
            let next = left + usize::from(is_above);
            let shorter = weight * (nodes.lengths[at] - nodes.lengths[next]);
            if self.trees.planes.is_some() {
                self.share_out(by, is_above, shorter, parts);
            } else {
                parts[by] += shorter;
            }
            at = next;
        }
    }

    /// Shares a step out among the columns of a hyperplane: by how far each leans to the side taken, evenly where none does.
    fn share_out(&self, place: usize, is_above: bool, shorter: f64, parts: &mut [f64]) {
        let Some(planes) = &self.trees.planes else {
            return;
        };
        let lean = |(column, coefficient): (usize, f64)| {
            let apart = self.row[column] - self.typical[column].unwrap_or(0.0);
            let upwards = coefficient * apart;
            let leaning = if is_above { upwards } else { -upwards };
            (column, leaning.max(0.0))
        };
        let all: f64 = planes.terms(place).map(|term| lean(term).1).sum();
        let count = planes.terms(place).count() as f64;
        for term in planes.terms(place) {
            let (column, leaning) = lean(term);
            let share = if all > 0.0 {
                leaning / all
            } else {
                1.0 / count
            };
            parts[column] += shorter * share;
        }
    }
}
