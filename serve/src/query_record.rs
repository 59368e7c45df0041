//! A row of the landing table `queries`: one match request that was answered.

use actix_web::{HttpMessage, HttpRequest, http::header::USER_AGENT};
use chrono::SecondsFormat;
use schemas::Arm;
use serde::Serialize;

use crate::{Node, Serving, arms::ServedBy, edge::Arrival};

/// The table that match requests are logged in.
pub(crate) const QUERIES: &str = "queries";
/// Characters of a user agent that are kept.
const USER_AGENT_LIMIT: usize = 200;

/// What was asked and answered.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// Who asked.
    pub(crate) tenant: &'a str,
    /// Which endpoint.
    pub(crate) endpoint: &'static str,
    /// What, as typed.
    pub(crate) text: &'a str,
    /// The region filtered on.
    pub(crate) region: Option<&'a str>,
    /// Ids of the concepts that the query is about, strongest first.
    pub(crate) matched_concepts: Vec<String>,
    /// Ids of the answer, best first.
    pub(crate) results: Vec<String>,
    /// Scores of the answer.
    pub(crate) scores: Vec<f64>,
    /// The cross-encoder that took part.
    pub(crate) reranker: Option<String>,
}

/// The columns of the contract `landing.queries`.
#[derive(Debug, Serialize)]
struct QueryRecord<'a> {
    tenant: &'a str,
    request_id: &'a str,
    endpoint: &'static str,
    text: &'a str,
    region: Option<&'a str>,
    matched_concepts: &'a [String],
    results: &'a [String],
    scores: &'a [f64],
    snapshot_id: String,
    reranker: Option<String>,
    experiment: Option<&'a str>,
    arm: Option<Arm>,
    user_hash: Option<&'a str>,
    latency_us: u64,
    ip_hash: Option<String>,
    caller_scope: String,
    user_agent: Option<String>,
    asked_at: String,
    slot: String,
}

/// Appends one row to the query log.
pub(crate) async fn record(
    node: &Node,
    serving: &Serving,
    request: &HttpRequest,
    arrival: &Arrival,
    asked: Asked<'_>,
) {
    let agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let served_by = request.extensions().get::<ServedBy>().cloned();
    let enrolled = served_by.and_then(|served_by| served_by.enrolled);
    let enrolled = enrolled.as_ref();
    let hashed = node.hash_address(request, arrival.asked_at);
    let row = QueryRecord {
        tenant: asked.tenant,
        request_id: &arrival.request_id,
        endpoint: asked.endpoint,
        text: asked.text,
        region: asked.region,
        matched_concepts: &asked.matched_concepts,
        results: &asked.results,
        scores: &asked.scores,
        snapshot_id: serving.id().to_string(),
        reranker: asked.reranker,
        experiment: enrolled.map(|one| one.experiment.as_str()),
        arm: enrolled.map(|one| one.enrolment.arm),
        user_hash: enrolled.map(|one| one.enrolment.user_hash.as_str()),
        latency_us: u64::try_from(arrival.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        ip_hash: hashed.ip_hash,
        caller_scope: hashed.caller_scope,
        user_agent: agent.map(|agent| agent.chars().take(USER_AGENT_LIMIT).collect()),
        asked_at: arrival
            .asked_at
            .to_rfc3339_opts(SecondsFormat::Micros, true),
        slot: serving.slot().to_string(),
    };
    node.collector().append(QUERIES, &row).await;
}
