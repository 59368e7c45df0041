//! What is asked for: searches for companies by concept, region and month.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::seen_by;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Month(u32);

impl Month {
    /// Returns the month before.
    pub(crate) fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Returns the months from this one to the last, both included.
    pub(crate) fn to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }
}

impl FromStr for Month {
    type Err = &'static str;

    /// Reads `2026-11`, or the month of a day such as `2026-11-20`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, rest) = text.split_once('-').ok_or("no month")?;
        let (month, day) = rest.split_once('-').unwrap_or((rest, "01"));
        let digits = |text: &str, length: usize| {
            let is_number = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| text.parse::<u32>().ok()).flatten()
        };
        match (digits(year, 4), digits(month, 2), digits(day, 2)) {
            (Some(year), Some(month @ 1..=12), Some(1..=31)) => Ok(Self(year * 12 + month - 1)),
            _ => Err("no month"),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// A row of `gold.market_signals`.
#[derive(Debug, Deserialize)]
pub(super) struct DemandRow {
    tenant: String,
    concept_id: String,
    region: String,
    month: Month,
    queries: u64,
}

/// Requests of one tenant for one concept.
#[derive(Debug)]
struct Asked {
    month: Month,
    region: String,
    queries: u64,
}

/// Requests, by the tenant that asked and by concept.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    tenants: HashMap<String, HashMap<String, Vec<Asked>>>,
}

impl Demand {
    pub(super) fn new(rows: Vec<DemandRow>) -> Self {
        let mut demand = Self::default();
        for row in rows {
            let concepts = demand.tenants.entry(row.tenant).or_default();
            concepts.entry(row.concept_id).or_default().push(Asked {
                month: row.month,
                region: row.region,
                queries: row.queries,
            });
        }
        demand
    }

    /// Returns the first and the last month in which a tenant sees any request; none where it sees none.
    pub(crate) fn months(&self, tenant: &str) -> Option<(Month, Month)> {
        let months = || {
            let seen = seen_by(tenant).filter_map(|tenant| self.tenants.get(tenant));
            seen.flat_map(HashMap::values)
                .flatten()
                .map(|asked| asked.month)
        };
        Some((months().min()?, months().max()?))
    }

    /// Returns the concepts that a tenant sees requests for, in order.
    pub(crate) fn concepts(&self, tenant: &str) -> BTreeSet<&str> {
        let seen = seen_by(tenant).filter_map(|tenant| self.tenants.get(tenant));
        seen.flat_map(HashMap::keys).map(String::as_str).collect()
    }

    /// Returns the requests that a tenant sees for a concept, by month, in one region or in all.
    pub(crate) fn volumes(
        &self,
        tenant: &str,
        concept: &str,
        region: Option<&str>,
    ) -> BTreeMap<Month, u64> {
        let mut volumes = BTreeMap::new();
        let seen = seen_by(tenant).filter_map(|tenant| self.tenants.get(tenant)?.get(concept));
        for asked in seen.flatten() {
            if region.is_none_or(|region| region == asked.region) {
                *volumes.entry(asked.month).or_default() += asked.queries;
            }
        }
        volumes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_and_written() {
        for (text, month) in [("2026-11", "2026-11"), ("2026-01-31", "2026-01")] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), month);
        }
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "26-11",
            "2026-1",
            "2026-11-40",
            "2026-+1",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        let january: Month = "2026-01".parse().unwrap();
        assert_eq!(january.before().to_string(), "2025-12");
        assert_eq!(january.before().to(january).count(), 2);
    }

    #[test]
    fn a_tenant_sees_its_own_and_public_requests() {
        let row = |tenant: &str, month: &str, region: &str, queries| DemandRow {
            tenant: tenant.to_owned(),
            concept_id: "tig".to_owned(),
            region: region.to_owned(),
            month: month.parse().unwrap(),
            queries,
        };
        let demand = Demand::new(vec![
            row("tenant_public", "2026-09", "any", 3),
            row("tenant_a", "2026-09", "Corse", 2),
            row("tenant_b", "2026-10", "Corse", 50),
        ]);
        let month: Month = "2026-09".parse().unwrap();
        assert_eq!(
            demand.volumes("tenant_a", "tig", None),
            BTreeMap::from([(month, 5)])
        );
        assert_eq!(
            demand.volumes("tenant_a", "tig", Some("Corse")),
            BTreeMap::from([(month, 2)])
        );
        assert_eq!(demand.months("tenant_a"), Some((month, month)));
        assert_eq!(demand.concepts("tenant_a").len(), 1);
        assert!(demand.volumes("tenant_a", "mig", None).is_empty());
        assert_eq!(Demand::default().months("tenant_a"), None);
    }
}
