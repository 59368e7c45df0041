//! A PeopleScore as an answer shows it, and the best of many.

use std::collections::BTreeMap;

use ranking::{Breakdown, CheckedWeights, Input, Person, Term, order};
use serde::Serialize;

use crate::ApiError;

/// What rounding may add to a score above its bound.
const ROUNDING: f64 = 1e-9;

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

/// Somebody by id, with the score.
pub(crate) type Scored<T> = (String, Score, T);

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
pub(crate) fn best<T>(scored: Vec<Scored<T>>, limit: usize) -> Vec<Scored<T>> {
    let keys: Vec<(&str, f64)> = scored
        .iter()
        .map(|(id, score, _)| (id.as_str(), score.score))
        .collect();
    let places = order(&keys);
    let mut left: Vec<Option<Scored<T>>> = scored.into_iter().map(Some).collect();
    let best = places.into_iter().take(limit);
    best.filter_map(|place| left[place].take()).collect()
}

/// The best of those that [`best`] would find, where a score takes long to work out: `all` have an id and a bound that their score is not above, and only
/// those that may be among the best are read.
pub(crate) fn best_within<T, R>(
    mut all: Vec<(String, f64, T)>,
    limit: usize,
    read: impl Fn(&T) -> Result<(Score, R), ApiError>,
) -> Result<Vec<Scored<(T, R)>>, ApiError> {
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut scored = Vec::new();
    // The best scores so far, falling, at most as many as are wanted.
    let mut kept: Vec<f64> = Vec::new();
    for (id, bound, of) in all {
        if kept.len() == limit && kept.last().is_some_and(|last| *last > bound + ROUNDING) {
            break;
        }
        let (score, more) = read(&of)?;
        let place = kept.partition_point(|one| *one >= score.score);
        kept.insert(place, score.score);
        kept.truncate(limit);
        scored.push((id, score, (of, more)));
    }
    Ok(best(scored, limit))
}

/// The share of the score that each term has where all are known.
pub(crate) fn shares(weights: &CheckedWeights) -> BTreeMap<&'static str, f64> {
    let shares = weights.shares().into_iter();
    shares.map(|(term, share)| (term.name(), share)).collect()
}

#[cfg(test)]
mod tests {
    use ranking::{Formula, ParamGuard as _, WeightParams};

    use super::*;

    #[test]
    fn the_best_within_bounds_are_the_best_and_most_others_are_never_read() {
        let weights = WeightParams::new(Formula::People).check().unwrap();
        let person = |at: u32, loc: f64| Person {
            fit: Some(f64::from(at * 37 % 100) / 100.0),
            loc: Some(loc),
            ..Person::default()
        };
        let ids = |found: &[Scored<(u32, ())>]| -> Vec<String> {
            found.iter().map(|(id, ..)| id.clone()).collect()
        };
        let exact = |at: u32| Score::of(&person(at, f64::from(at % 7) / 7.0), &weights).unwrap();
        for limit in [1, 5, 20, 500] {
            let all = (0..200).map(|at| {
                let bound = Score::of(&person(at, 1.0), &weights).unwrap().score;
                (format!("{at:03}"), bound, at)
            });
            let read = std::cell::Cell::new(0);
            let found = best_within(all.collect(), limit, |at| {
                read.set(read.get() + 1);
                Ok((exact(*at), ()))
            })
            .unwrap();
            let all = (0..200).map(|at| (format!("{at:03}"), exact(at), (at, ())));
            assert_eq!(ids(&found), ids(&best(all.collect(), limit)));
            assert!(read.get() < 60 + 4 * limit, "{} for {limit}", read.get());
        }
    }
}
