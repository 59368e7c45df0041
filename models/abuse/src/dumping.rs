//! Bidders who bid too low again and again.

use std::collections::BTreeMap;

use crate::{Entity, Sign, Signal, rates::{excess, percentiles}};

/// Low bids from which there is a habit.
const HABIT: u64 = 3;
/// Share of a bidder's bids from which it is one.
const SHARE: f64 = 0.5;
/// How likely by chance so many low bids may be.
const CHANCE: f64 = 0.001;
/// Pieces of evidence that are kept.
const SHOWN: usize = 50;

/// What was found of one bid: the dumping signs that could be looked at.
#[derive(Debug, Clone)]
pub struct LowBid {
    /// The bid.
    pub bid: Entity,
    /// Who bids.
    pub provider: Entity,
    /// The signs, raised or not.
    pub signals: Vec<Signal>,
}

/// Returns the signals of bidders, by bidder: of each dumping sign, which share of its bids raised it. Raised from three bids and half of them on, where
/// the others' share does not explain so many (binomial, one-sided, 0.001).
#[must_use]
pub fn habits(bids: &[LowBid]) -> BTreeMap<Entity, Vec<Signal>> {
    let mut found: BTreeMap<Entity, Vec<Signal>> = BTreeMap::new();
    for sign in [Sign::BelowReference, Sign::BelowOthers, Sign::BelowOwnHistory] {
        let mut counts: BTreeMap<&Entity, (u64, Vec<&Entity>)> = BTreeMap::new();
        for bid in bids {
            let of_sign = bid.signals.iter().find(|signal| signal.sign == sign);
            if let Some(signal) = of_sign {
                let (looked_at, low) = counts.entry(&bid.provider).or_default();
                *looked_at += 1;
                low.extend(signal.is_raised.then_some(&bid.bid));
            }
        }
        let sum = counts
            .values()
            .fold([0, 0], |[n, k], (all, low)| [n + all, k + low.len() as u64]);
        let shares: Vec<f64> = counts
            .values()
            .map(|(all, low)| low.len() as f64 / *all as f64)
            .collect();
        let percentiles = percentiles(&shares);
        for ((provider, (all, low)), percentile) in counts.into_iter().zip(percentiles) {
            let count = low.len() as u64;
            let others = sum[0] - all;
            let usual = ((sum[1] - count) as f64 / others.max(1) as f64).max(0.01);
            let share = count as f64 / all as f64;
            let is_raised =
                count >= HABIT && share >= SHARE && excess(count, all, usual) <= CHANCE;
            found.entry(provider.clone()).or_default().push(Signal {
                sign,
                value: share,
                threshold: SHARE,
                percentile: Some(percentile),
                is_raised,
                support: all,
                evidence: low.into_iter().take(SHOWN).cloned().collect(),
                detail: Some(("usual_share".to_owned(), usual)),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityKind;

    fn bid(number: usize, provider: &str, is_raised: bool) -> LowBid {
        LowBid {
            bid: Entity::new(EntityKind::Bid, number.to_string()),
            provider: Entity::new(EntityKind::Provider, provider),
            signals: vec![Signal {
                sign: Sign::BelowReference,
                value: 0.3,
                threshold: 0.0,
                percentile: None,
                is_raised,
                support: 1,
                evidence: Vec::new(),
                detail: None,
            }],
        }
    }

    #[test]
    fn a_habit_is_raised_and_two_low_bids_or_a_tenth_of_many_are_not() {
        let mut bids = Vec::new();
        for number in 0..400 {
            bids.push(bid(number, &format!("honest {}", number % 20), (number / 20) % 10 == number % 10));
        }
        bids.extend((0..8).map(|n| bid(1000 + n, "dumper", n < 6)));
        bids.extend((0..2).map(|n| bid(2000 + n, "twice", n < 2)));
        let found = habits(&bids);
        for (provider, signals) in found {
            assert_eq!(signals[0].is_raised, provider.id == "dumper", "{provider}");
        }
    }
}
