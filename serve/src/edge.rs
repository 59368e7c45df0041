//! What every answer goes through: a request id, the snapshot's id, problem details, one log line, one count.

use std::time::Instant;

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{CONTENT_TYPE, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use chrono::{DateTime, Utc};
use schemas::{Arm, SnapshotId};
use std::future::{Ready, ready};

use crate::{
    ApiError, Node,
    admission::{RateTold, is_development},
    arms::ServedBy,
    language::Language,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SNAPSHOT_ID: HeaderName = HeaderName::from_static("x-snapshot-id");
const ARM: HeaderName = HeaderName::from_static("x-arm");
/// Says `off` where the node asks nobody for a key.
const AUTH: HeaderName = HeaderName::from_static("x-auth");
/// What a caller may ask in which time, and what is left of it (draft-ietf-httpapi-ratelimit-headers).
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// When and as what a request came in. The node gives the id: a caller's could come twice, and the log is keyed by it.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Identifier of the request.
    pub(crate) request_id: String,
    /// The clock's time.
    pub(crate) asked_at: DateTime<Utc>,
    /// For the latency.
    pub(crate) started: Instant,
}

/// The snapshot that a handler answered from, left in the request for the header.
#[derive(Debug, Clone)]
pub(crate) struct AnsweredFrom(pub(crate) SnapshotId);

impl Arrival {
    #[expect(
        clippy::disallowed_methods,
        reason = "the request edge is where the clock is read"
    )]
    fn now() -> Self {
        Self {
            request_id: uuid::Uuid::new_v4().to_string(),
            asked_at: Utc::now(),
            started: Instant::now(),
        }
    }

    /// Returns when and as what a request came in.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let extensions = request.extensions();
        let arrival = extensions.get::<Self>().cloned();
        arrival.ok_or_else(ApiError::internal)
    }
}

impl FromRequest for Arrival {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl FromRequest for Language {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of_query_string(request.query_string())))
    }
}

/// Wraps the application: gives the request its id, turns every error into a problem document in the caller's language, and
/// puts `X-Request-Id`, `X-Snapshot-Id` and, in an experiment, `X-Arm` on the answer.
///
/// # Errors
/// Only what an inner middleware could not answer.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrival = Arrival::now();
    request.extensions_mut().insert(arrival.clone());
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(error) = problem_of(&response) {
        let asked = response.request();
        let language = Language::of_query_string(asked.query_string());
        let body = error.respond(language, asked.path(), &arrival.request_id);
        response = response.into_response(body).map_into_boxed_body();
    }
    let snapshot = snapshot_of(response.request());
    let arm = arm_of(response.request());
    let rates = rates_of(response.request());
    let is_development = is_development(response.request());
    let headers = response.headers_mut();
    if is_development {
        headers.insert(AUTH, HeaderValue::from_static("off"));
    }
    if let Some((policies, left)) = rates {
        headers.insert(RATE_LIMIT_POLICY, policies);
        headers.insert(RATE_LIMIT, left);
    }
    headers.insert(REQUEST_ID, header_value(&arrival.request_id));
    headers.insert(SNAPSHOT_ID, header_value(&snapshot));
    if let Some(arm) = arm {
        headers.insert(ARM, HeaderValue::from_static(arm.as_str()));
    }
    tell(&response, &arrival, &snapshot);
    Ok(response)
}

/// Says which problem a response stands for, where it is not a good one.
fn problem_of(response: &ServiceResponse) -> Option<ApiError> {
    let status = response.status();
    if let Some(error) = response.response().error() {
        let known = error.as_error::<ApiError>().cloned();
        return Some(known.unwrap_or_else(|| ApiError::of_status(status)));
    }
    let is_bare = status.is_client_error() || status.is_server_error();
    (is_bare && !response.headers().contains_key(CONTENT_TYPE)).then(|| ApiError::of_status(status))
}

fn snapshot_of(request: &HttpRequest) -> String {
    if let Some(AnsweredFrom(id)) = request.extensions().get::<AnsweredFrom>() {
        return id.to_string();
    }
    let node = request.app_data::<web::Data<Node>>();
    let serving = node.and_then(|node| node.current().serving());
    serving.map_or_else(|| "none".to_owned(), |serving| serving.id().to_string())
}

/// The arm that answered; none where the snapshot runs no experiment, or arms do not matter to the address.
fn arm_of(request: &HttpRequest) -> Option<Arm> {
    let extensions = request.extensions();
    extensions.get::<ServedBy>().map(|served_by| served_by.arm)
}

/// What the limits of the caller say: their policies, and what is left of each; none where nothing limits it.
fn rates_of(request: &HttpRequest) -> Option<(HeaderValue, HeaderValue)> {
    let extensions = request.extensions();
    let RateTold(verdict) = extensions.get::<RateTold>()?;
    let told = verdict.policies.iter();
    let policies: Vec<_> = told
        .clone()
        .map(|one| format!("\"{}\";q={};w={}", one.name, one.quota, one.window_seconds))
        .collect();
    let left: Vec<_> = told
        .map(|one| format!("\"{}\";r={};t={}", one.name, one.left, one.reset_seconds))
        .collect();
    let value = |parts: &[String]| HeaderValue::from_str(&parts.join(", ")).ok();
    (!policies.is_empty()).then(|| Some((value(&policies)?, value(&left)?)))?
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("ids are letters, digits and hyphens")
}

/// Logs and counts an answer.
fn tell(response: &ServiceResponse, arrival: &Arrival, snapshot: &str) {
    let request = response.request();
    let route = request
        .match_pattern()
        .unwrap_or_else(|| "unknown".to_owned());
    let elapsed = arrival.started.elapsed();
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let (method, status) = (request.method().as_str(), response.status().as_u16());
    if let Some(node) = request.app_data::<web::Data<Node>>() {
        node.traffic().count(&route, status, elapsed);
    }
    let request_id = arrival.request_id.as_str();
    if status == 500 {
        tracing::warn!(
            method,
            route,
            status,
            elapsed_us,
            request_id,
            snapshot,
            "answered with a failure"
        );
    } else {
        tracing::debug!(
            method, route, status, elapsed_us, request_id, snapshot, "answered"
        );
    }
}
