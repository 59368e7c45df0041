//! What was spent by day and month, and the lines that keep it over a restart.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use schemas::Tenant;
use serde::{Deserialize, Serialize};

/// Whose spending is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// An account: a key and those that it was rotated to.
    Account(String),
    /// A tenant, over all its callers.
    Tenant(Tenant),
}

/// Requests, and what they cost together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Requests.
    pub requests: u64,
    /// Units.
    pub cost: u64,
}

impl Spent {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.cost += other.cost;
    }
}

/// What somebody spent on a day: a line of the file of quotas. Lines of one day and subject add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpentLine {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Whose.
    pub who: Subject,
    /// Requests.
    pub requests: u64,
    /// Units.
    pub cost: u64,
}

/// The days of one subject's current month.
#[derive(Debug, Clone, Default)]
struct Days {
    month: (i32, u32),
    by_day: BTreeMap<u32, Spent>,
}

/// Spending of the current month, by subject and day.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    spent: HashMap<Subject, Days>,
    pending: BTreeMap<(NaiveDate, Subject), Spent>,
}

impl Quotas {
    /// Takes in what a file kept; days of other months than today's are left out.
    pub(crate) fn restore(&mut self, lines: impl IntoIterator<Item = SpentLine>, today: NaiveDate) {
        for SpentLine {
            day,
            who,
            requests,
            cost,
        } in lines
        {
            if month_of(day) == month_of(today) {
                self.note(&who, day, Spent { requests, cost });
            }
        }
    }

    /// Counts a request.
    pub(crate) fn spend(&mut self, who: &Subject, day: NaiveDate, cost: u32) {
        let spent = Spent {
            requests: 1,
            cost: u64::from(cost),
        };
        self.note(who, day, spent);
        self.pending
            .entry((day, who.clone()))
            .or_default()
            .add(spent);
    }

    /// Returns what was spent on a day and in its month.
    pub(crate) fn spent(&self, who: &Subject, day: NaiveDate) -> (Spent, Spent) {
        let Some(days) = self
            .spent
            .get(who)
            .filter(|days| days.month == month_of(day))
        else {
            return Default::default();
        };
        let today = days.by_day.get(&day.day()).copied().unwrap_or_default();
        let mut month = Spent::default();
        days.by_day.values().for_each(|spent| month.add(*spent));
        (today, month)
    }

    /// Takes what was spent since the last time, to be written.
    pub(crate) fn take_pending(&mut self) -> Vec<SpentLine> {
        let pending = std::mem::take(&mut self.pending).into_iter();
        pending
            .map(|((day, who), spent)| line(day, who, spent))
            .collect()
    }

    /// Returns what the current months come to, a line per subject and day: a file of these says the same as one of all that was written.
    pub(crate) fn lines(&self) -> Vec<SpentLine> {
        let mut lines = Vec::new();
        for (who, days) in &self.spent {
            let (year, month) = days.month;
            for (day, spent) in &days.by_day {
                let day = NaiveDate::from_ymd_opt(year, month, *day);
                lines.extend(day.map(|day| line(day, who.clone(), *spent)));
            }
        }
        lines.sort_unstable();
        lines
    }

    fn note(&mut self, who: &Subject, day: NaiveDate, spent: Spent) {
        if !self.spent.contains_key(who) {
            self.spent.insert(who.clone(), Days::default());
        }
        let Some(days) = self.spent.get_mut(who) else {
            return;
        };
        let month = month_of(day);
        if days.month < month {
            *days = Days {
                month,
                by_day: BTreeMap::new(),
            };
        }
        // A request that came in before the month ended, and is counted after, belongs to no quota that is still asked about.
        if days.month == month {
            days.by_day.entry(day.day()).or_default().add(spent);
        }
    }
}

fn month_of(day: NaiveDate) -> (i32, u32) {
    (day.year(), day.month())
}

fn line(day: NaiveDate, who: Subject, spent: Spent) -> SpentLine {
    SpentLine {
        day,
        who,
        requests: spent.requests,
        cost: spent.cost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn spend(quotas: &mut Quotas, who: &Subject, text: &str, cost: u32) -> (u64, u64) {
        quotas.spend(who, day(text), cost);
        let (today, month) = quotas.spent(who, day(text));
        (today.cost, month.cost)
    }

    #[test]
    fn a_day_and_a_month_begin_again_by_themselves() {
        let (mut quotas, who) = (Quotas::default(), Subject::Account("k".to_owned()));
        assert_eq!(spend(&mut quotas, &who, "2026-11-29", 5), (5, 5));
        assert_eq!(spend(&mut quotas, &who, "2026-11-29", 1), (6, 6));
        assert_eq!(spend(&mut quotas, &who, "2026-11-30", 2), (2, 8));
        assert_eq!(spend(&mut quotas, &who, "2026-12-01", 3), (3, 3));
        quotas.spend(&who, day("2026-11-30"), 9);
        assert_eq!(quotas.spent(&who, day("2026-12-01")).1.cost, 3);
        let tenant = Subject::Tenant("tenant_a".parse().unwrap());
        assert_eq!(quotas.spent(&tenant, day("2026-12-01")), Default::default());
    }

    #[test]
    fn what_was_written_is_restored_whether_compacted_or_not() {
        let whos = ["a", "b"].map(|account| Subject::Account(account.to_owned()));
        let mut quotas = Quotas::default();
        let mut written = Vec::new();
        for (days, cost) in [("2026-11-03", 1), ("2026-11-04", 20), ("2026-11-04", 300)] {
            whos.iter()
                .for_each(|who| quotas.spend(who, day(days), cost));
            written.extend(quotas.take_pending());
        }
        assert!(quotas.take_pending().is_empty());
        assert_eq!((written.len(), quotas.lines().len()), (6, 4));
        for lines in [written, quotas.lines()] {
            let text: Vec<_> = lines
                .iter()
                .map(|line| serde_json::to_string(line).unwrap())
                .collect();
            let lines = text.iter().map(|line| serde_json::from_str(line).unwrap());
            let mut restored = Quotas::default();
            restored.restore(lines, day("2026-11-04"));
            let (today, month) = restored.spent(&whos[1], day("2026-11-04"));
            assert_eq!((today.cost, month.cost, month.requests), (320, 321, 3));
            assert!(
                restored.take_pending().is_empty(),
                "nothing is written twice"
            );
        }
    }

    #[test]
    fn another_months_lines_are_left_out() {
        let (mut quotas, who) = (Quotas::default(), Subject::Account("k".to_owned()));
        quotas.spend(&who, day("2026-10-31"), 1);
        let lines = quotas.take_pending();
        let mut restored = Quotas::default();
        restored.restore(lines, day("2026-11-01"));
        assert!(restored.lines().is_empty());
    }
}
