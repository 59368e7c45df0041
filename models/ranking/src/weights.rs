//! What each term weighs for a client.

use linfa::ParamGuard;
use tabular::{TabularError, require};

use crate::breakdown::{Breakdown, Part, shares, to_share};
use crate::term::{Formula, Readings, Term};

/// Weights that were checked; only these score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedWeights {
    formula: Formula,
    /// In the order of the formula's terms.
    weights: [f64; 6],
}

/// Weights of a client, relative to each other.
///
/// | GlobalScore | default | PeopleScore | default | range |
/// |---|---|---|---|---|
/// | `price` | 0.30 | `fit` | 0.30 | 0–1 |
/// | `quality` | 0.20 | `reputation` | 0.20 | 0–1 |
/// | `fit` | 0.20 | `price_alignment` | 0.15 | 0–1 |
/// | `delay` | 0.10 | `availability` | 0.15 | 0–1 |
/// | `risk` | 0.10 | `loc` | 0.10 | 0–1 |
/// | `loc` | 0.10 | `risk` | 0.10 | 0–1 |
///
/// A weight that is not set keeps its default; they are divided by their sum, which must be above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightParams(CheckedWeights);

impl WeightParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(formula: Formula) -> Self {
        let weights = match formula {
            Formula::Global => [0.30, 0.20, 0.20, 0.10, 0.10, 0.10],
            Formula::People => [0.30, 0.20, 0.15, 0.15, 0.10, 0.10],
        };
        Self(CheckedWeights { formula, weights })
    }

    /// Sets the weight of a term by its name.
    ///
    /// # Errors
    /// `UnknownFeature`, with the terms there are.
    pub fn weight(mut self, term: &str, weight: f64) -> Result<Self, TabularError> {
        let term = self.0.formula.term(term)?;
        let terms = self.0.formula.terms();
        for (of, at) in terms.into_iter().zip(&mut self.0.weights) {
            if of == term {
                *at = weight;
            }
        }
        Ok(self)
    }
}

impl ParamGuard for WeightParams {
    type Checked = CheckedWeights;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedWeights, TabularError> {
        for (term, weight) in self.0.formula.terms().iter().zip(self.0.weights) {
            let good = (0.0..=1.0).contains(&weight);
            require(good, term.name(), "a weight is within 0 and 1")?;
        }
        let sum: f64 = self.0.weights.iter().sum();
        require(sum > 0.0, "weights", "all are 0")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedWeights, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl CheckedWeights {
    /// Returns the formula that the weights are of.
    #[must_use]
    pub fn formula(&self) -> Formula {
        self.formula
    }

    /// Returns each term's share of the score where all are known; they sum to 1 exactly.
    #[must_use]
    pub fn shares(&self) -> [(Term, f64); 6] {
        let shares = shares(&self.weights);
        let terms = self.formula.terms();
        std::array::from_fn(|at| (terms[at], to_share(shares[at])))
    }

    /// Scores readings: the sum of weight × value over the terms that are known, their weights divided by their sum.
    ///
    /// # Errors
    /// `Invalid` where the readings are of the other formula.
    pub fn score(&self, readings: &Readings) -> Result<Breakdown, TabularError> {
        let same = readings.formula == self.formula;
        require(same, "readings", "they are of another formula")?;
        let known = readings.terms.iter().zip(self.weights);
        let left: Vec<f64> = known
            .map(|(reading, weight)| if reading.is_some() { weight } else { 0.0 })
            .collect();
        let (mut parts, mut unknown, mut sum) = (Vec::new(), Vec::new(), 0);
        for ((term, reading), weight) in readings.iter().zip(shares(&left)) {
            let Some(reading) = reading else {
                unknown.push(term);
                continue;
            };
            // Rounding rises with the value, and is no more than the weight.
            let contribution = (reading.value * weight as f64).round() as u64;
            sum += contribution;
            parts.push(Part {
                term,
                value: reading.value,
                weight: to_share(weight),
                contribution: to_share(contribution),
                inputs: reading.inputs.clone(),
            });
        }
        let total: f64 = self.weights.iter().sum();
        Ok(Breakdown {
            formula: self.formula,
            score: to_share(sum),
            parts,
            unknown,
            known_weight: (left.iter().sum::<f64>() / total).clamp(0.0, 1.0),
        })
    }
}
