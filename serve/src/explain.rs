//! The explanation of an answer: legs, words, concepts, filters, and what the reader should know.

use matching::{QueryConcept, is_firm};
use retrieval::{Contribution, Fusion, Hit};
use serde::Serialize;

use crate::{
    Serving,
    filtering::Filtering,
    filters::Filters,
    language::Language,
    offers::{Center, Conditions},
    request::SearchRequest,
    rerank::{self, Outcome, RERANKED},
    search::Found,
};

/// Concepts that the explanation names at most.
const CONCEPTS: usize = 10;

/// How the answer came about.
#[derive(Debug, Serialize)]
pub(crate) struct Explain {
    /// How the legs make a score.
    pub(crate) fusion: Fusion,
    /// The legs and their weights in this answer; a leg that is absent has weight 0.
    pub(crate) legs: Vec<Leg>,
    /// Words of the query found in any hit of the shortlist.
    pub(crate) matched_terms: Vec<String>,
    /// Concepts that the query is about, strongest first.
    pub(crate) matched_concepts: Vec<QueryConcept>,
    /// Filters as applied, in the collections' spelling.
    pub(crate) filters: Applied,
    /// What each filter admits and how it was applied, and how the documents admitted were looked at.
    pub(crate) filtering: Filtering,
    /// The place that hits had to be near to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) center: Option<Center>,
    /// Documents that the tenant and the filters admit, matching or not.
    pub(crate) eligible: usize,
    /// The encoder of the vectors that took part.
    pub(crate) encoder: Option<String>,
    /// Whether the best hits were read together with the query, and why not.
    pub(crate) rerank: Rerank,
    /// What the reader of the answer should know.
    pub(crate) notices: Vec<Notice>,
}

/// The filters of a request: facets, and what is no facet.
#[derive(Debug, Serialize)]
pub(crate) struct Applied {
    #[serde(flatten)]
    facets: Filters,
    #[serde(flatten)]
    conditions: Conditions,
}

/// What became of the second reading.
#[derive(Debug, Serialize)]
pub(crate) struct Rerank {
    is_reranked: bool,
    reason: Outcome,
    detail: &'static str,
    /// The cross-encoder that the snapshot names.
    model: Option<String>,
    /// Hits that are read, the best ones, whatever the limit.
    hits: usize,
}

impl Rerank {
    fn new(serving: &Serving, outcome: Outcome, language: Language) -> Self {
        let card = serving.manifest().reranker.as_ref();
        Self {
            is_reranked: outcome.is_reranked(),
            reason: outcome,
            detail: outcome.detail(language),
            model: card.map(|card| card.id.clone()),
            hits: RERANKED,
        }
    }
}

/// One leg of the ranking.
#[derive(Debug, Serialize)]
pub(crate) struct Leg {
    pub(crate) name: &'static str,
    pub(crate) weight: f64,
    pub(crate) meaning: &'static str,
}

/// A remark with a stable code.
#[derive(Debug, Serialize)]
pub(crate) struct Notice {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Explain {
    /// Explains what a search found.
    pub(crate) fn new(serving: &Serving, request: &SearchRequest, found: &Found) -> Self {
        let result = &found.result;
        let card = serving
            .manifest()
            .encoder
            .as_ref()
            .filter(|_| !result.is_lexical_only);
        Self {
            fusion: result.fusion,
            legs: legs(&result.hits, request.language),
            matched_terms: matched_terms(&result.hits),
            matched_concepts: relevant(found).cloned().collect(),
            filters: Applied {
                facets: request.filters.clone(),
                conditions: request.conditions.clone(),
            },
            filtering: Filtering::new(request, found),
            center: found.center.clone(),
            eligible: result.eligible,
            encoder: card.map(|card| card.id.clone()),
            rerank: Rerank::new(serving, found.rerank, request.language),
            notices: notices(serving, found, request.language),
        }
    }
}

/// Returns the concepts that answer and log name.
pub(crate) fn relevant(found: &Found) -> impl Iterator<Item = &QueryConcept> {
    found.concepts.iter().take(CONCEPTS)
}

fn matched_terms(hits: &[Hit]) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for term in hits.iter().flat_map(|hit| &hit.matched_terms) {
        if !terms.contains(term) {
            terms.push(term.clone());
        }
    }
    terms
}

fn legs(hits: &[Hit], language: Language) -> Vec<Leg> {
    let parts = hits.first().map_or(&[][..], |hit| &hit.contributions);
    let leg = |part: &Contribution| Leg {
        name: part.name,
        weight: part.weight,
        meaning: meaning(part.name, language),
    };
    parts.iter().map(leg).collect()
}

fn meaning(leg: &str, language: Language) -> &'static str {
    let (french, english) = match leg {
        "lexical" => (
            "mots de la demande, à leur forme française près (BM25F)",
            "words of the request, whatever their French inflection (BM25F)",
        ),
        "subword" => (
            "parties de mots communes avec les textes courts (cosinus de n-grammes)",
            "parts of words shared with the short texts (cosine of n-grams)",
        ),
        "vector" => (
            "proximité de sens avec la demande et ce qui en est le plus proche (cosinus de vecteurs, au-dessus du bruit de fond)",
            "closeness of meaning to the request and what is nearest to it (cosine of embeddings, above the background)",
        ),
        "concept" => (
            "meilleur savoir-faire commun (pertinence × force)",
            "best shared know-how (relevance × strength)",
        ),
        rerank::LEG => (
            "relecture conjointe de la demande et des meilleurs résultats (cross-encodeur)",
            "joint reading of the request and the best hits (cross-encoder)",
        ),
        "context" => ("qualité de la fiche", "quality of the record"),
        _ => ("", ""),
    };
    language.pick(french, english)
}

fn notices(serving: &Serving, found: &Found, language: Language) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut say = |code, french: &str, english: &str| {
        notices.push(Notice {
            code,
            detail: language.pick(french, english).to_owned(),
        });
    };
    if found.result.is_lexical_only {
        match (
            serving.manifest().encoder.is_some(),
            serving.encoder().is_some(),
        ) {
            (false, _) => say(
                "lexical_only",
                "Recherche par les mots seulement : l'instantané a été publié sans vecteurs.",
                "Words only: the snapshot was published without vectors.",
            ),
            (true, false) => say(
                "lexical_only",
                "Recherche par les mots seulement : ce nœud n'a pas l'encodeur de l'instantané.",
                "Words only: this node lacks the snapshot's encoder.",
            ),
            (true, true) => say(
                "lexical_only",
                "Recherche par les mots seulement : les vecteurs n'ont pas pu servir.",
                "Words only: the vectors could not take part.",
            ),
        }
    }
    if found.center.as_ref().is_some_and(Center::is_department) {
        say(
            "approximate_place",
            "Code postal sans lieu connu : les distances partent du milieu de son département.",
            "The postal code has no known place: distances start from the middle of its department.",
        );
    }
    match found.result.hits.first() {
        None => say(
            "no_match",
            "Aucun résultat : essayez d'autres mots ou moins de filtres.",
            "No match: try other words or fewer filters.",
        ),
        Some(best) if found.result.is_weak || !is_firm(best) => say(
            "weak_match",
            "Rapprochement faible : peu de la demande se retrouve dans les résultats.",
            "Weak match: little of the request is found in the results.",
        ),
        Some(_) => {}
    }
    notices
}
