//! Bids that ask too little, and bidders who do so again and again.
//!
//! What is too little is told by the market itself: how far a price lies from the median of the other bids, as a logarithm, against the spread of all
//! such gaps (median and scaled median absolute deviation, so that what is looked for does not hide itself). A gap is an outlier from 3.5 such deviations on (Iglewicz and
//! Hoaglin, *How to Detect and Handle Outliers*, 1993).

use std::collections::BTreeMap;

use crate::{
    Entity, Sign, Signal,
    rates::{excess, percentiles},
    sign::USUAL_SHARE,
};

/// Deviations from which a gap is an outlier.
const OUTLIER: f64 = 3.5;
/// How far below the lowest of the others, as a share of it, a bid is suspect: COM(2011) 896, art. 69.
const BELOW: f64 = 0.2;
/// A median absolute deviation in standard deviations of a normal distribution.
const DEVIATION: f64 = 1.482_6;
/// Gaps from which a market has a spread of its own.
const MARKET: usize = 30;
/// Others' bids that are told apart: the gap to one bid spreads more than that to many.
const CROWD: usize = 4;
/// Other auctions from which a bidder has a habit.
const USUAL: usize = 4;
/// Low bids from which dumping is a habit.
const HABIT: u64 = 4;
/// Share of a bidder's bids from which it is one.
const SHARE: f64 = 0.2;
/// How likely by chance so many low bids may be.
const CHANCE: f64 = 0.001;
/// Pieces of evidence that are kept.
const SHOWN: usize = 200;

/// A bid that stands.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The bid.
    pub bid: Entity,
    /// Who bids.
    pub provider: Entity,
    /// What is asked, above 0.
    pub price_cents: i64,
}

/// The bids of an auction that stand, and the low end of what such work costs.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// The bids.
    pub bids: Vec<Offer>,
    /// What nine prices in ten exceed.
    pub p10_cents: Option<i64>,
}

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

/// Where a bid lies among the others.
struct Gap<'a> {
    offer: &'a Offer,
    others: Vec<&'a Offer>,
    lowest: f64,
    /// ln(price / median of the others).
    log: f64,
}

/// Looks at every bid of a tenant's auctions; those alone in theirs are held against the reference only.
#[must_use]
pub fn low_bids(auctions: &[Offers]) -> Vec<LowBid> {
    let gaps: Vec<Gap<'_>> = auctions.iter().flat_map(gaps).collect();
    let spreads = spreads(&gaps);
    let deviation = |gap: &Gap<'_>| {
        let [middle, spread] = (*spreads.get(&gap.others.len().min(CROWD))?)?;
        Some((gap.log - middle) / spread)
    };
    let mut by_provider: BTreeMap<&Entity, Vec<f64>> = BTreeMap::new();
    for gap in &gaps {
        by_provider.entry(&gap.offer.provider).or_default().push(gap.log);
    }
    let logs: Vec<f64> = gaps.iter().map(|gap| -gap.log).collect();
    let shares = percentiles(&logs);
    let mut found: BTreeMap<&Entity, Vec<Signal>> = BTreeMap::new();
    for (gap, percentile) in gaps.iter().zip(shares) {
        let price = gap.offer.price_cents as f64;
        let below = 1.0 - price / gap.lowest;
        let is_outlier = deviation(gap).is_some_and(|deviation| deviation <= -OUTLIER);
        let signals = found.entry(&gap.offer.bid).or_default();
        signals.push(Signal {
            percentile: Some(percentile),
            support: gap.others.len() as u64,
            evidence: gap.others.iter().map(|other| other.bid.clone()).collect(),
            ..signal(Sign::BelowOthers, below, gap.lowest, below >= BELOW && is_outlier)
        });
        if let Some(usual) = usual(&by_provider[&gap.offer.provider], gap.log) {
            let own = price / (gap.log - usual).exp();
            let spread = spreads.get(&gap.others.len().min(CROWD)).copied().flatten();
            let is_outlier =
                spread.is_some_and(|[_, spread]| (gap.log - usual) / spread <= -OUTLIER);
            let below = 1.0 - price / own;
            signals.push(Signal {
                support: by_provider[&gap.offer.provider].len() as u64 - 1,
                evidence: vec![gap.offer.bid.clone()],
                ..signal(Sign::BelowOwnHistory, below, own, below >= BELOW && is_outlier)
            });
        }
    }
    let mut all = Vec::new();
    for auction in auctions {
        for offer in &auction.bids {
            let mut signals = found.remove(&offer.bid).unwrap_or_default();
            if let Some(p10) = auction.p10_cents.filter(|p10| *p10 > 0) {
                let below = 1.0 - offer.price_cents as f64 / p10 as f64;
                signals.push(Signal {
                    evidence: vec![offer.bid.clone()],
                    ..signal(Sign::BelowReference, below, p10 as f64, below > 0.0)
                });
            }
            all.push(LowBid {
                bid: offer.bid.clone(),
                provider: offer.provider.clone(),
                signals,
            });
        }
    }
    all
}

fn signal(sign: Sign, below: f64, against: f64, is_raised: bool) -> Signal {
    Signal {
        sign,
        value: below,
        threshold: match sign {
            Sign::BelowReference => 0.0,
            _ => BELOW,
        },
        percentile: None,
        is_raised,
        support: 1,
        evidence: Vec::new(),
        detail: Some(("against_cents".to_owned(), against.round())),
    }
}

fn gaps(auction: &Offers) -> impl Iterator<Item = Gap<'_>> {
    auction.bids.iter().enumerate().filter_map(|(at, offer)| {
        let others = auction.bids.iter().enumerate();
        let others = others.filter(|(other, _)| *other != at).map(|(_, other)| other);
        let others: Vec<&Offer> = others.collect();
        let mut prices: Vec<f64> = others.iter().map(|other| other.price_cents as f64).collect();
        let middle = median(&mut prices)?;
        Some(Gap {
            offer,
            lowest: prices[0],
            log: (offer.price_cents as f64 / middle).ln(),
            others,
        })
    })
}

/// Middle and spread of the gaps, by how many others there are; none where they are too few to say, or do not spread.
fn spreads(gaps: &[Gap<'_>]) -> BTreeMap<usize, Option<[f64; 2]>> {
    let mut logs: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for gap in gaps {
        logs.entry(gap.others.len().min(CROWD)).or_default().push(gap.log);
    }
    let spread = |mut logs: Vec<f64>| {
        let middle = median(&mut logs).filter(|_| logs.len() >= MARKET)?;
        let mut away: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
        let deviation = median(&mut away)? * DEVIATION;
        (deviation > 0.0).then_some([middle, deviation])
    };
    logs.into_iter()
        .map(|(others, logs)| (others, spread(logs)))
        .collect()
}

/// What a bidder usually asks against others, but for this bid; none where it did not bid often enough.
fn usual(logs: &[f64], but: f64) -> Option<f64> {
    let mut others = logs.to_vec();
    let own = others.iter().position(|log| log.total_cmp(&but).is_eq())?;
    others.swap_remove(own);
    if others.len() < USUAL {
        return None;
    }
    median(&mut others)
}

/// The median; sorts the values. None of none.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// Returns the signals of bidders, by bidder: of each dumping sign, which share of its bids raised it. Raised from four bids and a fifth of them on, where
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
            let is_raised = count >= HABIT && share >= SHARE && excess(count, all, usual) <= CHANCE;
            found.entry(provider.clone()).or_default().push(Signal {
                sign,
                value: share,
                threshold: SHARE,
                percentile: Some(percentile),
                is_raised,
                support: all,
                evidence: low.into_iter().take(SHOWN).cloned().collect(),
                detail: Some((USUAL_SHARE.to_owned(), usual)),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityKind;

    /// A market in which the bidder "dumper" asks half of what things cost in each fifth auction, and everybody else about that.
    fn market() -> Vec<Offers> {
        let price = |auction: usize, bidder: usize| {
            let noise = ((auction * 7 + bidder * 13) % 11) as f64 / 11.0 - 0.5;
            (100_000.0 * (1.0 + 0.3 * noise)) as i64
        };
        let offer = |auction: usize, bidder: usize, name: String, price_cents| Offer {
            bid: Entity::new(EntityKind::Bid, format!("{auction}-{bidder}")),
            provider: Entity::new(EntityKind::Provider, name),
            price_cents,
        };
        (0..200)
            .map(|auction| {
                let mut bids: Vec<Offer> = (0..4)
                    .map(|bidder| {
                        let name = format!("honest {}", (auction + bidder * 3) % 17);
                        offer(auction, bidder, name, price(auction, bidder))
                    })
                    .collect();
                if auction % 10 == 0 {
                    let name = "dumper".to_owned();
                    let fair = price(auction, 4);
                    let low = if auction % 20 == 0 { fair * 2 / 5 } else { fair };
                    bids.push(offer(auction, 4, name, low));
                }
                Offers {
                    bids,
                    p10_cents: Some(82_000),
                }
            })
            .collect()
    }

    #[test]
    fn the_one_who_asks_half_is_seen_and_nobody_else() {
        let bids = low_bids(&market());
        let low = bids.iter().filter(|bid| {
            let others = bid.signals.iter().find(|one| one.sign == Sign::BelowOthers);
            others.is_some_and(|signal| signal.is_raised)
        });
        let low: Vec<&str> = low.map(|bid| bid.provider.id.as_str()).collect();
        assert_eq!(low, ["dumper"; 10]);
        for (provider, signals) in habits(&bids) {
            let others = signals.iter().find(|one| one.sign == Sign::BelowOthers);
            let is_raised = others.is_some_and(|signal| signal.is_raised);
            assert_eq!(is_raised, provider.id == "dumper", "{provider}");
        }
    }

    #[test]
    fn a_few_low_bids_are_no_habit() {
        let mut auctions = market();
        for auction in &mut auctions[60..] {
            auction.bids.truncate(4);
        }
        let found = habits(&low_bids(&auctions));
        let raised = found.values().flatten().filter(|one| one.is_raised);
        assert_eq!(raised.filter(|one| one.sign == Sign::BelowOthers).count(), 0);
    }

    #[test]
    fn one_bid_alone_is_held_against_the_reference_only() {
        let mut alone = market().swap_remove(0);
        alone.bids.truncate(1);
        let found = low_bids(&[alone]);
        let signs: Vec<Sign> = found[0].signals.iter().map(|one| one.sign).collect();
        assert_eq!(signs, [Sign::BelowReference]);
        assert!(low_bids(&[]).is_empty());
    }
}
