//! Which endpoint answers where.

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, guard,
    web::{self, PayloadConfig, ServiceConfig},
};

use crate::{
    ApiError,
    body::BODY_LIMIT,
    endpoints::{
        abuse, abuse_ring, autocomplete, bid_explain, bid_guidance, concepts, glossary, health,
        livez, loc_what_if, market, match_companies, match_offers, match_vector, metrics, offers,
        price_reference, project_bids, project_candidates, project_loc, prometheus, quotes, readyz,
        recommendations, similar_offers, snapshot,
    },
};

/// Adds every route to an application that has a `Data<Node>` and is wrapped by [`edge`](crate::edge()).
pub fn routes(app: &mut ServiceConfig) {
    app.app_data(PayloadConfig::new(BODY_LIMIT))
        .service(post("/api/match", match_companies::post))
        .service(post("/api/match/text", match_offers::post))
        .service(post("/match", match_vector::post))
        .service(post("/api/price-reference", price_reference::post))
        .service(post("/api/bookings/quote", quotes::post_booking))
        .service(post("/api/intros/quote", quotes::post_intro))
        .service(post("/api/loc/what-if", loc_what_if::post))
        .service(get("/api/projects/{id}/loc", project_loc::get))
        .service(get("/api/projects/{id}/bids", project_bids::get))
        .service(get("/api/projects/{id}/explain", bid_explain::get))
        .service(get("/api/projects/{id}/guidance", bid_guidance::get))
        .service(get(
            "/api/projects/{id}/candidates",
            project_candidates::get,
        ))
        .service(get(
            "/api/recommendations/clients/{id}/people",
            recommendations::people,
        ))
        .service(get(
            "/api/recommendations/people/{id}/prospects",
            recommendations::prospects,
        ))
        .service(get("/api/abuse/rings/{id}", abuse_ring::get))
        .service(get("/api/abuse/{entity}/{id}", abuse::get))
        .service(get("/api/autocomplete", autocomplete::get))
        .service(get("/api/concepts/{id:.+}", concepts::get))
        .service(get("/api/glossary", glossary::get))
        .service(get("/api/glossary/{path:.*}", glossary::get))
        .service(get("/api/market/signals", market::get))
        .service(get("/api/offers/{id}/similar", similar_offers::get))
        .service(get("/offers", offers::get))
        .service(get("/admin/metrics", metrics::get))
        .service(get("/api/snapshot", snapshot::get))
        .service(get("/livez", livez::get))
        .service(get("/readyz", readyz::get))
        .service(get("/health", health::get))
        .service(get("/metrics", prometheus::get))
        .default_service(web::to(unknown_route));
}

/// A route to read, with GET or HEAD.
fn get<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args, Output = Result<HttpResponse, ApiError>>,
    Args: FromRequest + 'static,
{
    let reading = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    web::resource(path)
        .route(reading.to(handler))
        .default_service(web::to(read_only))
}

/// A route to ask with POST.
fn post<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args, Output = Result<HttpResponse, ApiError>>,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::post().to(handler))
        .default_service(web::to(post_only))
}

async fn unknown_route() -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_route())
}

async fn read_only() -> Result<HttpResponse, ApiError> {
    Err(ApiError::method_not_allowed("GET, HEAD"))
}

async fn post_only() -> Result<HttpResponse, ApiError> {
    Err(ApiError::method_not_allowed("POST"))
}
