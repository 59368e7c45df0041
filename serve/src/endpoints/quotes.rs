//! `POST /api/bookings/quote` and `POST /api/intros/quote`: what to offer, and how likely it is to be taken.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use deals::Kind;
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    body::{Fields, missing},
    deals::{Nearest, Quote, Subject, quote},
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
    kind: Kind,
    #[serde(flatten)]
    quote: Quote,
    comparables: Nearest,
}

/// Quotes a booking.
pub(crate) async fn post_booking(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    fields: Fields,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    answer(
        Kind::Booking,
        (answering, node, arrival),
        request,
        fields,
        language,
    )
    .await
}

/// Quotes an introduction.
pub(crate) async fn post_intro(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    fields: Fields,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    answer(
        Kind::Intro,
        (answering, node, arrival),
        request,
        fields,
        language,
    )
    .await
}

async fn answer(
    kind: Kind,
    (answering, node, arrival): (Answering, Data<Node>, Arrival),
    request: HttpRequest,
    mut fields: Fields,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    let tenant = tenant(&mut fields, &request)?.ok_or_else(|| missing("tenant"))?;
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let question = subject.read(kind, &mut fields)?;
        fields.finish()?;
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            kind,
            comparables: book
                .comparables()
                .of(kind, tenant.as_str(), &question.facts),
            quote: quote(book, &question, language)?,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}
