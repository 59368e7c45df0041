//! `POST /api/match`: a request for know-how against the companies that have it.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use schemas::Section;

use crate::{
    ApiError, Node,
    answer::CompanyHit,
    body::Fields,
    edge::Arrival,
    filters::Filterable,
    node::Answering,
    request::{SearchRequest, Shape},
    text_search::{Endpoint, Exchange, answer},
};

const SHAPE: Shape = Shape {
    text: "query",
    text_limit: 2000,
    filters: Filterable {
        facets: &[
            "region",
            "department",
            "city",
            "naf",
            "certification",
            "concept",
        ],
        conditions: &[],
    },
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
        path: "/api/match",
        section: Section::Companies,
        hit: CompanyHit::new,
    };
    let exchange = Exchange {
        node: &node,
        answering,
        request: &request,
        arrival: &arrival,
    };
    answer(exchange, endpoint, search).await
}
