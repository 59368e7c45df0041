//! `GET /metrics`: what the node counts, in Prometheus' text format. It adds up all tenants: for operators, not for callers.

mod callers;
mod page;

use actix_web::{HttpResponse, web::Data};

use self::{
    callers::callers,
    page::{Kind, MEDIA_TYPE, Page},
};
use crate::{
    ApiError, Node, Serving,
    canary::CanaryState,
    edge::Arrival,
    traffic::{BOUNDS_SECONDS, CLASSES},
};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// What Linux tells of the process's memory, and under which name it is shown.
const MEMORY: [(&str, &str, &str); 3] = [
    (
        "VmRSS:",
        "process_resident_memory_bytes",
        "Memory in use, the parts of mapped snapshot files that are in memory among it.",
    ),
    (
        "RssAnon:",
        "marketlounge_own_memory_bytes",
        "Memory in use, without mapped files: what the system cannot take back by itself.",
    ),
    (
        "VmHWM:",
        "marketlounge_peak_memory_bytes",
        "The most memory that was in use at one time.",
    ),
];

/// Answers always, whether a snapshot is served or not.
pub(crate) async fn get(node: Data<Node>, arrival: Arrival) -> Result<HttpResponse, ApiError> {
    let mut page = Page::default();
    let serving = node.current().serving();
    page.family(
        "marketlounge_build_info",
        Kind::Gauge,
        "The node's version; always 1.",
    )
    .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.family(
        "marketlounge_ready",
        Kind::Gauge,
        "1 where a verified snapshot is served.",
    )
    .sample(&[], u8::from(serving.is_some()));
    snapshots(&mut page, &node);
    if let Some(serving) = &serving {
        served(&mut page, serving);
    }
    traffic(&mut page, &node);
    callers(&mut page, node.gatekeeper(), arrival.asked_at);
    work(&mut page, &node);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        memory(&mut page, &status);
    }
    Ok(HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .body(page.into_text()))
}

/// What became of announced snapshots.
fn snapshots(page: &mut Page, node: &Node) {
    let is_refused = node.current().trouble().is_some();
    page.family(
        "marketlounge_snapshot_refused",
        Kind::Gauge,
        "1 where what is announced is not served: it is bad, or the pointer cannot be read. /health says why.",
    )
    .sample(&[], u8::from(is_refused));
    canary(page, node);
    let mut looks = page.family(
        "marketlounge_snapshot_looks_total",
        Kind::Counter,
        "Looks at the announced snapshot by what they came to; `swapped` counts swaps.",
    );
    for (outcome, count) in node.current().looks().counts() {
        looks.sample(&[("outcome", outcome)], count);
    }
}

/// What the node makes of the canary.
fn canary(page: &mut Page, node: &Node) {
    let canary = node.current().canary();
    let is = |of: fn(&CanaryState) -> bool| u8::from(canary.as_ref().is_some_and(of));
    page.family(
        "marketlounge_canary_served",
        Kind::Gauge,
        "1 where the snapshot that answers is a canary: a share of nodes serves it before it is announced to all.",
    )
    .sample(&[], is(|canary| canary.is_served));
    page.family(
        "marketlounge_canary_refused",
        Kind::Gauge,
        "1 where the node takes part in a canary that it cannot serve; it serves the announced snapshot. /health says why.",
    )
    .sample(&[], is(|canary| canary.refused.is_some()));
    if let Some(canary) = &canary {
        let takes_part = if canary.takes_part { "yes" } else { "no" };
        page.family(
            "marketlounge_canary_info",
            Kind::Gauge,
            "The canary that there is; always 1.",
        )
        .sample(&[("id", &canary.id), ("takes_part", takes_part)], 1);
    }
}

/// The snapshot that answers, and what it remembers.
fn served(page: &mut Page, serving: &Serving) {
    let (id, slot) = (serving.id().to_string(), serving.slot().to_string());
    let encoder = serving.encoder().map_or("none", encoder::Encoder::id);
    let labels = [
        ("id", id.as_str()),
        ("slot", slot.as_str()),
        ("encoder", encoder),
    ];
    page.family(
        "marketlounge_snapshot_info",
        Kind::Gauge,
        "The snapshot that answers; always 1. Without an encoder matches are lexical only.",
    )
    .sample(&labels, 1);
    page.family(
        "marketlounge_snapshot_slot_timestamp_seconds",
        Kind::Gauge,
        "When the day that the snapshot was made for began, in UTC. Its age is time() less this.",
    )
    .sample(&[], i64::from(serving.slot().days_since_epoch()) * DAY);
    let caches = [
        ("results", serving.cache().result_counts()),
        ("query_vectors", serving.cache().vector_counts()),
    ];
    let mut lookups = page.family(
        "marketlounge_cache_lookups_total",
        Kind::Counter,
        "Answers that were remembered (hit) or computed (miss), since the snapshot is served.",
    );
    for (cache, counts) in &caches {
        lookups.sample(&[("cache", cache), ("outcome", "hit")], counts.hits);
        lookups.sample(&[("cache", cache), ("outcome", "miss")], counts.misses);
    }
    let mut entries = page.family(
        "marketlounge_cache_entries",
        Kind::Gauge,
        "Answers that are remembered now.",
    );
    for (cache, counts) in &caches {
        entries.sample(&[("cache", cache)], counts.entries);
    }
}

/// Requests by route.
fn traffic(page: &mut Page, node: &Node) {
    let routes = node.traffic().counts();
    let mut requests = page.family(
        "marketlounge_requests_total",
        Kind::Counter,
        "Requests answered, by route and class of status.",
    );
    for (route, counts) in &routes {
        for (class, count) in CLASSES.iter().zip(counts.by_class) {
            requests.sample(&[("route", route), ("status", class)], count);
        }
    }
    let mut seconds = page.family(
        "marketlounge_request_seconds",
        Kind::Histogram,
        "Time from a request's head to its answer's, by route.",
    );
    for (route, counts) in &routes {
        let bounds = BOUNDS_SECONDS.iter().map(ToString::to_string);
        let bounds = bounds.chain(["+Inf".to_owned()]);
        let mut so_far = 0;
        for (bound, count) in bounds.zip(counts.by_bucket) {
            so_far += count;
            seconds.sample_of("_bucket", &[("route", route), ("le", &bound)], so_far);
        }
        seconds.sample_of("_sum", &[("route", route)], counts.total.as_secs_f64());
        seconds.sample_of("_count", &[("route", route)], so_far);
    }
}

/// Permits and the query log.
fn work(page: &mut Page, node: &Node) {
    page.family(
        "marketlounge_permits_free",
        Kind::Gauge,
        "Searches that could begin now; at 0 callers wait, then get 503.",
    )
    .sample(&[], node.permits().free());
    let log = node.collector().counts();
    let mut lines = page.family(
        "marketlounge_query_log_lines_total",
        Kind::Counter,
        "Lines of the query log that were written, or lost because the disk refused them or was too slow.",
    );
    lines.sample(&[("outcome", "written")], log.written);
    lines.sample(&[("outcome", "lost")], log.lost);
    page.family(
        "marketlounge_query_log_queued",
        Kind::Gauge,
        "Lines of the query log that wait for the disk.",
    )
    .sample(&[], log.queued);
}

/// The process's memory, from the text of `/proc/self/status`; nothing where the system tells nothing.
fn memory(page: &mut Page, status: &str) {
    for (field, name, help) in MEMORY {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kibibytes: Option<u64> =
            line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
        if let Some(kibibytes) = kibibytes {
            page.family(name, Kind::Gauge, help)
                .sample(&[], kibibytes << 10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_bytes_and_what_the_system_does_not_tell_is_left_out() {
        let mut page = Page::default();
        memory(
            &mut page,
            "Name:\tserve\nVmHWM:\t  300000 kB\nVmRSS:\t  123456 kB\n",
        );
        let text = page.into_text();
        assert!(
            text.contains("\nprocess_resident_memory_bytes 126418944\n"),
            "{text}"
        );
        assert!(
            text.contains("\nmarketlounge_peak_memory_bytes 307200000\n"),
            "{text}"
        );
        assert!(!text.contains("own_memory"), "{text}");
    }
}
