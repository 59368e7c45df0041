//! Abnormally low bids: a flag with its evidence, never a refusal.
//!
//! French law asks a buyer who meets a bid that seems abnormally low to ask for its reasons before anything else ([`LAW`]), and leaves open how one is
//! found; thresholds that exclude by themselves are unlawful. Four signs are looked at, each by itself weak: a firm may have a free machine.
//! Two that agree raise the flag.

use super::Auction;

/// The law: detect, ask, then decide.
pub const LAW: &str = "Code de la commande publique, art. L2152-5, L2152-6, R2152-3 à R2152-5";
/// Where the gap to the second lowest bid comes from.
pub const EUROPEAN: &str = "COM(2011) 896, art. 69";

/// Bids from which the double mean says something.
const CROWD: usize = 3;
/// How far above the first mean a bid is left out of the second.
const HIGH: f64 = 0.2;
/// How far below the second mean a bid is suspect.
const DOUBLE_MEAN: f64 = 0.1;
/// How far below the lowest of the others, and below what the bidder usually asks, a bid is suspect.
const GAP: f64 = 0.2;
/// Earlier bids from which a bidder has a habit.
const HABIT: i64 = 3;
/// Signs that raise the flag together.
const SIGNS: usize = 2;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Below p10 of what such work costs: nine prices in ten are higher.
    BelowReference,
    /// A tenth or more below the mean of the bids without those a fifth above the mean of all (« double moyenne », Fédération française du bâtiment).
    DoubleMean,
    /// A fifth or more below the lowest of the other bids ([`EUROPEAN`]), with how far it is below their median.
    BelowOthers,
    /// A fifth or more below what the bidder usually asks against the reference price.
    BelowOwnHistory,
}

impl Sign {
    /// Returns the sign's name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BelowReference => "below_reference",
            Self::DoubleMean => "double_mean",
            Self::BelowOthers => "below_others",
            Self::BelowOwnHistory => "below_own_history",
        }
    }

    /// Returns from how far below, as a share of what the price is held against, the sign is raised.
    #[must_use]
    pub const fn threshold(self) -> f64 {
        match self {
            Self::BelowReference => 0.0,
            Self::DoubleMean => DOUBLE_MEAN,
            Self::BelowOthers | Self::BelowOwnHistory => GAP,
        }
    }
}

/// What one sign found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The sign.
    pub sign: Sign,
    /// What the price was held against.
    pub against_cents: i64,
    /// How far below it is, as a share of it; negative where it is above.
    pub below: f64,
    /// The median of the other bids, where the sign is about them.
    pub median_cents: Option<i64>,
    /// Whether it speaks for an abnormally low bid.
    pub is_raised: bool,
}

/// What was looked at; what could not be is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Low {
    /// Each sign that could be looked at.
    pub evidence: Vec<Evidence>,
}

impl Low {
    /// Says whether the bid is flagged: two signs agree.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.evidence.iter().filter(|one| one.is_raised).count() >= SIGNS
    }
}

pub(super) fn judge(auction: &Auction, at: usize) -> Low {
    let bid = &auction.bids[at];
    let price = bid.price_cents as f64;
    let evidence = |sign: Sign, against: f64| {
        let below = 1.0 - price / against;
        Evidence {
            sign,
            against_cents: against.round() as i64,
            below,
            median_cents: None,
            // A tenth below is a tenth below, however it is rounded.
            is_raised: below > 0.0 && below >= sign.threshold() - 1e-9,
        }
    };
    let mut others: Vec<f64> = auction
        .standing()
        .filter(|other| *other != at)
        .map(|other| auction.bids[other].price_cents as f64)
        .collect();
    others.sort_by(f64::total_cmp);
    let mut found = Vec::new();
    if let Some(reference) = auction.reference {
        let [p10, ..] = reference.quantiles();
        found.push(evidence(Sign::BelowReference, p10 as f64));
    }
    if let Some(mean) = double_mean(&others, price) {
        found.push(evidence(Sign::DoubleMean, mean));
    }
    if let Some(lowest) = others.first() {
        let median = median(&others).round() as i64;
        found.push(Evidence {
            median_cents: Some(median),
            ..evidence(Sign::BelowOthers, *lowest)
        });
    }
    if let (Some(own), Some(reference)) = (bid.own, auction.reference)
        && own.bids >= HABIT
    {
        let usual = own.price_to_reference * reference.quantiles()[1] as f64;
        found.push(evidence(Sign::BelowOwnHistory, usual));
    }
    Low { evidence: found }
}

/// The mean of all bids without those far above the mean of all; none where they are too few.
fn double_mean(others: &[f64], price: f64) -> Option<f64> {
    let all: Vec<f64> = others.iter().copied().chain([price]).collect();
    if all.len() < CROWD {
        return None;
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let first = mean(&all);
    let kept: Vec<f64> = all
        .into_iter()
        .filter(|one| *one <= first * (1.0 + HIGH))
        .collect();
    Some(mean(&kept))
}

/// The median of sorted values, of which there are some.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use ranking::Reference;

    use super::*;
    use crate::bids::{BidFacts, Own};

    fn auction(prices: &[i64]) -> Auction {
        let bid = |price: &i64| BidFacts {
            price_cents: *price,
            ..BidFacts::default()
        };
        Auction {
            reference: Reference::new(80_000, 100_000, 130_000),
            bids: prices.iter().map(bid).collect(),
            ..Auction::default()
        }
    }

    #[test]
    fn the_double_mean_leaves_out_what_is_far_above_the_first() {
        // First mean 125; without 200, 100; a tenth below is 90.
        let found = auction(&[10_000, 9_000, 11_000, 20_000]).low(1);
        let double = found
            .evidence
            .iter()
            .find(|one| one.sign == Sign::DoubleMean);
        let double = double.expect("there are enough bids");
        assert_eq!((double.against_cents, double.is_raised), (10_000, true));
        assert!((double.below - 0.1).abs() < 1e-12);
    }

    #[test]
    fn one_sign_flags_nothing_and_two_do() {
        let mut alone = auction(&[79_000]);
        assert_eq!(alone.low(0).evidence.len(), 1);
        assert!(!alone.low(0).is_flagged());
        alone.bids[0].own = Some(Own {
            bids: 3,
            price_to_reference: 1.0,
        });
        assert!(alone.low(0).is_flagged());
        alone.bids[0].own = Some(Own {
            bids: 2,
            price_to_reference: 1.0,
        });
        assert!(!alone.low(0).is_flagged());
        assert!(auction(&[50_000, 100_000, 105_000]).low(0).is_flagged());
        assert!(!auction(&[50_000, 100_000, 105_000]).low(1).is_flagged());
    }

    #[test]
    fn a_withdrawn_bid_is_nobodys_evidence() {
        let mut all = auction(&[50_000, 100_000, 105_000]);
        all.bids[1].is_withdrawn = true;
        all.bids[2].is_withdrawn = true;
        assert_eq!(all.low(0).evidence.len(), 1);
    }
}
