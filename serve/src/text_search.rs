//! What the two text searches have in common: search off the event loop, answer, log.

use actix_web::{HttpRequest, HttpResponse};
use schemas::Section;
use serde::Serialize;

use crate::{
    ApiError, Node,
    answer::Answer,
    edge::Arrival,
    explain::relevant,
    node::Answering,
    query_record::{Asked, record},
    request::SearchRequest,
    search::{Found, Question, search},
};

/// What differs between the text searches.
pub(crate) struct Endpoint<T> {
    /// Its address.
    pub(crate) path: &'static str,
    /// The collection searched.
    pub(crate) section: Section,
    /// How a hit is shown.
    pub(crate) hit: fn(usize, &Found, &SearchRequest) -> T,
}

/// A request as it came in, and the parts that answer it.
pub(crate) struct Exchange<'a> {
    /// The node.
    pub(crate) node: &'a Node,
    /// The snapshot that answers.
    pub(crate) answering: Answering,
    /// The HTTP request.
    pub(crate) request: &'a HttpRequest,
    /// When it came in.
    pub(crate) arrival: &'a Arrival,
}

/// Searches, answers and logs.
pub(crate) async fn answer<T: Serialize + Send + 'static>(
    exchange: Exchange<'_>,
    endpoint: Endpoint<T>,
    search_request: SearchRequest,
) -> Result<HttpResponse, ApiError> {
    let Exchange {
        node,
        answering,
        request,
        arrival,
    } = exchange;
    let serving = answering.to(&search_request.tenant, request)?;
    let (hit, section) = (endpoint.hit, endpoint.section);
    let request_id = arrival.request_id.clone();
    let work = {
        let serving = serving.clone();
        move || {
            let question = Question {
                section,
                text: &search_request.text,
                tenant: search_request.tenant.as_str(),
                filters: &search_request.filters,
                conditions: &search_request.conditions,
                like: None,
                limit: search_request.limit,
            };
            let found = search(&serving, &question)?;
            let answer = Answer::new(request_id, &serving, &search_request, &found, hit);
            Ok((search_request, found, answer))
        }
    };
    let (asked, found, answer) = node.permits().run(work).await??;
    let hits = &found.result.hits;
    let row = Asked {
        tenant: asked.tenant.as_str(),
        endpoint: endpoint.path,
        text: &asked.text,
        region: asked
            .filters
            .get("region")
            .and_then(|values| values.first())
            .map(String::as_str),
        matched_concepts: relevant(&found)
            .map(|about| about.concept.id.clone())
            .collect(),
        results: hits.iter().map(|hit| hit.id.clone()).collect(),
        scores: hits.iter().map(|hit| hit.score).collect(),
        reranker: serving
            .reranker()
            .model()
            .filter(|_| found.rerank.is_reranked())
            .map(|model| model.id().to_owned()),
    };
    record(node, &serving, request, arrival, row).await;
    Ok(HttpResponse::Ok().json(answer))
}
