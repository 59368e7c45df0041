//! Which endpoint answers where, to whom, and for how much: the one table of routes.

use access::Scope;
use actix_web::{
    FromRequest, Handler, HttpResponse, Resource,
    body::BoxBody,
    dev::{HttpServiceFactory, ServiceRequest},
    guard,
    middleware::{Next, from_fn},
    web::{self, PayloadConfig, ServiceConfig},
};

use crate::{
    ApiError, Needs,
    admission::gate,
    body::BODY_LIMIT,
    endpoints::{
        abuse, abuse_ring, autocomplete, bid_explain, bid_guidance, concepts, glossary, health,
        livez, loc_what_if, market, match_companies, match_offers, match_vector, me_usage, metrics,
        offers, price_reference, project_bids, project_candidates, project_loc, prometheus, quotes,
        readyz, recommendations, similar_offers, snapshot,
    },
};

/// A route: where it is, and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteCard {
    /// `GET` (which answers HEAD as well) or `POST`.
    pub method: &'static str,
    /// The address, with `{names}` for what varies.
    pub path: &'static str,
    /// Who may ask it, and what it costs.
    pub needs: Needs,
}

/// A route and what adds it to an application.
struct Route {
    card: RouteCard,
    add: Box<dyn FnOnce(&mut ServiceConfig)>,
}

/// All routes. The first that fits an address answers it.
fn table() -> Vec<Route> {
    use Scope::{Abuse, Admin, Auctions, Catalogue, Market, Match, Prices, Recommendations};
    let scope = Needs::scope;
    vec![
        post("/api/match", scope(Match, 10), match_companies::post),
        post("/api/match/text", scope(Match, 10), match_offers::post),
        post("/match", scope(Match, 5), match_vector::post),
        get(
            "/api/offers/{id}/similar",
            scope(Match, 10),
            similar_offers::get,
        ),
        post(
            "/api/price-reference",
            scope(Prices, 5),
            price_reference::post,
        ),
        post(
            "/api/bookings/quote",
            scope(Prices, 5),
            quotes::post_booking,
        ),
        post("/api/intros/quote", scope(Prices, 5), quotes::post_intro),
        post("/api/loc/what-if", scope(Prices, 10), loc_what_if::post),
        get(
            "/api/projects/{id}/loc",
            scope(Auctions, 5),
            project_loc::get,
        ),
        get(
            "/api/projects/{id}/bids",
            scope(Auctions, 5),
            project_bids::get,
        ),
        get(
            "/api/projects/{id}/explain",
            scope(Auctions, 5),
            bid_explain::get,
        ),
        get(
            "/api/projects/{id}/guidance",
            scope(Auctions, 5),
            bid_guidance::get,
        ),
        get(
            "/api/projects/{id}/candidates",
            scope(Recommendations, 20),
            project_candidates::get,
        ),
        get(
            "/api/recommendations/clients/{id}/people",
            scope(Recommendations, 10),
            recommendations::people,
        ),
        get(
            "/api/recommendations/people/{id}/prospects",
            scope(Recommendations, 10),
            recommendations::prospects,
        ),
        get("/api/abuse/rings/{id}", scope(Abuse, 2), abuse_ring::get),
        get("/api/abuse/{entity}/{id}", scope(Abuse, 2), abuse::get),
        get("/api/autocomplete", scope(Catalogue, 1), autocomplete::get),
        get("/api/concepts/{id:.+}", scope(Catalogue, 5), concepts::get),
        get("/api/glossary", scope(Catalogue, 1), glossary::get),
        get(
            "/api/glossary/{path:.*}",
            scope(Catalogue, 1),
            glossary::get,
        ),
        get("/offers", scope(Catalogue, 1), offers::get),
        get("/api/market/signals", scope(Market, 2), market::get),
        get("/admin/metrics", scope(Admin, 1), metrics::get),
        get("/api/me/usage", Needs::any_key(0), me_usage::get),
        get("/api/snapshot", Needs::any_key(1), snapshot::get),
        get("/livez", Needs::NOTHING, livez::get),
        get("/readyz", Needs::NOTHING, readyz::get),
        get("/health", Needs::OPERATOR, health::get),
        get("/metrics", Needs::OPERATOR, prometheus::get),
    ]
}

/// Returns what is known of each route, in the order in which they are tried.
#[must_use]
pub fn route_cards() -> Vec<RouteCard> {
    table().into_iter().map(|route| route.card).collect()
}

/// Adds every route to an application that has a `Data<Node>` and is wrapped by [`edge`](crate::edge()).
pub fn routes(app: &mut ServiceConfig) {
    app.app_data(PayloadConfig::new(BODY_LIMIT));
    for route in table() {
        (route.add)(app);
    }
    app.default_service(web::to(unknown_route));
}

/// A route to read, with GET or HEAD.
fn get<F, Args>(path: &'static str, needs: Needs, handler: F) -> Route
where
    F: Handler<Args, Output = Result<HttpResponse, ApiError>>,
    Args: FromRequest + 'static,
{
    let reading = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    let resource = web::resource(path).route(reading.to(handler));
    let method = "GET";
    let card = RouteCard {
        method,
        path,
        needs,
    };
    Route::new(card, resource.default_service(web::to(read_only)))
}

/// A route to ask with POST.
fn post<F, Args>(path: &'static str, needs: Needs, handler: F) -> Route
where
    F: Handler<Args, Output = Result<HttpResponse, ApiError>>,
    Args: FromRequest + 'static,
{
    let resource = web::resource(path).route(web::post().to(handler));
    let method = "POST";
    let card = RouteCard {
        method,
        path,
        needs,
    };
    Route::new(card, resource.default_service(web::to(post_only)))
}

impl Route {
    fn new(card: RouteCard, resource: Resource) -> Self {
        let add = move |app: &mut ServiceConfig| {
            app.service(guarded(card, resource));
        };
        Self {
            card,
            add: Box::new(add),
        }
    }
}

/// Puts the gate before a route. It is bound to the route itself, not to its address: no spelling of an address goes around it.
fn guarded(card: RouteCard, resource: Resource) -> impl HttpServiceFactory + 'static {
    resource.wrap(from_fn(
        move |request: ServiceRequest, next: Next<BoxBody>| gate(card, request, next),
    ))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Who;

    #[test]
    fn only_probes_are_open_and_admin_addresses_need_the_scope_admin() {
        let cards = route_cards();
        let paths: BTreeSet<_> = cards.iter().map(|card| card.path).collect();
        assert_eq!(paths.len(), cards.len(), "an address is listed once");
        for RouteCard { path, needs, .. } in cards {
            let is_probe = matches!(path, "/livez" | "/readyz");
            assert_eq!(needs.who == Who::Anyone, is_probe, "{path}");
            let is_admin = path.starts_with("/admin/");
            assert_eq!(needs.who == Who::Has(Scope::Admin), is_admin, "{path}");
            let is_scoped = matches!(needs.who, Who::Has(_));
            assert!(!is_scoped || needs.cost > 0, "{path} costs nothing");
        }
    }
}
