//! `GET /health`: what an operator looks at first.

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{ApiError, Node};

/// Sums up snapshot, encoder, permits and query log; `degraded` where something wants a look.
pub(crate) async fn get(node: Data<Node>) -> Result<HttpResponse, ApiError> {
    let serving = node.current().serving();
    let trouble = node.current().trouble();
    let canary = node.current().canary();
    let counts = node.collector().counts();
    let is_lexical_only = serving
        .as_ref()
        .is_some_and(|serving| serving.encoder().is_none());
    let is_canary_refused = canary.as_ref().is_some_and(|one| one.refused.is_some());
    let is_well = serving.is_some()
        && trouble.is_none()
        && !is_canary_refused
        && counts.lost == 0
        && node.gatekeeper().trouble().is_none();
    Ok(HttpResponse::Ok().json(json!({
        "status": if is_well { "ok" } else { "degraded" },
        "version": env!("CARGO_PKG_VERSION"),
        "snapshot": serving.as_ref().map(|serving| json!({
            "id": serving.id(),
            "slot": serving.slot(),
            "encoder": serving.encoder().map(encoder::Encoder::id),
            "reranker": serving.reranker().model().map(encoder::CrossEncoder::id),
            "is_lexical_only": is_lexical_only,
        })),
        "refused": trouble,
        "canary": canary,
        "caches": serving.as_ref().map(|serving| json!({
            "results": serving.cache().result_counts(),
            "query_vectors": serving.cache().vector_counts(),
        })),
        "auth": if node.gatekeeper().is_open() { "off" } else { "keys" },
        "keys_refused": node.gatekeeper().trouble(),
        "permits_free": node.permits().free(),
        "query_log": counts,
    })))
}
