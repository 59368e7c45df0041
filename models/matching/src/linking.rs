//! Which concepts a query is about, and how relevant that makes them and their kin.

use std::collections::HashMap;

use retrieval::{Collection, Filters, Fusion, Hit, Weights};
use serde::Serialize;

use crate::{
    concept::ConceptRef,
    mentions::Mentions,
    search::{Request, Target},
};

/// Concepts that a query may be about.
const CONCEPTS: usize = 30;
/// Score that a search must give a concept for the query to be about it.
const RELEVANT: f64 = 0.2;
/// Score from which a concept that was found is as relevant as one that is named.
const CERTAIN: f64 = 0.5;
/// Relevance of a concept of the same glossary node as one that the query is about, as a share of that one's.
const KIN: f64 = 0.6;

/// The concepts of a snapshot: their collection, its weights and their names.
#[derive(Debug, Clone, Copy)]
pub struct Concepts<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// How much each leg counts in a search of it; always fused as a weighted sum.
    pub weights: Weights,
    /// The names.
    pub mentions: &'a Mentions,
}

/// A concept that a query is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryConcept {
    /// The concept.
    #[serde(flatten)]
    pub concept: ConceptRef,
    /// How much the query is about it, in [0, 1].
    pub relevance: f64,
}

impl Concepts<'_> {
    /// Finds the concepts that a query is about, strongest first: those that it names, and those that a search of the concepts finds.
    /// Faint ones are left out, for they would link the query to every document. The request's filters and limit do not count.
    #[must_use]
    pub fn about(&self, request: &Request<'_>) -> Vec<QueryConcept> {
        // What is relevant and certain is read off the score: it must say how well a concept fits, whatever else fits.
        let weights = Weights {
            fusion: Fusion::WeightedSum,
            ..self.weights
        };
        let searched = Target {
            collection: self.collection,
            weights,
            concepts: None,
        };
        let found = searched.search(&Request {
            filters: &Filters::default(),
            limit: CONCEPTS,
            ..*request
        });
        let mut concepts: Vec<QueryConcept> = self
            .mentions
            .find(request.text)
            .into_iter()
            .map(|(concept, relevance)| QueryConcept {
                concept: concept.clone(),
                relevance,
            })
            .collect();
        let hits = found.result.hits.into_iter();
        for hit in hits.filter(|hit| hit.score >= RELEVANT) {
            let relevance = certainty(&hit);
            match concepts.iter_mut().find(|one| one.concept.id == hit.id) {
                Some(one) => one.relevance = one.relevance.max(relevance),
                None => concepts.push(QueryConcept {
                    concept: ConceptRef::of(hit.id, hit.title, &hit.payload),
                    relevance,
                }),
            }
        }
        concepts.sort_by(|a, b| {
            let by_relevance = b.relevance.total_cmp(&a.relevance);
            by_relevance.then_with(|| a.concept.id.cmp(&b.concept.id))
        });
        concepts.truncate(CONCEPTS);
        concepts
    }

    /// Returns how relevant concepts are to a query, by id: those that it is about, and, less, those that share a glossary node with
    /// some of them. « Soudeur TIG » is also about the trade that its name belongs to, the more so the more names of that trade
    /// it is about: each is taken as independent evidence (noisy or).
    #[must_use]
    pub fn relevance(&self, about: &[QueryConcept]) -> HashMap<String, f32> {
        let mut doubts: HashMap<&[String], f64> = HashMap::new();
        for one in about {
            *doubts.entry(&one.concept.path).or_insert(1.0) *= 1.0 - KIN * one.relevance;
        }
        let mut relevance = HashMap::new();
        let mut raise = |id: &str, value: f64| {
            let best = relevance.entry(id.to_owned()).or_insert(0.0_f32);
            *best = best.max(value as f32);
        };
        for (path, doubt) in doubts {
            for kin in self.mentions.kin(path) {
                raise(&kin.id, 1.0 - doubt);
            }
        }
        for one in about {
            raise(&one.concept.id, one.relevance);
        }
        relevance
    }
}

/// Returns the relevance of a concept that was found.
fn certainty(hit: &Hit) -> f64 {
    (hit.score / CERTAIN).min(1.0)
}
