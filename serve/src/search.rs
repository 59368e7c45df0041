//! One search of a snapshot: the query's vector, what offers must meet, then the matching.

use std::sync::Arc;

use encoder::EncodedText;
use matching::{Matches, QueryConcept, Request, Target, stored_vector};
use retrieval::{Hit, SearchResult};
use schemas::Section;

use crate::{
    ApiError, Serving,
    filters::Filters,
    offers::{Center, Conditions, PassingCounts},
    request::LIMIT_MAX,
    rerank::{Outcome, RERANKED},
};

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
    /// How many offers meet each of the conditions that are no facets; none without any.
    pub(crate) passing: Option<PassingCounts>,
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
                admission: self.result.admission.clone(),
                ..self.result
            },
            concepts: self.concepts.clone(),
            center: self.center.clone(),
            km: self.km.iter().take(limit).copied().collect(),
            passing: self.passing,
            rerank: self.rerank,
        }
    }
}

/// Searches a section of a snapshot, unless the answer is known already.
///
/// # Errors
/// The snapshot lacks the section.
pub(crate) fn search(serving: &Serving, question: &Question<'_>) -> Result<Arc<Found>, ApiError> {
    let (cache, arm) = (serving.cache(), serving.arm());
    if !serving.reranker().is_for(question) {
        return cache.found(arm, question, || look_up(serving, question));
    }
    // One answer for all limits: what is read, and whether the time was enough, is then the same for each of them.
    let limit = LIMIT_MAX.max(RERANKED);
    let whole = Question { limit, ..*question };
    let found = cache.found(arm, &whole, || look_up(serving, &whole))?;
    if found.rerank.is_passing() {
        cache.forget(arm, &whole);
    }
    Ok(Arc::new(found.first(question.limit)))
}

fn look_up(serving: &Serving, question: &Question<'_>) -> Result<Found, ApiError> {
    let collection = serving.collection(question.section)?;
    let center = center(serving, question.tenant, question.conditions)?;
    let encoded = match question.like {
        Some(like) => {
            let (tenant, text) = (question.tenant, question.text);
            stored_vector(collection, tenant, &like.id, text, serving.encoder()).map(Arc::new)
        }
        None => {
            let encode = || encode(serving, question.text);
            let cache = serving.cache();
            cache.encoded(question.tenant, question.text, encode)
        }
    };
    let mut filters = filters_of(question.filters);
    let admitted = serving
        .offers()
        .admitted(question.tenant, question.conditions, center.as_ref());
    let passing = admitted.as_ref().map(|admitted| admitted.counts);
    filters.only = admitted.map(|admitted| admitted.numbers);
    let target = Target {
        collection,
        weights: serving.weights(question.section),
        concepts: serving.concepts(),
    };
    // One more than is wanted, for the document that others are like is found first of all and left out.
    let found = target.search(&Request {
        text: question.text,
        encoded: encoded.as_deref(),
        tenant: question.tenant,
        filters: &filters,
        limit: question.limit + usize::from(question.like.is_some()),
    });
    let Matches {
        mut result,
        concepts,
    } = found;
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
        passing,
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

/// Encodes the query with the snapshot's own encoder. A failure costs the vector leg, not the answer.
fn encode(serving: &Serving, text: &str) -> Option<EncodedText> {
    let encoder = serving.encoder()?;
    let failed =
        |error: &encoder::EncoderError| tracing::warn!(%error, "a query could not be encoded");
    let encoded = encoder.encode_with_fluency(&[text]).inspect_err(failed);
    encoded.ok()?.pop()
}

/// Brings filters to the shape that retrieval takes.
pub(crate) fn filters_of(filters: &Filters) -> retrieval::Filters {
    retrieval::Filters {
        facets: filters.clone(),
        only: None,
    }
}
