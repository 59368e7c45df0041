//! `GET /api/abuse/{entity}/{id}`: what speaks against a project, a bid, a provider, a client, a person, a booking or an introduction, with the evidence.

use abuse::{Entity, EntityKind};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::{
    ApiError, Code, Node,
    abuse::CaseAnswer,
    body::invalid,
    edge::Arrival,
    language::Language,
    node::Answering,
    parameters::Parameters,
};

/// Characters of an identifier.
const LONGEST: usize = 128;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    entity: &'static str,
    id: String,
    #[serde(flatten)]
    case: CaseAnswer,
}

/// Answers what is known of one thing of the tenant.
pub(crate) async fn get(
    Answering(serving): Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let (kind, id) = path.into_inner();
    let entity = Entity::new(read_kind(&kind)?, read_id(id)?);
    let work = move || answer(&serving, arrival, tenant.as_str(), &entity, language);
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

fn answer(
    serving: &crate::Serving,
    arrival: Arrival,
    tenant: &str,
    entity: &Entity,
    language: Language,
) -> Result<Answer, ApiError> {
    let book = serving.reference().abuse()?;
    if !book.is_known(tenant, entity) {
        return Err(unknown(entity));
    }
    Ok(Answer {
        request_id: arrival.request_id,
        snapshot_id: serving.id().to_string(),
        entity: entity.kind.as_str(),
        id: entity.id.clone(),
        case: CaseAnswer::new(book, tenant, entity, language),
    })
}

/// Reads what sort of thing is asked about; rings have their own answer.
fn read_kind(kind: &str) -> Result<EntityKind, ApiError> {
    let known = EntityKind::ALL
        .into_iter()
        .filter(|one| *one != EntityKind::Ring);
    known.clone().find(|one| one.as_str() == kind).ok_or_else(|| {
        let all: Vec<&str> = known.map(EntityKind::as_str).collect();
        let all = all.join(", ");
        invalid(
            "entity",
            format!("Ce qui peut être demandé : {all}."),
            format!("What can be asked about: {all}."),
        )
    })
}

/// Reads an identifier: what no identifier looks like is told from one that nothing has.
pub(super) fn read_id(id: String) -> Result<String, ApiError> {
    let is_sign = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | ':');
    if (1..=LONGEST).contains(&id.len()) && id.chars().all(is_sign) {
        return Ok(id);
    }
    Err(invalid(
        "id",
        format!("Un identifiant a de 1 à {LONGEST} caractères parmi A-Z a-z 0-9 - _ . :"),
        format!("An identifier has 1 to {LONGEST} characters of A-Z a-z 0-9 - _ . :"),
    ))
}

/// The same whether nobody has it or another tenant does.
fn unknown(entity: &Entity) -> ApiError {
    let Entity { kind, id } = entity;
    ApiError::new(
        Code::NotFound,
        format!("L'instantané servi n'a pas de {kind} « {id} » pour ce client."),
        format!("The snapshot served has no {kind} \"{id}\" for this tenant."),
    )
    .at("id")
}
