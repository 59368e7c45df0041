//! `GET /readyz`: a verified, warm snapshot is served. Send no requests here where this fails.

use actix_web::HttpResponse;
use serde_json::json;

use crate::{ApiError, node::Answering};

/// 200 with the snapshot's id, or 503 `no_snapshot`.
pub(crate) async fn get(Answering(serving): Answering) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(json!({ "status": "ready", "snapshot_id": serving.id() })))
}
