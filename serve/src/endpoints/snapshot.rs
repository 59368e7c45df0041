//! `GET /api/snapshot`: where the answers come from.

use actix_web::{HttpResponse, web::Data};
use serde_json::json;

use crate::{ApiError, Node, admission::Asking, node::Answering};

/// Shows the manifest of the snapshot served, less its list of files, the canary where there is one, and the announced one where that
/// was refused. What counts over all tenants is for operators.
pub(crate) async fn get(
    asking: Asking,
    Answering(serving): Answering,
    node: Data<Node>,
) -> Result<HttpResponse, ApiError> {
    let manifest = serving.manifest();
    let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
    let mut answer = json!({
        "id": manifest.id,
        "slot": manifest.slot,
        "parent": manifest.parent,
        "format": manifest.format,
        "code_digest": manifest.code_digest,
        "files": manifest.files.len(),
        "bytes": bytes,
        "tables": manifest.tables,
        "contracts": manifest.contracts,
        "encoder": manifest.encoder.as_ref().map(|card| json!({
            "id": card.id,
            "dimension": card.dimension,
            "is_loaded": serving.encoder().is_some(),
        })),
        "reranker": manifest.reranker.as_ref().map(|card| json!({
            "id": card.id,
            "weight": card.weight,
            "is_loaded": serving.reranker().model().is_some(),
        })),
        "experiment": manifest.experiment,
        "gates": manifest.gates,
        "fusion": manifest.fusion,
        "canary": node.current().canary(),
        "refused": node.current().trouble(),
    });
    if let Some(fields) = answer.as_object_mut().filter(|_| !asking.is_operator()) {
        for name in [
            "code_digest",
            "files",
            "bytes",
            "tables",
            "contracts",
            "gates",
            "canary",
            "refused",
        ] {
            fields.remove(name);
        }
    }
    Ok(HttpResponse::Ok().json(answer))
}
