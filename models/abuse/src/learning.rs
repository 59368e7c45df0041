//! How often each sign is right, learnt from what was confirmed and cleared.

use std::collections::BTreeMap;

use crate::{Sign, Verdict};

/// Decisions that a prior counts for: it takes so many to move it halfway.
const STRENGTH: f64 = 8.0;

/// How often each sign is right where it is raised: the mean of a Beta posterior,
/// (prior · 8 + confirmed) / (8 + confirmed + cleared).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Precisions(BTreeMap<Sign, [u64; 2]>);

impl Precisions {
    /// Learns from decided cases: the signs that each raised, and what was found.
    #[must_use]
    pub fn learn<'a>(decided: impl IntoIterator<Item = (&'a [Sign], Verdict)>) -> Self {
        let mut counts = BTreeMap::new();
        for (signs, verdict) in decided {
            for sign in signs {
                let [confirmed, cleared] = counts.entry(*sign).or_insert([0, 0]);
                match verdict {
                    Verdict::Confirmed => *confirmed += 1,
                    Verdict::Cleared => *cleared += 1,
                }
            }
        }
        Self(counts)
    }

    /// Returns how often a sign is right, in (0, 1).
    #[must_use]
    pub fn of(&self, sign: Sign) -> f64 {
        let [confirmed, cleared] = self.counts(sign);
        let right = sign.prior() * STRENGTH + confirmed as f64;
        right / (STRENGTH + confirmed as f64 + cleared as f64)
    }

    /// Returns how many decided cases that raised a sign were confirmed, and how many cleared.
    #[must_use]
    pub fn counts(&self, sign: Sign) -> [u64; 2] {
        self.0.get(&sign).copied().unwrap_or([0, 0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_a_sign_again_and_again_makes_it_weak_and_confirming_it_strong() {
        let signs = [Sign::Burst];
        let learnt = |verdict, times| {
            let decided = std::iter::repeat_n((&signs[..], verdict), times);
            Precisions::learn(decided).of(Sign::Burst)
        };
        let before = Precisions::default().of(Sign::Burst);
        assert!((before - Sign::Burst.prior()).abs() < 1e-12);
        assert!(learnt(Verdict::Cleared, 8) < 0.26);
        assert!(learnt(Verdict::Confirmed, 8) > 0.74);
        let other = Precisions::learn([(&signs[..], Verdict::Cleared)]).of(Sign::Absences);
        assert!((other - Sign::Absences.prior()).abs() < 1e-12);
    }
}
