//! `GET /api/abuse/rings/{id}`: who is in a ring of bidders, who met whom, and what says so.

use abuse::{Entity, EntityKind};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::abuse::read_id;
use crate::{
    ApiError, Code, Node,
    abuse::{CaseAnswer, RingEdge, RingNode, RingSignal, ring_reason},
    edge::Arrival,
    node::Answering,
    parameters::Parameters,
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    ring_id: String,
    /// `cover`, `rotation`, `sharing`, `one_hand` or `concerted`.
    kind: String,
    nodes: Vec<RingNode>,
    edges: Vec<RingEdge>,
    /// The ring's auctions, by time.
    project_ids: Vec<String>,
    /// What was measured of the ring, raised or not.
    measures: Vec<RingSignal>,
    /// What the ring does, in a sentence.
    summary: String,
    #[serde(flatten)]
    case: CaseAnswer,
}

/// Answers one ring of the tenant.
pub(crate) async fn get(
    Answering(serving): Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let id = read_id(id.into_inner())?;
    let work = move || {
        let book = serving.reference().abuse()?;
        let ring = book
            .ring(tenant.as_str(), &id)
            .ok_or_else(|| unknown(&id))?;
        let entity = Entity::new(EntityKind::Ring, id.as_str());
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            kind: ring.kind.clone(),
            nodes: ring.nodes(),
            edges: book.edges(tenant.as_str(), &id),
            project_ids: ring.project_ids.clone(),
            measures: ring.measures(),
            summary: ring_reason(ring, language),
            case: CaseAnswer::new(book, tenant.as_str(), &entity, language),
            ring_id: id,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

/// The same whether nobody has it or another tenant does.
fn unknown(id: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("L'instantané servi n'a pas de groupe « {id} » pour ce client."),
        format!("The snapshot served has no ring \"{id}\" for this tenant."),
    )
    .at("id")
}
