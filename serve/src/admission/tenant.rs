//! For whom a request asks: the one place where a tenant comes from.

use actix_web::{HttpMessage, HttpRequest, web};
use schemas::Tenant;

use super::{
    gate::{Asking, LetIn, RateTold},
    refusals,
};
use crate::{ApiError, Node, edge::Arrival};

/// The tenant that a request was settled to ask for, left in it for the bill.
#[derive(Debug, Clone)]
pub(super) struct SettledTenant(pub(super) Tenant);

/// Returns for whom a request asks: the key's tenant, whatever the request names. One that names another is refused, not corrected:
/// it was meant for another key. Only where the caller stands for several tenants, or in development mode, does the name decide.
///
/// # Errors
/// The request names another tenant than the key's, or has to name one; or the tenant's limits are used up.
pub(crate) fn settle_tenant(
    named: Option<&Tenant>,
    request: &HttpRequest,
) -> Result<Option<Tenant>, ApiError> {
    let Asking(caller) = Asking::of(request)?;
    let tenant = caller
        .tenant(named)
        .map_err(|wrong| refusals::wrong_tenant(&wrong))?;
    if let Some(tenant) = &tenant {
        let is_first = request
            .extensions_mut()
            .insert(SettledTenant(tenant.clone()))
            .is_none();
        if is_first && caller.key_id.is_some() && caller.tenants.only().is_none() {
            charge(tenant, request)?;
        }
    }
    Ok(tenant)
}

/// Charges the tenant that a caller of several asks for; a caller's only tenant paid at the gate.
fn charge(tenant: &Tenant, request: &HttpRequest) -> Result<(), ApiError> {
    let node = request
        .app_data::<web::Data<Node>>()
        .ok_or_else(ApiError::internal)?;
    let let_in = request.extensions().get::<LetIn>().copied();
    let LetIn(needs) = let_in.ok_or_else(ApiError::internal)?;
    let now = Arrival::of(request)?.asked_at;
    let verdict = node.gatekeeper().charge_tenant(tenant, needs.cost, now);
    let refused = verdict.refused;
    if let Some(RateTold(told)) = request.extensions_mut().get_mut::<RateTold>() {
        told.policies.extend(verdict.policies);
    }
    match refused {
        Some((policy, seconds)) => Err(refusals::too_much(policy, seconds)),
        None => Ok(()),
    }
}
