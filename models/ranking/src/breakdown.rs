//! A score as an exact sum.

use serde::Serialize;

use crate::term::{Formula, Input, Term};

/// Weights and contributions are whole numbers of this part of 1, which floats add without rounding, in any order.
const GRAINS: u64 = 1 << 40;

/// What a term adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The term.
    pub term: Term,
    /// Its value, in [0, 1].
    pub value: f64,
    /// Its share of the weights of the terms that are known; they sum to 1.
    pub weight: f64,
    /// `weight · value`, to 2⁻⁴⁰.
    pub contribution: f64,
    /// What the value was read from.
    pub inputs: Vec<(&'static str, Input)>,
}

/// A score and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breakdown {
    /// The formula.
    pub formula: Formula,
    /// The exact sum of the contributions, in [0, 1]; 0 where nothing is known.
    pub score: f64,
    /// The terms that are known, in the formula's order.
    pub parts: Vec<Part>,
    /// Those that are not: they were left out, and the others' weights divided by what remained.
    pub unknown: Vec<Term>,
    /// Share of the client's weights that the known terms have: 1 where all are known.
    pub known_weight: f64,
}

impl Breakdown {
    /// Returns the parts that speak most for it, by contribution; the formula's order breaks ties.
    #[must_use]
    pub fn strengths(&self) -> Vec<&Part> {
        self.by(|part| part.contribution)
    }

    /// Returns the parts that cost it most, by what they lack of their weight; the formula's order breaks ties. What lacks nothing is left out.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<&Part> {
        let mut found = self.by(|part| part.weight - part.contribution);
        found.retain(|part| part.contribution < part.weight);
        found
    }

    fn by(&self, key: impl Fn(&Part) -> f64) -> Vec<&Part> {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by(|a, b| key(b).total_cmp(&key(a)));
        parts
    }
}

/// Divides weights by their sum, in grains that sum to all of them: rounded down, the rest to the largest remainders, the first at ties.
/// All 0 where the weights are.
pub(crate) fn shares(weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<f64> = weights
        .iter()
        .map(|weight| weight / sum * GRAINS as f64)
        .collect();
    let mut found: Vec<u64> = exact.iter().map(|grains| grains.floor() as u64).collect();
    let mut order: Vec<usize> = (0..exact.len()).filter(|at| weights[*at] > 0.0).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let rest = GRAINS.saturating_sub(found.iter().sum()) as usize;
    for at in order.iter().cycle().take(rest) {
        found[*at] += 1;
    }
    // Rounding of the division could only have given a grain too many to one of several.
    let over = found.iter().sum::<u64>().saturating_sub(GRAINS);
    if let Some(most) = found.iter_mut().max() {
        *most -= over;
    }
    found
}

pub(crate) fn to_share(grains: u64) -> f64 {
    grains as f64 / GRAINS as f64
}
