//! `POST /api/price-reference`: what a project, a booking or an introduction should cost, and why.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    body::{Fields, missing},
    deals::{Nearest, PriceAnswer, Subject, no_model, price_reasons, read_kind},
    edge::Arrival,
    language::Language,
    node::Answering,
    request::tenant,
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<Arm>,
    kind: deals::Kind,
    #[serde(flatten)]
    price: PriceAnswer,
    comparables: Nearest,
    reasons: Vec<String>,
}

/// Answers the interval, its sum, and what was paid for deals alike.
pub(crate) async fn post(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    mut fields: Fields,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    let tenant = tenant(&mut fields, &request)?.ok_or_else(|| missing("tenant"))?;
    let kind = read_kind(&mut fields)?;
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let question = subject.read(kind, &mut fields)?;
        fields.finish()?;
        let models = book.models();
        let budget = question
            .price_cents
            .filter(|_| kind == deals::Kind::Project)
            .map(|cents| cents as i64);
        let price = models
            .price(kind, &question.facts.values(), budget)
            .ok_or_else(|| no_model(kind))?;
        let price =
            PriceAnswer::new(&price, &models.rules, language).ok_or_else(ApiError::internal)?;
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            kind,
            comparables: book
                .comparables()
                .of(kind, tenant.as_str(), &question.facts),
            reasons: price_reasons(&price, &question.facts, language),
            price,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}
