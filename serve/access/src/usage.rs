//! What was asked, for the bill: by key, tenant, endpoint and day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemas::Tenant;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsageKey {
    /// The day that requests came in, in UTC.
    pub day: NaiveDate,
    /// The key.
    pub key_id: String,
    /// For whom was asked.
    pub tenant: Tenant,
    /// The endpoint: method and route.
    pub endpoint: String,
}

/// Requests of one [`UsageKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageCount {
    /// Requests.
    pub requests: u64,
    /// Those answered with a status from 400 on.
    pub errors: u64,
    /// Units that they cost.
    pub cost: u64,
    /// Bytes of the answers before compression.
    pub bytes: u64,
}

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub struct Usage {
    counts: BTreeMap<UsageKey, UsageCount>,
}

impl Usage {
    /// Counts more of something.
    pub fn add(&mut self, key: UsageKey, more: UsageCount) {
        let count = self.counts.entry(key).or_default();
        count.requests += more.requests;
        count.errors += more.errors;
        count.cost += more.cost;
        count.bytes += more.bytes;
    }

    /// Takes the counts, in the order of their keys, and begins again.
    pub fn take(&mut self) -> Vec<(UsageKey, UsageCount)> {
        std::mem::take(&mut self.counts).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_until_they_are_taken() {
        let mut usage = Usage::default();
        let key = |endpoint: &str| UsageKey {
            day: "2026-11-20".parse().unwrap(),
            key_id: "k".to_owned(),
            tenant: "tenant_a".parse().unwrap(),
            endpoint: endpoint.to_owned(),
        };
        let one = UsageCount {
            requests: 1,
            errors: 0,
            cost: 10,
            bytes: 500,
        };
        usage.add(key("POST /match"), one);
        usage.add(key("POST /match"), UsageCount { errors: 1, ..one });
        usage.add(key("GET /offers"), one);
        let taken = usage.take();
        assert_eq!(taken[0], (key("GET /offers"), one));
        let both = UsageCount {
            requests: 2,
            errors: 1,
            cost: 20,
            bytes: 1000,
        };
        assert_eq!(taken[1], (key("POST /match"), both));
        assert!(usage.take().is_empty());
    }
}
