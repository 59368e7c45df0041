//! The arms of an experiment side by side: by how much they differ, and whether that may be chance.

use std::collections::BTreeMap;

use schemas::Arm;
use serde::{Deserialize, Serialize};

/// The quantile of 95 % intervals.
const Z: f64 = 1.959_964;

/// A row of `gold.arm_conversion`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ArmWeek {
    pub(crate) tenant: String,
    pub(crate) experiment: String,
    arm: Arm,
    requests: u64,
    users: u64,
    clicked_users: u64,
    converted_users: u64,
    judged_queries: u64,
    #[serde(default)]
    ndcg_10: Option<f64>,
}

/// What users of an arm did, each counted once a week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct ArmCounts {
    pub(crate) requests: u64,
    pub(crate) users: u64,
    pub(crate) clicked_users: u64,
    pub(crate) converted_users: u64,
    pub(crate) judged_queries: u64,
    /// NDCG@10 summed over judged requests.
    #[serde(skip)]
    ndcg_10: f64,
}

/// An experiment, from all its weeks.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArmComparison {
    arms: BTreeMap<Arm, ArmCounts>,
}

/// What can be compared: shares of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    Clicked,
    Converted,
}

/// By how much a share of arm B is above that of arm A, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Difference {
    pub(crate) difference: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) verdict: Evidence,
}

/// What a difference tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Evidence {
    /// The interval is above 0.
    BIsHigher,
    /// It is below 0.
    AIsHigher,
    /// The difference may be chance.
    NotEnough,
}

impl ArmCounts {
    fn add(&mut self, week: &ArmWeek) {
        self.requests += week.requests;
        self.users += week.users;
        self.clicked_users += week.clicked_users;
        self.converted_users += week.converted_users;
        self.judged_queries += week.judged_queries;
        self.ndcg_10 += week.ndcg_10.unwrap_or(0.0) * week.judged_queries as f64;
    }

    /// Returns the mean NDCG@10; none where nothing was judged.
    pub(crate) fn ndcg_10(&self) -> Option<f64> {
        (self.judged_queries > 0).then(|| self.ndcg_10 / self.judged_queries as f64)
    }

    /// Returns a share of the users; none without users.
    pub(crate) fn share(&self, share: Share) -> Option<f64> {
        let some = match share {
            Share::Clicked => self.clicked_users,
            Share::Converted => self.converted_users,
        };
        (self.users > 0).then(|| some as f64 / self.users as f64)
    }
}

impl Share {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Clicked, Self::Converted];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Clicked => "clicked",
            Self::Converted => "converted",
        }
    }
}

impl ArmComparison {
    /// Sums weeks by experiment.
    pub(crate) fn of(weeks: &[ArmWeek]) -> BTreeMap<String, Self> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        for week in weeks {
            let one = all.entry(week.experiment.clone()).or_default();
            one.arms.entry(week.arm).or_default().add(week);
        }
        all
    }

    /// Returns what users of an arm did.
    pub(crate) fn arm(&self, arm: Arm) -> ArmCounts {
        self.arms.get(&arm).copied().unwrap_or_default()
    }

    /// Compares a share; none while an arm has no users. The interval is Newcombe's (1998, method 10), made of the Wilson intervals of
    /// both shares.
    pub(crate) fn difference(&self, share: Share) -> Option<Difference> {
        let [a, b] = Arm::ALL.map(|arm| self.arm(arm));
        let (in_a, in_b) = (a.share(share)?, b.share(share)?);
        let ([low_a, high_a], [low_b, high_b]) = (wilson(in_a, a.users), wilson(in_b, b.users));
        let difference = in_b - in_a;
        let low = difference - (in_b - low_b).hypot(high_a - in_a);
        let high = difference + (high_b - in_b).hypot(in_a - low_a);
        let verdict = if low > 0.0 {
            Evidence::BIsHigher
        } else if high < 0.0 {
            Evidence::AIsHigher
        } else {
            Evidence::NotEnough
        };
        Some(Difference {
            difference,
            low,
            high,
            verdict,
        })
    }
}

/// The 95 % interval of a share of `of` (Wilson 1927).
fn wilson(share: f64, of: u64) -> [f64; 2] {
    let of = of as f64;
    let spread = Z * Z / of;
    let middle = (share + spread / 2.0) / (1.0 + spread);
    let variance = share * (1.0 - share) / of + spread / (4.0 * of);
    let reach = Z * variance.sqrt() / (1.0 + spread);
    [middle - reach, middle + reach]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(arm: Arm, users: u64, clicked_users: u64) -> ArmWeek {
        ArmWeek {
            tenant: "tenant_a".to_owned(),
            experiment: "x".to_owned(),
            arm,
            requests: users,
            users,
            clicked_users,
            converted_users: 0,
            judged_queries: users,
            ndcg_10: Some(clicked_users as f64 / 100.0),
        }
    }

    fn clicked(weeks: &[ArmWeek]) -> Option<Difference> {
        ArmComparison::of(weeks)["x"].difference(Share::Clicked)
    }

    #[test]
    fn the_interval_is_that_of_newcombes_paper() {
        // Newcombe 1998, table II, method 10: 56/70 − 48/80 is 0.2 from 0.0524 to 0.3339; 0/10 − 0/20, from -0.1611 to 0.2775.
        for (b, a, low, high) in [
            ((70, 56), (80, 48), 0.0524, 0.3339),
            ((10, 0), (20, 0), -0.1611, 0.2775),
        ] {
            let found = clicked(&[week(Arm::B, b.0, b.1), week(Arm::A, a.0, a.1)]).unwrap();
            assert!((found.low - low).abs() < 5e-5, "{found:?}");
            assert!((found.high - high).abs() < 5e-5, "{found:?}");
        }
    }

    #[test]
    fn evidence_grows_with_users_and_never_comes_from_one_arm() {
        let of = |times: u64| {
            clicked(&[
                week(Arm::A, 50 * times, 10 * times),
                week(Arm::B, 50 * times, 15 * times),
            ])
        };
        assert_eq!(of(1).unwrap().verdict, Evidence::NotEnough);
        assert_eq!(of(20).unwrap().verdict, Evidence::BIsHigher);
        let other = clicked(&[week(Arm::A, 1000, 300), week(Arm::B, 1000, 200)]);
        assert_eq!(other.unwrap().verdict, Evidence::AIsHigher);
        assert_eq!(clicked(&[week(Arm::A, 1000, 300)]), None);
    }

    #[test]
    fn weeks_are_summed_and_quality_is_weighed_by_what_was_judged() {
        let weeks = [week(Arm::A, 10, 10), week(Arm::A, 30, 20)];
        let arm = ArmComparison::of(&weeks)["x"].arm(Arm::A);
        assert_eq!((arm.users, arm.clicked_users), (40, 30));
        assert_eq!(arm.share(Share::Clicked), Some(0.75));
        assert!((arm.ndcg_10().unwrap() - 0.175).abs() < 1e-12);
    }
}
