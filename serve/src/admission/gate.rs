//! What a request goes through before its handler: who asks, whether they may, whether they may still.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use access::{Caller, Scope, UsageCount, UsageKey, Verdict};
use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use super::{Needs, Who, records::AdminCall, refusals, tenant::SettledTenant};
use crate::{ApiError, Node, edge::Arrival, request::public_tenant, routes::RouteCard};

/// The caller, left in the request for whoever needs it.
#[derive(Debug, Clone)]
pub(crate) struct Asking(pub(crate) Arc<Caller>);

/// What the limits say, left in the request for the answer's headers.
#[derive(Debug, Clone)]
pub(crate) struct RateTold(pub(crate) Verdict);

/// What a request was let in for, left in it for the tenant's part of the bill.
#[derive(Debug, Clone, Copy)]
pub(super) struct LetIn(pub(super) Needs);

impl Asking {
    /// Returns who sends a request. A route that no gate guards has no caller, and so no tenant: it fails rather than answers.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            tracing::error!(path = request.path(), "a route without a gate");
            ApiError::internal()
        })
    }

    /// Says whether the caller may look at what concerns all tenants.
    pub(crate) fn is_operator(&self) -> bool {
        self.0.scopes.has(Scope::Operate)
    }
}

impl FromRequest for Asking {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Wraps every route: lets the caller in, or answers why not; then counts what it was given.
pub(crate) async fn gate(
    card: RouteCard,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let let_in = let_in(card.needs, request.request());
    let response = match let_in {
        Ok(()) => next.call(request).await?,
        Err(error) => request.into_response(HttpResponse::from_error(error)),
    };
    tell(card, &response).await;
    Ok(response)
}

fn let_in(needs: Needs, request: &HttpRequest) -> Result<(), ApiError> {
    let node = request
        .app_data::<web::Data<Node>>()
        .ok_or_else(ApiError::internal)?;
    let gatekeeper = node.gatekeeper();
    let now = Arrival::of(request)?.asked_at;
    let is_free = match needs.who {
        Who::Anyone => true,
        Who::Operator => gatekeeper.has_open_metrics(),
        Who::AnyKey | Who::Has(_) => false,
    };
    if is_free {
        return Ok(());
    }
    let caller = gatekeeper.identify(request.headers(), now)?;
    let caller = Arc::new(caller);
    request.extensions_mut().insert(Asking(caller.clone()));
    if let Some(scope) = needs
        .scope_needed()
        .filter(|scope| !caller.scopes.has(*scope))
    {
        return Err(refusals::no_scope(scope));
    }
    request.extensions_mut().insert(LetIn(needs));
    if caller.key_id.is_some() && needs.cost > 0 {
        let verdict = gatekeeper.charge(&caller, needs.cost, now);
        let refused = verdict.refused;
        request.extensions_mut().insert(RateTold(verdict));
        if let Some((policy, seconds)) = refused {
            request.extensions_mut().remove::<LetIn>();
            return Err(refusals::too_much(policy, seconds));
        }
    }
    Ok(())
}

/// Counts an answer, for the bill and for the audit.
async fn tell(card: RouteCard, response: &ServiceResponse<BoxBody>) {
    let request = response.request();
    let Some(node) = request.app_data::<web::Data<Node>>() else {
        return;
    };
    let error = response.response().error();
    let code = error
        .and_then(|error| error.as_error::<ApiError>())
        .map(ApiError::code);
    if !matches!(card.needs.who, Who::Anyone) {
        node.gatekeeper().count(code);
    }
    let (Ok(Asking(caller)), Ok(arrival)) = (Asking::of_guarded(request), Arrival::of(request))
    else {
        return;
    };
    let Some(key_id) = &caller.key_id else {
        return;
    };
    let settled = request
        .extensions()
        .get::<SettledTenant>()
        .map(|settled| settled.0.clone());
    let tenant = settled.or_else(|| caller.tenants.only().cloned());
    let is_charged = request.extensions().get::<LetIn>().is_some();
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) if error.is_none() => bytes,
        _ => 0,
    };
    let key = UsageKey {
        day: arrival.asked_at.date_naive(),
        key_id: key_id.clone(),
        tenant: tenant.clone().unwrap_or_else(public_tenant),
        endpoint: format!("{} {}", card.method, card.path),
    };
    let count = UsageCount {
        requests: 1,
        errors: u64::from(response.status().as_u16() >= 400),
        cost: if is_charged {
            card.needs.cost.into()
        } else {
            0
        },
        bytes,
    };
    node.gatekeeper().count_usage(key, count);
    if card.needs.who == Who::Has(Scope::Admin) {
        let call = AdminCall::new(node, response, &arrival, (card, key_id, tenant));
        call.append(node.collector()).await;
    }
}

impl Asking {
    /// Returns who sends a request, where anybody was asked to say so.
    fn of_guarded(request: &HttpRequest) -> Result<Self, ()> {
        request.extensions().get::<Self>().cloned().ok_or(())
    }
}
