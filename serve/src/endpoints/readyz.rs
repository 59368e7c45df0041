//! `GET /readyz`: a verified, warm snapshot is served. Send no requests here where this fails.

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{ApiError, Node, node::Answering};

/// 200 with the snapshot's id and whether it is a canary, or 503 `no_snapshot`.
pub(crate) async fn get(
    Answering(serving): Answering,
    node: Data<Node>,
) -> Result<HttpResponse, ApiError> {
    let canary = node.current().canary();
    let is_canary = canary.is_some_and(|canary| canary.is_served);
    let (status, id) = ("ready", serving.id());
    Ok(HttpResponse::Ok()
        .json(json!({ "status": status, "snapshot_id": id, "is_canary": is_canary })))
}
