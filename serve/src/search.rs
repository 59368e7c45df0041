//! One search of a snapshot: the query's vector, the concepts it is about, then the documents.

use std::{collections::HashMap, sync::Arc};

use retrieval::{Collection, Hit, Query, SearchResult, Weights};
use schemas::Section;
use serde::Serialize;

use crate::{
    ApiError, Serving,
    documents::{ConceptCard, ConceptRef},
    filters::Filters,
    offers::{Center, Conditions},
    request::LIMIT_MAX,
    rerank::{Outcome, RERANKED},
};

/// Concepts that a query may be about.
const CONCEPTS: usize = 30;
/// Score that a search must give a concept for the query to be about it.
const RELEVANT: f64 = 0.2;
/// Score from which a concept that was found is as relevant as one that is named.
const CERTAIN: f64 = 0.5;
/// Relevance of a concept of the same glossary node as one that the query is about, as a share of that one's.
const KIN: f64 = 0.6;

/// What is looked for, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The collection.
    pub(crate) section: Section,
    /// The query.
    pub(crate) text: &'a str,
    /// Who asks.
    pub(crate) tenant: &'a str,
    /// What a hit must have.
    pub(crate) filters: &'a Filters,
    /// What an offer must meet that is no facet.
    pub(crate) conditions: &'a Conditions,
    /// The document that the text is of: its vector stands for the text, and it is no hit.
    pub(crate) like: Option<&'a Like>,
    /// Hits wanted.
    pub(crate) limit: usize,
}

/// A document of the collection that others are to be like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Like {
    /// Its tenant.
    pub(crate) tenant: String,
    /// Its id.
    pub(crate) id: String,
}

/// A concept that a query is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct QueryConcept {
    /// Its id.
    pub(crate) id: String,
    /// Its label.
    pub(crate) label: String,
    /// Labels from the trade down to it.
    pub(crate) path: Vec<String>,
    /// How much the query is about it, in [0, 1].
    pub(crate) relevance: f64,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The hits.
    pub(crate) result: SearchResult,
    /// The concepts that the query is about, strongest first.
    pub(crate) concepts: Vec<QueryConcept>,
    /// The place that offers were to be near to.
    pub(crate) center: Option<Center>,
    /// How far each hit is from it, in the hits' order; empty without a place.
    pub(crate) km: Vec<Option<f64>>,
    /// Whether the best hits were reranked.
    pub(crate) rerank: Outcome,
}

impl Found {
    /// Returns the same with the first `limit` hits.
    fn first(&self, limit: usize) -> Self {
        let hits = self.result.hits.iter().take(limit).cloned().collect();
        Self {
            result: SearchResult {
                hits,
                ..self.result
            },
            concepts: self.concepts.clone(),
            center: self.center.clone(),
            km: self.km.iter().take(limit).copied().collect(),
            rerank: self.rerank,
        }
    }
}

/// Searches a section of a snapshot, unless the answer is known already.
///
/// # Errors
/// The snapshot lacks the section.
pub(crate) fn search(serving: &Serving, question: &Question<'_>) -> Result<Arc<Found>, ApiError> {
    let cache = serving.cache();
    if !serving.reranker().is_for(question) {
        return cache.found(question, || look_up(serving, question));
    }
    // One answer for all limits: what is read, and whether the time was enough, is then the same for each of them.
    let limit = LIMIT_MAX.max(RERANKED);
    let whole = Question { limit, ..*question };
    let found = cache.found(&whole, || look_up(serving, &whole))?;
    if found.rerank.is_passing() {
        cache.forget(&whole);
    }
    Ok(Arc::new(found.first(question.limit)))
}

fn look_up(serving: &Serving, question: &Question<'_>) -> Result<Found, ApiError> {
    let collection = serving.collection(question.section)?;
    let center = center(serving, question.tenant, question.conditions)?;
    let encoded = match question.like {
        Some(like) => stored(serving, collection, question, like).map(Arc::new),
        None => {
            let encode = || encode(serving, question.text);
            let cache = serving.cache();
            cache.encoded(question.tenant, question.text, encode)
        }
    };
    let encoded = encoded.as_deref();
    let concepts = query_concepts(serving, question, encoded);
    let relevance = relevance(serving, &concepts);
    let mut filters = filters_of(question.filters);
    filters.only = serving
        .offers()
        .admitted(question.tenant, question.conditions, center.as_ref());
    // One more than is wanted, for the document that others are like is found first of all and left out.
    let mut result = collection.search(&Query {
        text: question.text,
        vector: encoded.map(|encoded| encoded.vector.as_slice()),
        tenant: question.tenant,
        filters: &filters,
        concept_relevance: &relevance,
        limit: question.limit + usize::from(question.like.is_some()),
        weights: &weights(serving, question.section, encoded),
    });
    if let Some(like) = question.like {
        leave_out(&mut result, like, question.limit);
    }
    let rerank = serving.reranker().rerank(question, &mut result.hits);
    let km = |hit: &Hit| {
        serving
            .offers()
            .km(center.as_ref()?, &hit.tenant, &hit.payload)
    };
    let km = result.hits.iter().filter(|_| center.is_some()).map(km);
    Ok(Found {
        km: km.collect(),
        result,
        concepts,
        center,
        rerank,
    })
}

/// Finds the place that conditions name.
///
/// # Errors
/// The snapshot does not know it.
pub(crate) fn center(
    serving: &Serving,
    tenant: &str,
    conditions: &Conditions,
) -> Result<Option<Center>, ApiError> {
    let area = conditions.area.as_ref();
    area.map(|area| serving.offers().center(tenant, area))
        .transpose()
}

/// Takes a document that matches, being like itself, out of a result.
fn leave_out(result: &mut SearchResult, like: &Like, limit: usize) {
    result
        .hits
        .retain(|hit| hit.id != like.id || hit.tenant != like.tenant);
    result.hits.truncate(limit);
    result.matches = result.matches.saturating_sub(1);
    result.eligible = result.eligible.saturating_sub(1);
}

/// Returns how relevant concepts are to the query: those that it is about, and, less, those that share a glossary node with
/// some of them. « Soudeur TIG » is also about the trade that its name belongs to, the more so the more names of that trade
/// it is about: each is taken as independent evidence (noisy or).
fn relevance(serving: &Serving, concepts: &[QueryConcept]) -> HashMap<String, f32> {
    let mut doubts: HashMap<&[String], f64> = HashMap::new();
    for concept in concepts {
        *doubts.entry(&concept.path).or_insert(1.0) *= 1.0 - KIN * concept.relevance;
    }
    let mut relevance = HashMap::new();
    let mut raise = |id: &str, value: f64| {
        let best = relevance.entry(id.to_owned()).or_insert(0.0_f32);
        *best = best.max(value as f32);
    };
    for (path, doubt) in doubts {
        for kin in serving.mentions().kin(path) {
            raise(&kin.id, 1.0 - doubt);
        }
    }
    for concept in concepts {
        raise(&concept.id, concept.relevance);
    }
    relevance
}

/// What the encoder says of a query.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// Its vector.
    pub(crate) vector: Vec<f32>,
    /// Words per piece of the encoder's vocabulary.
    pub(crate) fluency: f64,
}

/// Returns the vector that a document has in its collection. It stands for the document whole where the node lacks the encoder and
/// cannot say how well it knows the words.
fn stored(
    serving: &Serving,
    collection: &Collection,
    question: &Question<'_>,
    like: &Like,
) -> Option<Encoded> {
    let vector = collection.vector(question.tenant, &like.id)?.to_vec();
    let fluency = serving
        .encoder()
        .and_then(|encoder| encoder.fluency(question.text).ok());
    Some(Encoded {
        vector,
        fluency: fluency.unwrap_or(1.0),
    })
}

/// Encodes the query with the snapshot's own encoder. A failure costs the vector leg, not the answer.
fn encode(serving: &Serving, text: &str) -> Option<Encoded> {
    let encoder = serving.encoder()?;
    let failed =
        |error: &encoder::EncoderError| tracing::warn!(%error, "a query could not be encoded");
    let vector = encoder.encode(&[text]).inspect_err(failed).ok()?.pop()?;
    let fluency = encoder.fluency(text).inspect_err(failed).ok()?;
    Some(Encoded { vector, fluency })
}

/// Returns the weights of a section's legs for a query.
fn weights(serving: &Serving, section: Section, encoded: Option<&Encoded>) -> Weights {
    let weights = serving.weights(section);
    match encoded {
        Some(encoded) => weights.with_fluency(encoded.fluency),
        None => weights,
    }
}

/// Finds the concepts that a query is about, strongest first: those that it names, and those that a search of the concepts finds.
/// Faint ones are left out, for they would link the query to every document.
fn query_concepts(
    serving: &Serving,
    question: &Question<'_>,
    encoded: Option<&Encoded>,
) -> Vec<QueryConcept> {
    let Ok(collection) = serving.collection(Section::Concepts) else {
        return Vec::new();
    };
    let result = collection.search(&Query {
        text: question.text,
        vector: encoded.map(|encoded| encoded.vector.as_slice()),
        tenant: question.tenant,
        filters: &retrieval::Filters::default(),
        concept_relevance: &HashMap::new(),
        limit: CONCEPTS,
        weights: &weights(serving, Section::Concepts, encoded),
    });
    let mut concepts: Vec<QueryConcept> = serving
        .mentions()
        .find(question.text)
        .into_iter()
        .map(|(concept, relevance)| QueryConcept::named(concept, relevance))
        .collect();
    for hit in result.hits.iter().filter(|hit| hit.score >= RELEVANT) {
        match concepts.iter_mut().find(|concept| concept.id == hit.id) {
            Some(concept) => concept.relevance = concept.relevance.max(certainty(hit)),
            None => concepts.push(QueryConcept::found(hit)),
        }
    }
    concepts.sort_by(|a, b| {
        b.relevance
            .total_cmp(&a.relevance)
            .then_with(|| a.id.cmp(&b.id))
    });
    concepts.truncate(CONCEPTS);
    concepts
}

impl QueryConcept {
    fn named(concept: &ConceptRef, relevance: f64) -> Self {
        let ConceptRef { id, label, path } = concept.clone();
        Self {
            id,
            label,
            path,
            relevance,
        }
    }

    fn found(hit: &Hit) -> Self {
        let card = ConceptCard::parse(&hit.payload);
        let label = card.label.unwrap_or_else(|| hit.title.clone());
        Self {
            id: hit.id.clone(),
            label,
            path: card.path,
            relevance: certainty(hit),
        }
    }
}

/// Returns the relevance of a concept that was found.
fn certainty(hit: &Hit) -> f64 {
    (hit.score / CERTAIN).min(1.0)
}

/// Brings filters to the shape that retrieval takes.
pub(crate) fn filters_of(filters: &Filters) -> retrieval::Filters {
    retrieval::Filters {
        facets: filters.clone(),
        only: None,
    }
}
