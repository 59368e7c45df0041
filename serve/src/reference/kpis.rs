//! How each tenant's marketplace does, week by week.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An ISO week, named by its Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Week(i32);

impl Week {
    /// Returns the week so many weeks later, or earlier where negative.
    pub(crate) fn plus(self, weeks: i32) -> Self {
        Self(self.0.saturating_add(weeks))
    }

    /// Returns the weeks from this one to the last, both included.
    pub(crate) fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }
}

/// Day number of the Monday of week 0: the first of January of the year 1.
const FIRST_MONDAY: i32 = 1;

impl FromStr for Week {
    type Err = chrono::ParseError;

    /// Reads any day of the week, such as `2026-11-20`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day: NaiveDate = text.parse()?;
        Ok(Self((day.num_days_from_ce() - FIRST_MONDAY).div_euclid(7)))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.saturating_mul(7).saturating_add(FIRST_MONDAY);
        let monday = NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default();
        write!(f, "{monday}")
    }
}

impl TryFrom<String> for Week {
    type Error = chrono::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Week> for String {
    fn from(week: Week) -> Self {
        week.to_string()
    }
}

/// A row of `gold.marketplace_kpis`.
#[derive(Debug, Deserialize)]
pub(super) struct KpiRow {
    tenant: String,
    week: Week,
    /// Whatever a pipeline counts: a node answers what it has a legend for.
    #[serde(flatten)]
    figures: HashMap<String, Value>,
}

/// Figures of one week by name; one that is empty is missing.
pub(crate) type Figures = HashMap<String, i64>;

/// Figures by the tenant that they are of and by week.
#[derive(Debug, Default)]
pub(crate) struct Kpis {
    tenants: HashMap<String, BTreeMap<Week, Figures>>,
}

impl Kpis {
    pub(super) fn new(rows: Vec<KpiRow>) -> Self {
        let mut kpis = Self::default();
        for row in rows {
            let whole = |(name, value): (String, Value)| Some((name, value.as_i64()?));
            let figures = row.figures.into_iter().filter_map(whole).collect();
            let weeks = kpis.tenants.entry(row.tenant).or_default();
            weeks.insert(row.week, figures);
        }
        kpis
    }

    /// Returns a tenant's own first and last week; none where nothing ever happened.
    pub(crate) fn weeks(&self, tenant: &str) -> Option<(Week, Week)> {
        let weeks = self.tenants.get(tenant)?;
        Some((*weeks.first_key_value()?.0, *weeks.last_key_value()?.0))
    }

    /// Returns a tenant's own figures of a week; none where nothing happened.
    pub(crate) fn figures(&self, tenant: &str, week: Week) -> Option<&Figures> {
        self.tenants.get(tenant)?.get(&week)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_read_from_any_of_its_days_and_written_as_its_monday() {
        for (day, monday) in [
            ("2026-11-16", "2026-11-16"),
            ("2026-11-22", "2026-11-16"),
            ("2026-11-23", "2026-11-23"),
            ("2027-01-01", "2026-12-28"),
            ("0001-01-01", "0001-01-01"),
        ] {
            assert_eq!(day.parse::<Week>().unwrap().to_string(), monday);
        }
        for text in ["", "2026", "2026-11", "2026-11-31", "hier"] {
            assert!(text.parse::<Week>().is_err(), "{text}");
        }
        let week: Week = "2027-01-04".parse().unwrap();
        assert_eq!(week.plus(-1).to_string(), "2026-12-28");
        assert_eq!(week.plus(-1).to(week).count(), 2);
        assert!(!week.plus(i32::MAX).to_string().is_empty());
    }

    #[test]
    fn a_tenant_has_its_own_weeks_only() {
        let row = |tenant: &str, week: &str| KpiRow {
            tenant: tenant.to_owned(),
            week: week.parse().unwrap(),
            figures: HashMap::from([
                ("requests".to_owned(), Value::from(3)),
                ("note".to_owned(), Value::from("later")),
            ]),
        };
        let kpis = Kpis::new(vec![
            row("tenant_public", "2026-11-02"),
            row("tenant_a", "2026-11-09"),
        ]);
        let (first, last) = kpis.weeks("tenant_a").unwrap();
        assert_eq!((first, last), (last, "2026-11-09".parse().unwrap()));
        let figures = kpis.figures("tenant_a", last).unwrap();
        assert_eq!(*figures, HashMap::from([("requests".to_owned(), 3)]));
        assert!(kpis.figures("tenant_a", last.plus(-1)).is_none());
        assert!(kpis.weeks("tenant_b").is_none());
    }
}
