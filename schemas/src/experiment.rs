//! A/B experiments: what the two arms of a snapshot serve, and who is in which.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::Tenant;

/// Raise it when the same users fall into other arms: an experiment that runs would be spoilt.
const CONTEXT: &str = "MarketLounge 2026-11 arms of an experiment 1";

/// An arm of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Arm {
    /// What is in place. Who takes no part is served it, too.
    A,
    /// What is tried.
    B,
}

impl Arm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Returns its letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an arm serves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmCard {
    /// Model versions by model, such as `price_project`.
    pub models: BTreeMap<String, String>,
    /// Weights of the legs by section, where they are not the manifest's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<serde_json::Value>,
}

/// An experiment that a snapshot runs: both arms' models are in it.
///
/// A user's arm depends on the experiment's name, the tenant and the user alone, so every node and every snapshot gives the same
/// one. A larger share moves users from A to B and none back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentCard {
    /// Its name.
    pub name: String,
    /// The share of users in arm B, in [0, 1].
    pub share: f64,
    /// What the arms serve.
    pub arms: BTreeMap<Arm, ArmCard>,
}

/// A user's part in an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The arm.
    pub arm: Arm,
    /// Stands for the user: 16 hexadecimal digits, others in every experiment and tenant.
    pub user_hash: String,
}

impl ExperimentCard {
    /// Returns the arm of a tenant's user.
    #[must_use]
    pub fn enrol(&self, tenant: &Tenant, user: &str) -> Enrolment {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        for part in [&self.name, tenant.as_str(), user] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        let (drawn, rest) = digest.as_bytes().split_at(8);
        let drawn = u64::from_le_bytes(drawn.try_into().expect("split at 8 of 32 bytes"));
        // The upper 53 bits are all that a number from 0 to 1 can hold.
        let drawn = (drawn >> 11) as f64 / (1_u64 << 53) as f64;
        let user_hash: String = rest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Enrolment {
            arm: if drawn < self.share { Arm::B } else { Arm::A },
            user_hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const USERS: usize = 100_000;

    fn experiment(name: &str, share: f64) -> ExperimentCard {
        ExperimentCard {
            name: name.to_owned(),
            share,
            arms: BTreeMap::new(),
        }
    }

    fn tenant(name: &str) -> Tenant {
        name.parse().unwrap()
    }

    fn arms(card: &ExperimentCard, of: &str) -> Vec<Arm> {
        let tenant = tenant(of);
        let users = (0..USERS).map(|number| card.enrol(&tenant, &format!("user-{number}")).arm);
        users.collect()
    }

    fn in_b(arms: &[Arm]) -> f64 {
        arms.iter().filter(|arm| **arm == Arm::B).count() as f64
    }

    #[test]
    fn each_share_of_a_hundred_thousand_users_is_what_was_asked_for() {
        for share in [0.01, 0.1, 0.5, 0.9] {
            let found = in_b(&arms(&experiment("poids", share), "tenant_a"));
            let wanted = USERS as f64 * share;
            let deviation = (USERS as f64 * share * (1.0 - share)).sqrt();
            assert!(
                (found - wanted).abs() < 4.0 * deviation,
                "{found} of {wanted}"
            );
        }
        assert_eq!(in_b(&arms(&experiment("poids", 0.0), "tenant_a")), 0.0);
        let all = in_b(&arms(&experiment("poids", 1.0), "tenant_a"));
        assert_eq!(all, USERS as f64);
    }

    #[test]
    fn users_are_spread_evenly_over_the_whole_range() {
        // Twenty bins of the draw, found by the shares between which users change their arm.
        let bins = 20;
        let mut below = 0.0;
        let mut chi_square = 0.0;
        let expected = USERS as f64 / f64::from(bins);
        for bin in 1..=bins {
            let share = f64::from(bin) / f64::from(bins);
            let all = in_b(&arms(&experiment("poids", share), "tenant_a"));
            chi_square += (all - below - expected).powi(2) / expected;
            below = all;
        }
        // 43.8 is exceeded by chance once in a thousand with 19 degrees of freedom.
        assert!(chi_square < 43.8, "{chi_square}");
    }

    #[test]
    fn arms_of_other_experiments_and_tenants_are_independent() {
        let own = arms(&experiment("poids", 0.5), "tenant_a");
        let others = [
            arms(&experiment("prix", 0.5), "tenant_a"),
            arms(&experiment("poids", 0.5), "tenant_b"),
        ];
        for other in others {
            let equal = own.iter().zip(&other).filter(|(a, b)| a == b).count() as f64;
            assert!((equal / USERS as f64 - 0.5).abs() < 0.01, "{equal}");
        }
    }

    #[test]
    fn a_larger_share_moves_nobody_back() {
        let fewer = arms(&experiment("poids", 0.2), "tenant_a");
        let more = arms(&experiment("poids", 0.6), "tenant_a");
        assert!(
            fewer
                .iter()
                .zip(&more)
                .all(|(before, after)| before <= after)
        );
    }

    #[test]
    fn an_arm_stays_the_same_from_release_to_release() {
        let card = experiment("poids", 0.5);
        let enrolled = |user: &str| card.enrol(&tenant("tenant_a"), user);
        let told: String = (0..12)
            .map(|number| enrolled(&format!("user-{number}")).arm.as_str())
            .collect();
        assert_eq!(told, "BAAAABAAABBA");
        assert_eq!(enrolled("user-1").user_hash, "40c9a4adacf425ae");
    }

    #[test]
    fn a_user_is_told_apart_within_an_experiment_and_not_followed_into_another() {
        let card = experiment("poids", 0.5);
        let hash =
            |card: &ExperimentCard, of: &str, user: &str| card.enrol(&tenant(of), user).user_hash;
        let all: HashSet<String> = (0..USERS)
            .map(|number| hash(&card, "tenant_a", &number.to_string()))
            .collect();
        assert_eq!(all.len(), USERS);
        let own = hash(&card, "tenant_a", "7");
        assert_eq!(own.len(), 16);
        assert_ne!(own, hash(&card, "tenant_b", "7"));
        assert_ne!(own, hash(&experiment("prix", 0.5), "tenant_a", "7"));
    }
}
