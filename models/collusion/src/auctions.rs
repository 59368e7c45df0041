//! Auctions: screens held against their market, and rings that bid in them.

use rayon::prelude::*;

use crate::bids::Bid;
use crate::features::AuctionFeature;
use crate::findings::{AuctionFinding, Level, PairFinding, Ring, Signal, SignalKind};
use crate::pairs::Field;
use crate::reference::{level as level_of, log_ratio};
use crate::screens::Screen;

/// Prices below which an auction's prices alone say nothing.
const FEWEST_PRICES: u32 = 4;
/// Share of the market's auctions beside which a screen is raised.
const THRESHOLD: f64 = 0.01;
/// What prices alone can make of a score.
const MOST_BY_PRICES: f64 = 0.5;

/// Returns a finding per auction.
///
/// The score is 1 − (1 − a)(1 − c). `a` is what prices say, ½ · max(0, 2u − 1) with `u` the share of the market's auctions whose variation
/// coefficient is less suspicious: the one screen that was measured to point the right way in several markets. `c` is what bidders say: the
/// score of a ring that bids in it as in its other auctions, or half that of a watched pair. So prices alone never flag, nor does a ring
/// whose members bid apart.
pub(crate) fn findings(
    field: &Field<'_>,
    pairs: &[PairFinding],
    rings: &[Ring],
) -> Vec<AuctionFinding> {
    let auctions = field.bids.auctions().len();
    let mut of_rings = vec![Vec::new(); auctions];
    for (place, ring) in rings.iter().enumerate() {
        ring.auctions
            .iter()
            .for_each(|at| of_rings[*at as usize].push(place as u32));
    }
    let mut of_pairs = vec![0.0_f64; auctions];
    for pair in pairs.iter().filter(|pair| pair.level > Level::Quiet) {
        for at in &pair.auctions {
            of_pairs[*at as usize] = of_pairs[*at as usize].max(pair.score);
        }
    }
    let finding =
        |(at, own): (usize, Vec<u32>)| finding(field, at as u32, own, rings, of_pairs[at]);
    of_rings.into_par_iter().enumerate().map(finding).collect()
}

fn finding(
    field: &Field<'_>,
    auction: u32,
    own: Vec<u32>,
    rings: &[Ring],
    by_pairs: f64,
) -> AuctionFinding {
    let screens = field.screens[auction as usize];
    let usual = field.references.of(auction);
    let mut signals = Vec::new();
    for (screen, value) in screens.iter() {
        let found = value.and_then(|value| Some((value, usual.suspicion(screen, value)?)));
        let Some((value, percentile)) = found else {
            continue;
        };
        let chance = 1.0 - percentile;
        signals.push(Signal {
            kind: SignalKind::Price(screen),
            value,
            chance,
            threshold: THRESHOLD,
            percentile,
            is_raised: chance <= THRESHOLD && screens.prices >= FEWEST_PRICES,
            support: screens.prices,
            interval: None,
        });
    }
    let variation = SignalKind::Price(Screen::VariationCoefficient);
    let variation = signals.iter().find(|signal| signal.kind == variation);
    let by_prices = variation
        .filter(|signal| signal.support >= FEWEST_PRICES)
        .map_or(0.0, |signal| {
            MOST_BY_PRICES * (2.0 * signal.percentile - 1.0).max(0.0)
        });
    let watched = variation.is_some_and(|signal| signal.is_raised);
    let mut by_rings: f64 = 0.0;
    for ring in own.iter().map(|place| &rings[*place as usize]) {
        let present = present(field, auction, ring);
        let concerted = is_concerted(field, auction, &present);
        if concerted {
            by_rings = by_rings.max(ring.score);
        }
        signals.push(Signal {
            kind: SignalKind::RingBids,
            value: present.len() as f64,
            chance: 1.0 - ring.score,
            threshold: 1.0 - field.params.least_score,
            percentile: ring.score,
            is_raised: concerted,
            support: ring.auctions.len() as u32,
            interval: None,
        });
    }
    let level = if by_rings > 0.0 {
        Level::Flagged
    } else if watched || !own.is_empty() {
        Level::Watched
    } else {
        Level::Quiet
    };
    let features = AuctionFeature::ALL.map(|feature| match feature {
        AuctionFeature::Screen(screen) => {
            let own = signals
                .iter()
                .find(|one| one.kind == SignalKind::Price(screen));
            own.map(|signal| signal.percentile)
        }
        AuctionFeature::Prices => Some(f64::from(screens.prices)),
        AuctionFeature::PriceLevel => {
            level_of(field.bids, auction).and_then(|level| usual.levels.share_below(level))
        }
        AuctionFeature::PairScore => Some(by_pairs),
    });
    AuctionFinding {
        auction,
        screens,
        features: features.map(|value| value.unwrap_or(f64::NAN)).to_vec(),
        score: 1.0 - (1.0 - by_prices) * (1.0 - by_rings.max(by_pairs / 2.0)),
        level,
        signals: if level == Level::Quiet {
            Vec::new()
        } else {
            signals
        },
        rings: own,
    }
}

fn present<'a>(field: &Field<'a>, auction: u32, ring: &Ring) -> Vec<&'a Bid> {
    let all = field.bids.of_auction(auction).iter();
    all.filter(|bid| ring.members.binary_search(&bid.firm).is_ok())
        .collect()
}

/// Whether the members' bids are nearer than usual in price, or close in time.
fn is_concerted(field: &Field<'_>, auction: u32, present: &[&Bid]) -> bool {
    let usual = field.references.of(auction);
    let (mut n, mut sum, mut close) = (0, 0.0, false);
    for (place, one) in present.iter().enumerate() {
        for other in &present[place + 1..] {
            if let (Some(at), Some(then)) = (one.submitted_at, other.submitted_at) {
                close |= at.abs_diff(then) <= field.params.close_seconds as u64;
            }
            let standing = !one.is_withdrawn && !other.is_withdrawn;
            let gap = log_ratio(one, other).abs();
            if let Some(share) = usual.gaps.share_below(gap).filter(|_| standing) {
                n += 1;
                sum += share;
            }
        }
    }
    close || (n > 0 && sum / f64::from(n) < 0.5)
}
