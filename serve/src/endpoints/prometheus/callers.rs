//! Who was let in, and what is wrong with the keys.

use chrono::{DateTime, Utc};

use super::page::{Kind, Page};
use crate::Gatekeeper;

/// Writes what the gatekeeper counts.
pub(super) fn callers(page: &mut Page, gatekeeper: &Gatekeeper, now: DateTime<Utc>) {
    let keys = gatekeeper.valid_keys(now);
    page.family(
        "marketlounge_auth_off",
        Kind::Gauge,
        "1 where the node asks nobody for a key: development mode.",
    )
    .sample(&[], u8::from(keys.is_none()));
    page.family(
        "marketlounge_keys_valid",
        Kind::Gauge,
        "Keys that open the node now.",
    )
    .sample(&[], keys.unwrap_or_default());
    page.family(
        "marketlounge_keys_refused",
        Kind::Gauge,
        "1 where the file of keys is bad, gone or cannot be read, and what was known before stays. /health says why.",
    )
    .sample(&[], u8::from(gatekeeper.trouble().is_some()));
    let (admitted, refused) = gatekeeper.outcomes();
    let mut requests = page.family(
        "marketlounge_admissions_total",
        Kind::Counter,
        "Requests for guarded routes, by whether they were let in or with which code they were refused.",
    );
    requests.sample(&[("outcome", "admitted")], admitted);
    for (outcome, count) in refused {
        requests.sample(&[("outcome", outcome)], count);
    }
}
