//! One score and level per thing, from all its signs and from what was decided of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{Decision, Entity, Family, Precisions, Sign, Signal, Verdict};

/// From which score on a thing is flagged, where the evidence suffices.
const FLAG: f64 = 0.6;
/// From which score on it is worth watching.
const WATCH: f64 = 0.25;
/// Pieces of evidence that nobody has looked at yet, from which a sign counts again after the case was cleared.
const NEWS: usize = 3;

/// How serious a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing, or too little.
    None,
    /// It was looked at and is no abuse; no news since.
    Cleared,
    /// A sign that would not stand alone.
    Watch,
    /// Signs of independent sources agree: someone should look.
    Flag,
    /// Someone looked: it is abuse.
    Confirmed,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Cleared,
        Self::Watch,
        Self::Flag,
        Self::Confirmed,
    ];

    /// Returns the level's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Cleared => "cleared",
            Self::Watch => "watch",
            Self::Flag => "flag",
            Self::Confirmed => "confirmed",
        }
    }

    /// Says whether it counts as abuse until someone finds otherwise.
    #[must_use]
    pub const fn is_flagged(self) -> bool {
        matches!(self, Self::Flag | Self::Confirmed)
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let all = Self::ALL.into_iter();
        all.into_iter()
            .find(|level| level.as_str() == name)
            .ok_or(())
    }
}

/// What all signs of a thing come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Chance that it is abuse as far as the signs' precisions are right, in [0, 1].
    pub score: f64,
    /// How serious it is.
    pub level: Level,
    /// What it is most likely a case of; none where no sign is raised.
    pub family: Option<Family>,
    /// What each source of evidence adds to the chance: they do not sum to the score, for they are combined as
    /// 1 − Π (1 − chance).
    pub sources: BTreeMap<&'static str, f64>,
    /// The raised signs' evidence.
    pub evidence: BTreeSet<Entity>,
    /// How much of it came after the case was decided; all of it where it never was.
    pub news: u64,
}

/// Judges a thing by its signs. Signs of one source are one piece of evidence, the strongest of them; sources are taken as independent:
/// score = 1 − Π (1 − precision of the source's strongest raised sign) (noisy-or, Pearl 1988). It is flagged where one family's score reaches 0.6 by
/// two sources or more, or by a sign that is a judgement of several already. Where the case was cleared, a sign counts again from three pieces of evidence on that were
/// not looked at.
#[must_use]
pub fn judge(signals: &[Signal], precisions: &Precisions, decision: Option<&Decision>) -> Case {
    let raised = signals.iter().filter(|signal| signal.is_raised);
    let evidence: BTreeSet<Entity> = raised
        .clone()
        .flat_map(|signal| signal.evidence.iter().cloned())
        .collect();
    let cleared = decision.filter(|decision| decision.verdict == Verdict::Cleared);
    let counted: Vec<&Signal> = raised
        .filter(|signal| cleared.is_none_or(|cleared| news(signal, cleared) >= NEWS))
        .collect();
    let mut by_family: BTreeMap<Family, BTreeMap<&'static str, f64>> = BTreeMap::new();
    let mut stands_alone = BTreeSet::new();
    for signal in &counted {
        let (family, chance) = (signal.sign.family(), chance(signal, precisions));
        let sources = by_family.entry(family).or_default();
        let strongest = sources.entry(signal.sign.source()).or_insert(0.0);
        *strongest = strongest.max(chance);
        if (signal.sign.stands_alone() || signal.is_count()) && chance >= FLAG {
            stands_alone.insert(family);
        }
    }
    let best = by_family
        .iter()
        .map(|(family, sources)| (*family, together(sources.values())))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let is_enough = best.is_some_and(|(family, score)| {
        let has_sources = by_family[&family].len() >= 2 || stands_alone.contains(&family);
        score >= FLAG && has_sources
    });
    let sources: BTreeMap<&'static str, f64> = by_family.into_values().flatten().collect();
    let score = together(sources.values());
    let level = match decision.map(|decision| decision.verdict) {
        Some(Verdict::Confirmed) => Level::Confirmed,
        _ if is_enough => Level::Flag,
        _ if score >= WATCH => Level::Watch,
        Some(Verdict::Cleared) => Level::Cleared,
        None => Level::None,
    };
    let seen = |one: &&Entity| {
        decision.is_none_or(|decision| !decision.evidence.contains(&one.to_string()))
    };
    Case {
        score,
        level,
        family: best.map(|(family, _)| family),
        sources,
        news: evidence.iter().filter(seen).count() as u64,
        evidence,
    }
}

fn chance(signal: &Signal, precisions: &Precisions) -> f64 {
    let carried = match signal.sign.has_own_chance() {
        true => signal.value.clamp(0.0, 1.0),
        false => 1.0,
    };
    carried * precisions.of(signal.sign)
}

fn together<'a>(chances: impl Iterator<Item = &'a f64>) -> f64 {
    1.0 - chances.map(|chance| 1.0 - chance).product::<f64>()
}

fn news(signal: &Signal, cleared: &Decision) -> usize {
    let is_new = |one: &&Entity| !cleared.evidence.contains(&one.to_string());
    signal.evidence.iter().filter(is_new).count()
}

/// Acts from which a count that chance does not explain may flag alone.
const COUNT: usize = 3;

impl Signal {
    /// Says whether it counts many acts, each of them evidence, beyond what others' share explains: that may flag alone.
    fn is_count(&self) -> bool {
        let is_counted = matches!(self.sign, Sign::Absences | Sign::BelowOthers);
        is_counted && self.usual_share().is_some() && self.evidence.len() >= COUNT
    }
}

impl Sign {
    /// Says whether its value is a chance, itself made of several pieces of evidence.
    #[must_use]
    pub const fn has_own_chance(self) -> bool {
        matches!(
            self,
            Self::RiggedBids | Self::BidsTogether | Self::InRing | Self::ByFlagged
        )
    }

    /// Says whether it may flag alone: a judgement made of several pieces of evidence already.
    #[must_use]
    pub const fn stands_alone(self) -> bool {
        self.has_own_chance()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::EntityKind;

    fn signal(sign: Sign, evidence: std::ops::Range<usize>) -> Signal {
        Signal {
            sign,
            value: 1.0,
            threshold: 1.0,
            percentile: None,
            is_raised: true,
            support: 5,
            evidence: evidence
                .map(|n| Entity::new(EntityKind::Bid, n.to_string()))
                .collect(),
            detail: None,
        }
    }

    fn level(signals: &[Signal], decision: Option<&Decision>) -> Level {
        judge(signals, &Precisions::default(), decision).level
    }

    #[test]
    fn two_signs_of_one_source_flag_nothing_and_two_sources_do() {
        let [burst, new] = [Sign::Burst, Sign::NewAccount].map(|sign| signal(sign, 0..9));
        assert_eq!(level(&[burst.clone(), new], None), Level::Watch);
        assert_eq!(
            level(&[burst, signal(Sign::AlikeTexts, 0..4)], None),
            Level::Flag
        );
        assert_eq!(level(&[], None), Level::None);
    }

    #[test]
    fn signs_of_two_families_do_not_flag_together() {
        let mixed = [
            signal(Sign::Burst, 0..9),
            signal(Sign::BelowReference, 0..9),
        ];
        assert_eq!(level(&mixed, None), Level::Watch);
    }

    #[test]
    fn a_cleared_case_comes_back_only_with_new_evidence() {
        let both = |until| {
            [
                signal(Sign::Burst, 0..until),
                signal(Sign::AlikeTexts, 0..until),
            ]
        };
        let decision = Decision {
            verdict: Verdict::Cleared,
            evidence: (0..6).map(|n| format!("bid:{n}")).collect(),
        };
        assert_eq!(level(&both(6), Some(&decision)), Level::Cleared);
        assert_eq!(level(&both(8), Some(&decision)), Level::Cleared);
        assert_eq!(level(&both(9), Some(&decision)), Level::Flag);
        let case = judge(&both(9), &Precisions::default(), Some(&decision));
        assert_eq!(case.news, 3);
    }

    #[test]
    fn what_was_confirmed_stays_so_without_any_sign() {
        let decision = Decision {
            verdict: Verdict::Confirmed,
            evidence: BTreeSet::new(),
        };
        assert_eq!(level(&[], Some(&decision)), Level::Confirmed);
    }

    proptest! {
        #[test]
        fn one_more_raised_sign_never_lowers_a_score(places in prop::collection::btree_set(0..Sign::ALL.len(), 1..8)) {
            let signals: Vec<Signal> = places.into_iter().map(|at| signal(Sign::ALL[at], 0..5)).collect();
            let mut before = 0.0;
            for count in 1..=signals.len() {
                let score = judge(&signals[..count], &Precisions::default(), None).score;
                prop_assert!((0.0..=1.0).contains(&score) && score >= before - 1e-12);
                before = score;
            }
        }
    }
}
