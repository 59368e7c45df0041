//! A PeopleScore as an answer shows it, and the best of many.

use std::collections::BTreeMap;

use ranking::{Breakdown, CheckedWeights, Input, Person, Term, order};
use serde::Serialize;

use crate::ApiError;

/// A score and what it is made of. `score` is the sum of all contributions to the last bit, in any order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Score {
    pub(crate) score: f64,
    pub(crate) terms: Vec<TermShare>,
    /// Terms of which nothing is known: their weight went to the others.
    pub(crate) unknown: Vec<Term>,
    /// Share of the weights that the known terms have.
    pub(crate) known_weight: f64,
}

/// What a term adds: `contribution` is `weight` × `value`, to 2⁻⁴⁰.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TermShare {
    pub(crate) term: Term,
    pub(crate) value: f64,
    pub(crate) weight: f64,
    pub(crate) contribution: f64,
    /// What the value was read from.
    pub(crate) inputs: BTreeMap<&'static str, Input>,
}

impl Score {
    /// Scores what is known of somebody.
    pub(crate) fn of(person: &Person, weights: &CheckedWeights) -> Result<Self, ApiError> {
        let breakdown = weights.score(&person.read());
        breakdown.map(Self::from).map_err(|_| ApiError::internal())
    }

    /// The terms, the greatest contribution first.
    pub(crate) fn by_contribution(&self) -> Vec<&TermShare> {
        let mut terms: Vec<_> = self.terms.iter().collect();
        terms.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        terms
    }
}

impl TermShare {
    pub(crate) fn whole(&self, input: &str) -> Option<i64> {
        match self.inputs.get(input)? {
            Input::Whole(number) => Some(*number),
            Input::Share(_) => None,
        }
    }

    pub(crate) fn share(&self, input: &str) -> Option<f64> {
        match self.inputs.get(input)? {
            Input::Share(share) => Some(*share),
            Input::Whole(_) => None,
        }
    }
}

impl From<Breakdown> for Score {
    fn from(breakdown: Breakdown) -> Self {
        let terms = breakdown.parts.into_iter().map(|part| TermShare {
            term: part.term,
            value: part.value,
            weight: part.weight,
            contribution: part.contribution,
            inputs: part.inputs.into_iter().collect(),
        });
        Self {
            score: breakdown.score,
            terms: terms.collect(),
            unknown: breakdown.unknown,
            known_weight: breakdown.known_weight,
        }
    }
}

/// The best of those that were scored, best first, equal scores by id: the first of any larger number.
pub(crate) fn best<T>(scored: Vec<(String, Score, T)>, limit: usize) -> Vec<(String, Score, T)> {
    let keys: Vec<(&str, f64)> = scored
        .iter()
        .map(|(id, score, _)| (id.as_str(), score.score))
        .collect();
    let places = order(&keys);
    let mut left: Vec<Option<(String, Score, T)>> = scored.into_iter().map(Some).collect();
    let best = places.into_iter().take(limit);
    best.filter_map(|place| left[place].take()).collect()
}

/// The share of the score that each term has where all are known.
pub(crate) fn shares(weights: &CheckedWeights) -> BTreeMap<&'static str, f64> {
    let shares = weights.shares().into_iter();
    shares.map(|(term, share)| (term.name(), share)).collect()
}
