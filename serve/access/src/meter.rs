//! Lets a request in or says when to come back: rates and quotas of whoever pays for it, all of them or none.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use crate::{
    Limits, Spent, SpentLine, Subject,
    bucket::{Bucket, Rate},
    quota::Quotas,
};

/// Seconds of a minute, of a day, and of the longest month.
const MINUTE: u64 = 60;
const DAY: u64 = 86_400;

/// What one limit says after a request: a policy of the `RateLimit` headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `key`, `tenant`, `key-day`, `key-month`, `tenant-day` or `tenant-month`.
    pub name: &'static str,
    /// Units that may be spent.
    pub quota: u64,
    /// In so many seconds.
    pub window_seconds: u64,
    /// Units left.
    pub left: u64,
    /// Seconds until all of them are back.
    pub reset_seconds: u64,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Every limit that counts it.
    pub policies: Vec<Policy>,
    /// The limit that refuses it, and in how many seconds to come back; none where it is let in.
    pub refused: Option<(&'static str, u64)>,
}

impl Verdict {
    /// Returns the policy of which the least is left, as a share.
    #[must_use]
    pub fn tightest(&self) -> Option<&Policy> {
        let share = |policy: &&Policy| {
            policy.left as u128 * u128::from(u64::MAX) / u128::from(policy.quota.max(1))
        };
        self.policies.iter().min_by_key(share)
    }
}

/// The names of one subject's policies.
struct Names {
    rate: &'static str,
    day: &'static str,
    month: &'static str,
}

const ACCOUNT: Names = Names {
    rate: "key",
    day: "key-day",
    month: "key-month",
};
const TENANT: Names = Names {
    rate: "tenant",
    day: "tenant-day",
    month: "tenant-month",
};

/// Counts what is asked.
#[derive(Debug, Default)]
pub struct Meter {
    buckets: HashMap<Subject, (Rate, Bucket)>,
    quotas: Quotas,
}

impl Meter {
    /// Begins with what a file kept of the quotas.
    #[must_use]
    pub fn restored(lines: impl IntoIterator<Item = SpentLine>, today: NaiveDate) -> Self {
        let mut meter = Self::default();
        meter.quotas.restore(lines, today);
        meter
    }

    /// Lets a request of so many units in and counts it for everybody named, or refuses it and counts it for nobody.
    pub fn admit(
        &mut self,
        payers: &[(Subject, Limits)],
        cost: u32,
        now: DateTime<Utc>,
    ) -> Verdict {
        let refused = payers
            .iter()
            .filter_map(|(who, limits)| self.refusal(who, *limits, cost, now));
        // The limit that takes longest decides: coming back sooner would be in vain.
        let refused = refused.max_by_key(|(_, seconds)| *seconds);
        if refused.is_none() {
            for (who, limits) in payers {
                self.spend(who, *limits, cost, now);
            }
        }
        let told = payers
            .iter()
            .flat_map(|(who, limits)| self.policies(who, *limits, now));
        Verdict {
            policies: told.collect(),
            refused,
        }
    }

    /// Tells the limits of somebody as they are.
    #[must_use]
    pub fn policies(&self, who: &Subject, limits: Limits, now: DateTime<Utc>) -> Vec<Policy> {
        let (names, mut told) = (names(who), Vec::new());
        if let Some(rate) = rate(limits) {
            let bucket = self.bucket(who, rate, now);
            told.push(Policy {
                name: names.rate,
                quota: u64::from(rate.burst),
                window_seconds: (u64::from(rate.burst) * MINUTE)
                    .div_ceil(u64::from(rate.per_minute)),
                left: bucket.left(),
                reset_seconds: bucket.full_in_ms(rate).div_ceil(1000),
            });
        }
        for (name, quota, spent, end, days) in self.windows(who, limits, now) {
            told.push(Policy {
                name,
                quota,
                window_seconds: days * DAY,
                left: quota.saturating_sub(spent.cost),
                reset_seconds: end,
            });
        }
        told
    }

    /// Returns what somebody spent on the day and in the month.
    #[must_use]
    pub fn spent(&self, who: &Subject, now: DateTime<Utc>) -> (Spent, Spent) {
        self.quotas.spent(who, now.date_naive())
    }

    /// Takes what was spent since the last time, to be written.
    pub fn take_pending(&mut self) -> Vec<SpentLine> {
        self.quotas.take_pending()
    }

    /// Returns lines that say all that is known of the current month.
    #[must_use]
    pub fn lines(&self) -> Vec<SpentLine> {
        self.quotas.lines()
    }

    fn refusal(
        &self,
        who: &Subject,
        limits: Limits,
        cost: u32,
        now: DateTime<Utc>,
    ) -> Option<(&'static str, u64)> {
        let names = names(who);
        let rated = rate(limits).and_then(|rate| {
            let wait_ms = self.bucket(who, rate, now).wait_ms(rate, cost);
            (wait_ms > 0).then(|| (names.rate, wait_ms.div_ceil(1000)))
        });
        let windows = self.windows(who, limits, now).into_iter();
        let over = windows.filter(|(_, quota, spent, ..)| spent.cost + u64::from(cost) > *quota);
        over.map(|(name, _, _, end, _)| (name, end))
            .chain(rated)
            .max_by_key(|(_, seconds)| *seconds)
    }

    fn spend(&mut self, who: &Subject, limits: Limits, cost: u32, now: DateTime<Utc>) {
        if let Some(rate) = rate(limits) {
            let mut bucket = self.bucket(who, rate, now);
            bucket.spend(rate, cost);
            self.buckets.insert(who.clone(), (rate, bucket));
        } else {
            self.buckets.remove(who);
        }
        self.quotas.spend(who, now.date_naive(), cost);
    }

    /// The bucket as it is now. Where the limit was changed meanwhile, what is left of it stays left, up to the new burst.
    fn bucket(&self, who: &Subject, rate: Rate, now: DateTime<Utc>) -> Bucket {
        let known = self.buckets.get(who);
        let mut bucket =
            known.map_or_else(|| Bucket::full(rate, now), |(_, bucket)| bucket.clone());
        bucket.fill(rate, now);
        bucket
    }

    /// The quotas of somebody: name, units, what is spent, seconds to its end, days.
    fn windows(
        &self,
        who: &Subject,
        limits: Limits,
        now: DateTime<Utc>,
    ) -> Vec<(&'static str, u64, Spent, u64, u64)> {
        let (names, day) = (names(who), now.date_naive());
        let (today, month) = self.quotas.spent(who, day);
        let until = |next: NaiveDate| {
            let end = next.and_time(chrono::NaiveTime::MIN).and_utc();
            (end - now).num_seconds().max(0).unsigned_abs() + 1
        };
        let (tomorrow, next_month) = (day + Days::new(1), first_of_next_month(day));
        let days = next_month
            .signed_duration_since(day.with_day0(0).unwrap_or(day))
            .num_days();
        let day = limits
            .per_day
            .map(|quota| (names.day, quota, today, until(tomorrow), 1));
        let month = limits.per_month.map(|quota| {
            (
                names.month,
                quota,
                month,
                until(next_month),
                days.unsigned_abs(),
            )
        });
        day.into_iter().chain(month).collect()
    }
}

fn names(who: &Subject) -> Names {
    match who {
        Subject::Account(_) => ACCOUNT,
        Subject::Tenant(_) => TENANT,
    }
}

fn rate(limits: Limits) -> Option<Rate> {
    let per_minute = limits.per_minute?;
    let burst = limits.burst.unwrap_or(per_minute);
    Some(Rate { per_minute, burst })
}

fn first_of_next_month(day: NaiveDate) -> NaiveDate {
    let (year, month) = match day.month() {
        12 => (day.year() + 1, 1),
        month => (day.year(), month + 1),
    };
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(day)
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
