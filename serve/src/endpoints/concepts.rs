//! `GET /api/concepts/{id}`: what a know-how is, who can, and what is near to it.

use actix_web::{HttpRequest, HttpResponse, web};
use matching::{ConceptRef, Request, Target, stored_vector};
use schemas::Section;
use serde::{Deserialize, Serialize};

use crate::{
    ApiError, Code, Node, Serving, edge::Arrival, node::Answering, parameters::Parameters,
    reference::Thing,
};

/// Nearby concepts shown.
const NEARBY: usize = 10;

/// What the pipeline wrote beside the concept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    label: Option<String>,
    label_en: Option<String>,
    label_de: Option<String>,
    synonyms: Vec<String>,
    definition: Option<String>,
    path: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    id: String,
    label: String,
    label_en: Option<String>,
    label_de: Option<String>,
    synonyms: Vec<String>,
    definition: Option<String>,
    path: Vec<String>,
    /// Companies that the tenant sees and that have it.
    companies: u64,
    nearby: Vec<Nearby>,
}

/// A concept that a search for this one finds, or that shares its glossary node.
#[derive(Debug, Serialize)]
struct Nearby {
    #[serde(flatten)]
    concept: ConceptRef,
    /// Score of the search; none where only the glossary says so.
    score: Option<f64>,
}

/// Answers one concept.
pub(crate) async fn get(
    Answering(serving): Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    parameters.take_language()?;
    parameters.finish()?;
    let id = id.into_inner();
    let concepts = serving.collection(Section::Concepts)?;
    let stored = concepts.document(tenant.as_str(), &id);
    let stored = stored.ok_or_else(|| unknown_concept(&id))?;
    let payload: Payload = serde_json::from_str(&stored.payload).unwrap_or_default();
    let label = payload.label.unwrap_or(stored.title);
    let work = move || {
        let tenant = tenant.as_str();
        let supply = serving.reference().supply()?;
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            companies: supply.companies(tenant, Thing::Concept(&id), None),
            nearby: nearby(&serving, tenant, &id, &label, &payload.path)?,
            label,
            label_en: payload.label_en,
            label_de: payload.label_de,
            synonyms: payload.synonyms,
            definition: payload.definition,
            path: payload.path,
            id,
        })
    };
    // What is near takes a search: off the event loop, as every search.
    let answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

/// Finds the concepts near to one: a search for its label with its own vector, then those of its glossary node.
fn nearby(
    serving: &Serving,
    tenant: &str,
    id: &str,
    label: &str,
    path: &[String],
) -> Result<Vec<Nearby>, ApiError> {
    let collection = serving.collection(Section::Concepts)?;
    let encoded = stored_vector(collection, tenant, id, label, serving.encoder());
    let target = Target {
        collection,
        weights: serving.weights(Section::Concepts),
        concepts: None,
    };
    let found = target.search(&Request {
        text: label,
        encoded: encoded.as_ref(),
        tenant,
        filters: &Default::default(),
        limit: NEARBY + 1,
    });
    let mut nearby: Vec<Nearby> = Vec::new();
    for hit in found.result.hits.into_iter().filter(|hit| hit.id != id) {
        let score = Some(hit.score);
        let concept = ConceptRef::of(hit.id, hit.title, &hit.payload);
        nearby.push(Nearby { concept, score });
    }
    for kin in serving.mentions().kin(path).filter(|kin| kin.id != id) {
        if nearby.iter().all(|near| near.concept.id != kin.id) {
            let (concept, score) = (kin.clone(), None);
            nearby.push(Nearby { concept, score });
        }
    }
    nearby.truncate(NEARBY);
    Ok(nearby)
}

/// Makes the error for a concept that the snapshot lacks.
pub(crate) fn unknown_concept(id: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("L'instantané servi n'a pas de concept « {id} »."),
        format!("The snapshot served has no concept \"{id}\"."),
    )
}
