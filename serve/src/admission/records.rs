//! Rows of the landing tables `usage` and `admin_calls`.

use access::{UsageCount, UsageKey};
use actix_web::{body::BoxBody, dev::ServiceResponse, http::header::USER_AGENT};
use chrono::{DateTime, SecondsFormat, Utc};
use schemas::Tenant;
use serde::Serialize;

use crate::{Collector, Node, edge::Arrival, routes::RouteCard};

/// The table that requests are counted in, for the bill.
pub(crate) const USAGE: &str = "usage";
/// The table that calls of the administration are logged in.
pub(crate) const ADMIN_CALLS: &str = "admin_calls";
/// Characters of an address or a user agent that are kept.
const TEXT_LIMIT: usize = 200;

/// The columns of the contract `landing.usage`.
#[derive(Debug, Serialize)]
pub(super) struct UsageRow<'a> {
    tenant: &'a str,
    usage_id: String,
    node: &'a str,
    key_id: &'a str,
    endpoint: &'a str,
    day: String,
    requests: u64,
    errors: u64,
    cost: u64,
    bytes: u64,
    counted_at: String,
}

impl<'a> UsageRow<'a> {
    /// Makes a row of what was counted up to `now`. Its id is new: a row that lands twice counts once.
    pub(super) fn new(
        node: &'a str,
        key: &'a UsageKey,
        count: UsageCount,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            tenant: key.tenant.as_str(),
            usage_id: uuid::Uuid::new_v4().to_string(),
            node,
            key_id: &key.key_id,
            endpoint: &key.endpoint,
            day: key.day.to_string(),
            requests: count.requests,
            errors: count.errors,
            cost: count.cost,
            bytes: count.bytes,
            counted_at: stamp(now),
        }
    }
}

/// The columns of the contract `landing.admin_calls`.
#[derive(Debug, Serialize)]
pub(super) struct AdminCall {
    tenant: Option<Tenant>,
    request_id: String,
    key_id: String,
    endpoint: String,
    address: String,
    status: u16,
    ip_hash: Option<String>,
    caller_scope: String,
    user_agent: Option<String>,
    called_at: String,
}

impl AdminCall {
    /// Makes the row of a call that was answered, whether it was let in or not.
    pub(super) fn new(
        node: &Node,
        response: &ServiceResponse<BoxBody>,
        arrival: &Arrival,
        (card, key_id, tenant): (RouteCard, &str, Option<Tenant>),
    ) -> Self {
        let request = response.request();
        let short = |text: &str| text.chars().take(TEXT_LIMIT).collect::<String>();
        let agent = request
            .headers()
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let hashed = node.hash_address(request, arrival.asked_at);
        Self {
            tenant,
            request_id: arrival.request_id.clone(),
            key_id: key_id.to_owned(),
            endpoint: format!("{} {}", card.method, card.path),
            address: short(&request.uri().to_string()),
            status: response.status().as_u16(),
            ip_hash: hashed.ip_hash,
            caller_scope: hashed.caller_scope,
            user_agent: agent.map(short),
            called_at: stamp(arrival.asked_at),
        }
    }

    /// Appends the row to the audit log.
    pub(super) async fn append(&self, collector: &Collector) {
        if !collector.append(ADMIN_CALLS, self).await {
            let (request_id, key_id) = (&self.request_id, &self.key_id);
            tracing::error!(
                request_id,
                key_id,
                endpoint = self.endpoint,
                "a call of the administration is not in the audit log"
            );
        }
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
