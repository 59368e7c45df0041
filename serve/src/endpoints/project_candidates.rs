//! `GET /api/projects/{id}/candidates`: companies to invite to bid on a project, and why.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use deals::Kind;
use ranking::Formula;
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    deals::Subject,
    edge::Arrival,
    filters::Filters,
    node::Answering,
    offers::Conditions,
    parameters::Parameters,
    recommendations::{Auction, Candidate, POOL, shares, versions},
    request::{LIMIT_DEFAULT, LIMIT_MAX, SearchRequest},
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<Arm>,
    model_versions: BTreeMap<String, String>,
    project_id: String,
    status: Option<String>,
    /// What companies were looked for with, as `POST /api/match` takes it.
    query: String,
    weights: BTreeMap<&'static str, f64>,
    /// Companies that were scored: those that match best, a hundred, each account by itself.
    considered: usize,
    candidates: Vec<Candidate>,
}

/// Answers the best candidates for one project of the tenant.
pub(crate) async fn get(
    answering: Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let limit = parameters.take_limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let weights = parameters.take_weights(Formula::People)?;
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let id = id.into_inner();
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let (book, people) = (subject.book, serving.reference().people()?);
        let auction = Auction {
            id: &id,
            project: subject.known(Kind::Project, "project_id", &id)?,
            book,
            circle: people.of(tenant.as_str()),
            weights: &weights,
        };
        let asked = SearchRequest {
            text: auction.text(),
            filters: Filters::new(),
            conditions: Conditions::default(),
            limit: POOL,
            tenant: tenant.clone(),
            language,
        };
        let (considered, candidates) = auction.candidates(&serving, &asked, limit)?;
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            model_versions: versions(book, &[Kind::Project]),
            status: auction.project.text("status").map(str::to_owned),
            project_id: id.clone(),
            query: asked.text,
            weights: shares(&weights),
            considered,
            candidates,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}
