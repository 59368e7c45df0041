//! `POST /api/match/text`: a CV or a sentence against job offers.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use schemas::Section;

use crate::{
    ApiError, Node,
    answer::OfferHit,
    body::Fields,
    edge::Arrival,
    filters::Filterable,
    node::Answering,
    request::{SearchRequest, Shape},
    text_search::{Endpoint, Exchange, answer},
};

const SHAPE: Shape = Shape {
    text: "text",
    text_limit: 50_000,
    filters: Filterable::OFFERS,
};

/// Answers a shortlist, each hit with its contributions and reasons, and logs the request.
pub(crate) async fn post(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    fields: Fields,
) -> Result<HttpResponse, ApiError> {
    let search = SearchRequest::read(fields, SHAPE, &request)?;
    let endpoint = Endpoint {
        path: "/api/match/text",
        section: Section::Offers,
        hit: OfferHit::new,
    };
    let exchange = Exchange {
        node: &node,
        answering,
        request: &request,
        arrival: &arrival,
    };
    answer(exchange, endpoint, search).await
}
