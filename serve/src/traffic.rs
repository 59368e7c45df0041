//! How many requests were answered on each route, how, and how fast, since the process started. Tenants are not told apart.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Upper bounds of the buckets of durations, in seconds. Slower answers count in one more.
pub(crate) const BOUNDS_SECONDS: [f64; 12] = [
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

/// Classes of statuses, in the order of [`RouteCounts::by_class`].
pub(crate) const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Answers of one route. A request whose caller went away before the answer counts nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RouteCounts {
    /// Answers by class of status.
    pub(crate) by_class: [u64; CLASSES.len()],
    /// Answers by bucket, each in one only.
    pub(crate) by_bucket: [u64; BOUNDS_SECONDS.len() + 1],
    /// The time that all took together.
    pub(crate) total: Duration,
}

/// Counts answers by route.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    routes: Mutex<BTreeMap<String, RouteCounts>>,
}

impl Traffic {
    /// Counts an answer. `route` is the pattern of a route, never an address: so there are few.
    pub(crate) fn count(&self, route: &str, status: u16, elapsed: Duration) {
        let class = usize::from(status / 100).clamp(2, 5) - 2;
        let seconds = elapsed.as_secs_f64();
        let bucket = BOUNDS_SECONDS.partition_point(|bound| *bound < seconds);
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), RouteCounts::default());
        }
        if let Some(counts) = routes.get_mut(route) {
            counts.by_class[class] += 1;
            counts.by_bucket[bucket] += 1;
            counts.total += elapsed;
        }
    }

    /// Returns what was counted so far, by route.
    pub(crate) fn counts(&self) -> BTreeMap<String, RouteCounts> {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once_by_route_status_and_duration() {
        let traffic = Traffic::default();
        let ms = Duration::from_millis;
        for (route, status, elapsed) in [
            ("/api/match", 200, ms(1)),
            ("/api/match", 204, ms(3)),
            ("/api/match", 422, ms(0)),
            ("/api/match", 503, ms(6000)),
            ("unknown", 404, ms(5000)),
        ] {
            traffic.count(route, status, elapsed);
        }
        let counts = traffic.counts();
        assert_eq!(counts.keys().collect::<Vec<_>>(), ["/api/match", "unknown"]);
        let matches = counts["/api/match"];
        assert_eq!(matches.by_class, [2, 0, 1, 1]);
        assert_eq!(matches.by_bucket, [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(matches.total, ms(6004));
        // A bound is in its bucket, as Prometheus' `le` says.
        assert_eq!(counts["unknown"].by_bucket[11], 1);
    }

    #[test]
    fn a_status_outside_of_the_classes_is_counted_at_their_edge() {
        let traffic = Traffic::default();
        traffic.count("x", 101, Duration::ZERO);
        traffic.count("x", 999, Duration::ZERO);
        assert_eq!(traffic.counts()["x"].by_class, [1, 0, 0, 1]);
    }
}
