//! What a node, or a side, answered.

use std::collections::BTreeMap;

use crate::page::Sample;

/// Routes that machines ask, and what is no route: they say nothing of a snapshot.
const PROBES: [&str; 5] = ["/metrics", "/readyz", "/livez", "/health", "unknown"];

/// Answers by route.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Traffic {
    pub(crate) routes: BTreeMap<String, Route>,
}

/// Answers of one route.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Route {
    pub(crate) answers: u64,
    /// Of them with 5xx.
    pub(crate) failures: u64,
    /// By upper bound in seconds, each in one bucket only; bounds as the bits of the number, which for numbers from 0 sort as they do.
    buckets: BTreeMap<u64, u64>,
}

impl Traffic {
    /// Reads the counters of a page.
    pub(crate) fn of(samples: &[Sample<'_>]) -> Self {
        let mut traffic = Self::default();
        for sample in samples {
            let route = sample.label("route");
            if PROBES.contains(&route) || route.is_empty() {
                continue;
            }
            let count = sample.value as u64;
            let own = traffic.routes.entry(route.to_owned()).or_default();
            match sample.name {
                "marketlounge_requests_total" => {
                    own.answers += count;
                    if sample.label("status") == "5xx" {
                        own.failures += count;
                    }
                }
                "marketlounge_request_seconds_bucket" => {
                    let bound = match sample.label("le") {
                        "+Inf" => f64::INFINITY,
                        number => number.parse().unwrap_or(f64::INFINITY),
                    };
                    own.buckets.insert(bound.to_bits(), count);
                }
                _ => {}
            }
        }
        // A page counts what is below a bound; here each answer is in one bucket.
        for route in traffic.routes.values_mut() {
            let mut below = 0;
            for count in route.buckets.values_mut() {
                (*count, below) = (count.saturating_sub(below), *count);
            }
        }
        traffic
    }

    /// Returns what came since an earlier page of the same process; none where the counters fell, for the process started again.
    pub(crate) fn since(&self, before: &Self) -> Option<Self> {
        let mut routes = BTreeMap::new();
        for name in self.routes.keys().chain(before.routes.keys()) {
            let now = self.routes.get(name).cloned().unwrap_or_default();
            let was = before.routes.get(name).cloned().unwrap_or_default();
            routes.insert(name.clone(), now.since(&was)?);
        }
        Some(Self { routes })
    }

    /// Adds what another node answered.
    pub(crate) fn add(&mut self, other: &Self) {
        for (name, theirs) in &other.routes {
            self.routes.entry(name.clone()).or_default().add(theirs);
        }
    }

    pub(crate) fn answers(&self) -> u64 {
        self.routes.values().map(|route| route.answers).sum()
    }

    pub(crate) fn failures(&self) -> u64 {
        self.routes.values().map(|route| route.failures).sum()
    }

    /// Returns the share of answers that failed; 0 where there are none.
    pub(crate) fn failure_share(&self) -> f64 {
        match self.answers() {
            0 => 0.0,
            answers => self.failures() as f64 / answers as f64,
        }
    }
}

impl Route {
    fn since(&self, before: &Self) -> Option<Self> {
        let mut buckets = BTreeMap::new();
        for bound in self.buckets.keys().chain(before.buckets.keys()) {
            let count = |of: &Self| of.buckets.get(bound).copied().unwrap_or(0);
            buckets.insert(*bound, count(self).checked_sub(count(before))?);
        }
        Some(Self {
            answers: self.answers.checked_sub(before.answers)?,
            failures: self.failures.checked_sub(before.failures)?,
            buckets,
        })
    }

    fn add(&mut self, other: &Self) {
        self.answers += other.answers;
        self.failures += other.failures;
        for (bound, count) in &other.buckets {
            *self.buckets.entry(*bound).or_default() += count;
        }
    }

    /// Returns a quantile of the time that answers took, in seconds, spread evenly within its bucket, as Prometheus does; of what is slower than
    /// the last bound, that bound. None without answers.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let total: u64 = self.buckets.values().sum();
        let wanted = share * total as f64;
        let (mut seen, mut lower) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            let (bound, count) = (f64::from_bits(*bound), *count as f64);
            if count > 0.0 && seen + count >= wanted {
                return Some(match bound.is_finite() {
                    true => lower + (bound - lower) * ((wanted - seen) / count).clamp(0.0, 1.0),
                    false => lower,
                });
            }
            seen += count;
            lower = bound;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::samples;

    fn page(ok: u64, failed: u64, buckets: [u64; 3]) -> String {
        let [a, b, c] = buckets;
        format!(
            "marketlounge_requests_total{{route=\"/api/match\",status=\"2xx\"}} {ok}\n\
             marketlounge_requests_total{{route=\"/api/match\",status=\"5xx\"}} {failed}\n\
             marketlounge_requests_total{{route=\"/readyz\",status=\"5xx\"}} 1000\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"0.1\"}} {a}\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"0.2\"}} {b}\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"+Inf\"}} {c}\n"
        )
    }

    fn traffic(ok: u64, failed: u64, buckets: [u64; 3]) -> Traffic {
        Traffic::of(&samples(&page(ok, failed, buckets)).unwrap())
    }

    #[test]
    fn probes_count_nowhere_and_failures_are_a_share_of_the_rest() {
        let traffic = traffic(75, 25, [100, 100, 100]);
        assert_eq!((traffic.answers(), traffic.failures()), (100, 25));
        assert!((traffic.failure_share() - 0.25).abs() < 1e-12);
        assert!(Traffic::default().failure_share().abs() < 1e-12);
    }

    #[test]
    fn a_quantile_lies_within_its_bucket_as_prometheus_has_it() {
        let route = &traffic(100, 0, [80, 100, 100]).routes["/api/match"];
        // 95 of 100: 15 of the 20 that lie between 0.1 and 0.2.
        assert!((route.quantile(0.95).unwrap() - 0.175).abs() < 1e-12);
        assert!((route.quantile(0.4).unwrap() - 0.05).abs() < 1e-12);
        let slow = &traffic(100, 0, [0, 10, 100]).routes["/api/match"];
        assert!((slow.quantile(0.95).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(Route::default().quantile(0.95), None);
    }

    #[test]
    fn what_came_between_two_pages_is_their_difference_and_a_new_process_has_none() {
        let (first, second) = (traffic(10, 1, [5, 9, 11]), traffic(30, 1, [20, 29, 31]));
        let since = second.since(&first).unwrap();
        assert_eq!((since.answers(), since.failures()), (20, 0));
        assert_eq!(first.since(&second), None);
        let mut sum = first.clone();
        sum.add(&since);
        assert_eq!(sum, second);
    }
}
