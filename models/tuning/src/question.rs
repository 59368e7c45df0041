//! What is known of one request: who could be found, what each leg says of them, and how good they are.

use std::collections::BTreeSet;

use crate::figures::{Figures, NDCG_DEPTH, RECALL_DEPTH, count_relevant, discounted, ideal};

/// The gain from which a document is relevant: as good as one that half of those who look at it click.
pub const RELEVANT: f64 = 0.5;

/// A request whose answers people judged; `N` is the number of legs.
#[derive(Debug, Clone, PartialEq)]
pub struct Question<const N: usize> {
    /// Its words in the form that a search compares: requests with nearly the same words are never split between what is fitted and
    /// what is tested.
    pub terms: BTreeSet<String>,
    /// Who may be found, in the order in which equal scores are shown.
    pub candidates: Vec<Candidate<N>>,
    /// Gains of judged documents that are no candidates.
    pub beyond: Vec<f64>,
}

/// A document that may be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<const N: usize> {
    /// What each leg says of it, on a scale on which a score is the sum of weight × value; 0 where a leg has nothing to say.
    pub legs: [f64; N],
    /// How good it is, 0 or more, freed of the place at which it was shown; 0 where nobody judged it.
    pub gain: f64,
}

/// A question with what does not depend on weights worked out.
#[derive(Debug)]
pub(crate) struct Prepared<'a, const N: usize> {
    question: &'a Question<N>,
    ideal: f64,
    relevant: f64,
}

impl<'a, const N: usize> Prepared<'a, N> {
    /// Prepares a question; none where nothing relevant is known, for then any order is as good.
    pub(crate) fn new(question: &'a Question<N>) -> Option<Self> {
        let of_candidates = question.candidates.iter().map(|candidate| candidate.gain);
        let judged: Vec<f64> = of_candidates
            .chain(question.beyond.iter().copied())
            .collect();
        let relevant = count_relevant(&judged, RELEVANT);
        (relevant > 0).then(|| Self {
            question,
            ideal: ideal(&judged, NDCG_DEPTH),
            relevant: relevant as f64,
        })
    }

    pub(crate) fn terms(&self) -> &'a BTreeSet<String> {
        &self.question.terms
    }

    /// How well the candidates are ordered by `weights`.
    pub(crate) fn figures(&self, weights: &[f64; N]) -> Figures {
        let found = self.best(weights);
        Figures {
            ndcg_10: discounted(&found, NDCG_DEPTH) / self.ideal,
            recall_20: count_relevant(&found, RELEVANT) as f64 / self.relevant,
        }
    }

    /// Gains of the best by `weights`, as deep as the figures look.
    fn best(&self, weights: &[f64; N]) -> Vec<f64> {
        let candidates = &self.question.candidates;
        let score = |candidate: &Candidate<N>| -> f64 {
            let legs = candidate.legs.iter().zip(weights);
            legs.map(|(value, weight)| value * weight).sum()
        };
        let mut scored: Vec<(f64, usize)> = candidates
            .iter()
            .map(score)
            .zip(0..candidates.len())
            .collect();
        let order = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if scored.len() > RECALL_DEPTH {
            scored.select_nth_unstable_by(RECALL_DEPTH - 1, order);
            scored.truncate(RECALL_DEPTH);
        }
        scored.sort_unstable_by(order);
        scored
            .into_iter()
            .map(|(_, at)| candidates[at].gain)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(candidates: &[([f64; 2], f64)], beyond: &[f64]) -> Question<2> {
        let candidate = |(legs, gain): &([f64; 2], f64)| Candidate {
            legs: *legs,
            gain: *gain,
        };
        Question {
            terms: BTreeSet::new(),
            candidates: candidates.iter().map(candidate).collect(),
            beyond: beyond.to_vec(),
        }
    }

    #[test]
    fn an_order_is_measured_as_the_gains_of_what_it_finds() {
        let question = question(
            &[([0.9, 0.0], 0.0), ([0.1, 1.0], 2.0), ([0.1, 1.0], 1.0)],
            &[1.0],
        );
        let prepared = Prepared::new(&question).unwrap();
        for (weights, found) in [([1.0, 0.0], [0.0, 2.0, 1.0]), ([0.0, 1.0], [2.0, 1.0, 0.0])] {
            let expected = Figures::of(&found, &[0.0, 2.0, 1.0, 1.0], RELEVANT);
            assert_eq!(prepared.figures(&weights), expected);
        }
    }

    #[test]
    fn a_question_of_which_nothing_good_is_known_says_nothing() {
        assert!(Prepared::new(&question(&[([0.9, 0.0], 0.4)], &[])).is_none());
        assert!(Prepared::new(&question(&[([0.9, 0.0], 0.0)], &[0.5])).is_some());
    }
}
