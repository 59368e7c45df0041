//! The cross-encoder of a snapshot on this node, and how long it may take.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use encoder::{CrossEncoder, Relevance};
use retrieval::Hit;
use schemas::{RerankerCard, Section};

use super::{Outcome, RERANKED, fuse::fuse, texts, turn::Turn};
use crate::search::Question;

/// Orders the best hits anew, where it can.
#[derive(Debug)]
pub(crate) struct Reranker {
    model: Result<Arc<CrossEncoder>, Outcome>,
    weight: f64,
    budget: Duration,
    /// One search at a time has all cores: two at once would both come too late.
    turn: Turn,
}

impl Reranker {
    /// Makes the reranker of a snapshot from its card, and from the model where the node has it. A search gets `budget` for it, the
    /// wait for others included.
    pub(crate) fn new(
        card: Option<&RerankerCard>,
        model: Option<Arc<CrossEncoder>>,
        budget: Duration,
    ) -> Self {
        let model = match (card, model) {
            (None, _) => Err(Outcome::NoReranker),
            (Some(_), _) if budget.is_zero() => Err(Outcome::SwitchedOff),
            (Some(_), None) => Err(Outcome::NotOnNode),
            (Some(_), Some(model)) => Ok(model),
        };
        let weight = card.map_or(0.0, |card| card.weight);
        let weight = if weight.is_finite() {
            weight.max(0.0)
        } else {
            0.0
        };
        Self {
            model,
            weight,
            budget,
            turn: Turn::default(),
        }
    }

    /// Returns the model, where the node has it.
    pub(crate) fn model(&self) -> Option<&CrossEncoder> {
        self.model.as_deref().ok()
    }

    /// Says whether a question's hits are to be reranked.
    pub(crate) fn is_for(&self, question: &Question<'_>) -> bool {
        self.model.is_ok()
            && question.like.is_none()
            && matches!(question.section, Section::Companies | Section::Offers)
    }

    /// Orders the first [`RERANKED`] of `hits` anew, all or none.
    pub(crate) fn rerank(&self, question: &Question<'_>, hits: &mut [Hit]) -> Outcome {
        let model = match &self.model {
            Ok(model) if self.is_for(question) => model,
            Ok(_) => return Outcome::NotAQuery,
            Err(missing) => return *missing,
        };
        let best = &hits[..hits.len().min(RERANKED)];
        if best.is_empty() {
            return Outcome::NoHits;
        }
        match self.read(model, question, best) {
            Ok(Some(relevances)) => {
                fuse(hits, &relevances, self.weight);
                Outcome::Reranked
            }
            Ok(None) => Outcome::OverBudget,
            Err(error) => {
                tracing::warn!(%error, "hits could not be reranked");
                Outcome::Failed
            }
        }
    }

    /// Returns what the model says of each hit; none where the budget is spent before it has read them all.
    fn read(
        &self,
        model: &CrossEncoder,
        question: &Question<'_>,
        hits: &[Hit],
    ) -> Result<Option<Vec<Relevance>>, encoder::EncoderError> {
        let started = Instant::now();
        let Some(_turn) = self.turn.take(self.budget) else {
            return Ok(None);
        };
        let texts: Vec<String> = hits
            .iter()
            .map(|hit| texts::hit(question.section, hit))
            .collect();
        let query = texts::query(question.text);
        let pairs: Vec<(&str, &str)> = texts.iter().map(|text| (query, text.as_str())).collect();
        model.score_unless(&pairs, &|| started.elapsed() >= self.budget)
    }
}
