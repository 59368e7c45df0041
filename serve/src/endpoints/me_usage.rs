//! `GET /api/me/usage`: what the key that asks may do, and how much of it is left.

use access::{Spent, Subject};
use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{ApiError, Code, Node, admission::Asking, edge::Arrival};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    key_id: String,
    name: String,
    tenants: Vec<String>,
    scopes: access::Scopes,
    expires_at: Option<DateTime<Utc>>,
    /// What was spent with the key and those that it was rotated to.
    key: Counted,
    /// What the tenant spent over all its keys, where the key stands for one only.
    tenant: Option<Counted>,
    /// Every limit that the key is under.
    limits: Vec<Limit>,
}

#[derive(Debug, Default, Serialize)]
struct Counted {
    /// Since midnight, in UTC.
    today: Spent,
    /// Since the first of the month, in UTC.
    this_month: Spent,
}

#[derive(Debug, Serialize)]
struct Limit {
    name: &'static str,
    quota: u64,
    window_seconds: u64,
    left: u64,
    reset_seconds: u64,
}

/// Answers for the key that asks, and no other. It costs nothing.
pub(crate) async fn get(
    Asking(caller): Asking,
    node: Data<Node>,
    arrival: Arrival,
) -> Result<HttpResponse, ApiError> {
    let Some(key_id) = caller.key_id.clone() else {
        return Err(ApiError::new(
            Code::NotFound,
            "Ce nœud tourne sans clés (mode de développement) : il ne compte personne.",
            "This node runs without keys (development mode): it counts nobody.",
        ));
    };
    let (gatekeeper, now) = (node.gatekeeper(), arrival.asked_at);
    let (mut key, mut tenant) = (Counted::default(), None);
    for (who, (today, this_month)) in gatekeeper.spent(&caller, now) {
        let counted = Counted { today, this_month };
        match who {
            Subject::Account(_) => key = counted,
            Subject::Tenant(_) => tenant = Some(counted),
        }
    }
    let limits = gatekeeper.limits(&caller, now).into_iter();
    let limits = limits.map(|policy| Limit {
        name: policy.name,
        quota: policy.quota,
        window_seconds: policy.window_seconds,
        left: policy.left,
        reset_seconds: policy.reset_seconds,
    });
    Ok(HttpResponse::Ok().json(Answer {
        request_id: arrival.request_id,
        key_id,
        name: caller.name.clone(),
        tenants: caller.tenants.names(),
        scopes: caller.scopes,
        expires_at: caller.expires_at,
        key,
        tenant,
        limits: limits.collect(),
    }))
}
