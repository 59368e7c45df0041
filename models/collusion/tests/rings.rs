//! Planted rings are found, and honest firms are left alone.

mod market;

use collusion::{
    Bids, DetectParams, Detection, Family, Level, ParamGuard, RingKind, SignalKind, detect,
};
use market::{Market, Plan};

const COVER: Plan = Plan {
    winner: 0,
    margin: 1.2,
    above: (0.02, 0.09),
    within: Some(2_000),
};

fn found(bids: &Bids) -> Detection {
    let params = DetectParams::new(3).check();
    detect(bids, &params.expect("defaults are good"))
}

fn flagged(found: &Detection) -> Vec<u32> {
    let firms = found
        .firms
        .iter()
        .filter(|firm| firm.level == Level::Flagged);
    firms.map(|firm| firm.firm).collect()
}

fn rings(found: &Detection) -> Vec<(Vec<u32>, RingKind)> {
    let all = found.rings.iter();
    all.map(|ring| (ring.members.clone(), ring.kind)).collect()
}

#[test]
fn rings_of_three_and_of_six_are_found_for_what_they_are() {
    for seed in 0..5 {
        let mut market = Market::new(90, seed);
        market.background(0..90, 400);
        for turn in 0..15 {
            market.rigged(turn % 8, &[0, 1, 2], COVER);
            let plan = Plan {
                winner: turn as usize % 6,
                ..COVER
            };
            market.rigged(turn % 8, &[10, 11, 12, 13, 14, 15], plan);
        }
        let found = found(&market.finish());
        let wanted = [
            (vec![0, 1, 2], RingKind::Cover),
            (vec![10, 11, 12, 13, 14, 15], RingKind::Rotation),
        ];
        assert_eq!(rings(&found), wanted, "seed {seed}");
    }
}

#[test]
fn a_ring_that_hides_its_times_is_found_by_its_prices() {
    for seed in 0..5 {
        let mut market = Market::new(90, 100 + seed);
        market.background(0..90, 400);
        for turn in 0..24 {
            let plan = Plan {
                winner: turn % 4,
                above: (0.01, 0.04),
                within: None,
                ..COVER
            };
            market.rigged(turn as u32 % 8, &[20, 21, 22, 23], plan);
        }
        let found = found(&market.finish());
        assert_eq!(
            rings(&found),
            [(vec![20, 21, 22, 23], RingKind::Rotation)],
            "seed {seed}"
        );
        let signals = &found.rings[0].signals;
        let raised: Vec<_> = signals.iter().filter(|one| one.is_raised).collect();
        assert!(raised.iter().any(|one| one.kind == SignalKind::MeetsOften));
        assert!(raised.iter().any(|one| one.kind.family() == Family::Prices));
        assert!(raised.iter().all(|one| one.kind != SignalKind::CloseTimes));
    }
}

#[test]
fn a_ring_that_bids_honestly_half_of_the_time_is_found_and_its_honest_auctions_are_not_flagged() {
    let (mut rigged, mut honest) = (Vec::new(), Vec::new());
    let mut market = Market::new(90, 7);
    market.background(0..90, 400);
    for turn in 0..16 {
        rigged.push(market.rigged(turn % 8, &[30, 31, 32, 33], COVER));
        honest.push(market.honest(turn % 8, &[30, 31, 32, 33], 0.08));
    }
    let found = found(&market.finish());
    assert_eq!(
        rings(&found).iter().map(|ring| &ring.0).collect::<Vec<_>>(),
        [&vec![30, 31, 32, 33]]
    );
    let count = |all: &[u32]| {
        let flagged = |at: &&u32| found.auctions[**at as usize].level == Level::Flagged;
        all.iter().filter(flagged).count()
    };
    assert_eq!(count(&rigged), 16);
    assert!(
        count(&honest) <= 8,
        "{} of 16 honest auctions are flagged",
        count(&honest)
    );
}

#[test]
fn specialists_who_meet_often_and_honestly_are_not_flagged() {
    for seed in 0..8 {
        let mut market = Market::new(120, 200 + seed);
        market.background(0..120, 300);
        // Ten groups of five, each of one trade of its own, in which hardly anybody else bids.
        for group in 0..10 {
            let own = 5 * group..5 * group + 5;
            for _ in 0..30 {
                let bidders = 2 + market.below(3);
                let mut bidders = market.draw(own.clone(), bidders);
                if market.below(3) == 0 {
                    bidders.push(60 + market.below(60) as u32);
                }
                market.honest(20 + group, &bidders, 0.08);
            }
        }
        let found = found(&market.finish());
        assert!(
            found.pairs.len() >= 80,
            "{} pairs meet often",
            found.pairs.len()
        );
        assert!(
            flagged(&found).len() <= 1,
            "seed {seed}: {:?}",
            flagged(&found)
        );
    }
}

#[test]
fn a_duopoly_is_not_flagged_however_often_it_meets() {
    for (seed, count) in [(1, 12), (2, 12), (3, 60), (4, 60), (5, 200)] {
        let mut market = Market::new(60, 300 + seed);
        market.background(2..60, 250);
        for _ in 0..count {
            market.honest(30, &[0, 1], 0.08);
        }
        let found = found(&market.finish());
        let pair = found
            .pairs
            .iter()
            .find(|pair| pair.firms == [0, 1])
            .unwrap();
        assert_ne!(
            pair.level,
            Level::Flagged,
            "{count} auctions: {:?}",
            pair.signals
        );
    }
}

#[test]
fn a_narrow_market_of_its_own_is_no_evidence() {
    // A commodity, a fifth as noisy as other markets: too small to be compared with itself, and large enough.
    for (seed, count) in [(1, 8), (2, 14), (3, 25), (4, 40), (5, 90)] {
        let mut market = Market::new(60, 400 + seed);
        market.background(4..60, 250);
        for _ in 0..count {
            market.honest(30, &[0, 1, 2, 3], 0.016);
        }
        let found = found(&market.finish());
        let own = found.pairs.iter().filter(|pair| pair.firms[1] < 4);
        let raised: Vec<Family> = own
            .flat_map(|pair| pair.raised().collect::<Vec<_>>())
            .collect();
        let few = raised
            .iter()
            .filter(|family| **family == Family::Prices)
            .count();
        assert_eq!(few, 0, "{count} auctions: {raised:?}");
    }
}

#[test]
fn a_duopoly_that_covers_is_flagged() {
    let mut market = Market::new(60, 41);
    market.background(0..60, 250);
    for turn in 0..14 {
        market.rigged(
            3,
            &[0, 1],
            Plan {
                winner: turn % 2,
                ..COVER
            },
        );
    }
    let found = found(&market.finish());
    assert_eq!(rings(&found), [(vec![0, 1], RingKind::Rotation)]);
}

#[test]
fn nothing_is_said_of_firms_that_met_four_times() {
    let mut market = Market::new(60, 5);
    market.background(10..60, 200);
    for _ in 0..4 {
        market.rigged(1, &[0, 1, 2], COVER);
    }
    let found = found(&market.finish());
    assert!(found.pairs.iter().all(|pair| pair.firms[0] > 2));
    assert!(flagged(&found).is_empty());
}

#[test]
fn an_address_in_common_and_many_meetings_are_watched_not_flagged() {
    let mut market = Market::new(80, 6);
    market.firms[1].address = market.firms[0].address;
    market.background(0..80, 300);
    for at in 0..20 {
        let other = 40 + market.below(40) as u32;
        market.honest(at % 8, &[0, 1, other], 0.08);
    }
    let found = found(&market.finish());
    let pair = found
        .pairs
        .iter()
        .find(|pair| pair.firms == [0, 1])
        .unwrap();
    let raised: Vec<Family> = pair.raised().collect();
    assert_eq!(raised, [Family::Meeting, Family::Identity]);
    assert_eq!(pair.level, Level::Watched);
}

#[test]
fn withdrawn_bids_are_meetings_but_no_prices() {
    let mut market = Market::new(60, 8);
    market.background(0..60, 200);
    for turn in 0..12 {
        market.rigged(turn % 8, &[0, 1, 2], COVER);
    }
    let before = found(
        &market
            .bids
            .iter()
            .fold(Market::new(60, 8), |mut copy, bid| {
                copy.bids.push(*bid);
                copy.auctions = market.auctions.clone();
                copy
            })
            .finish(),
    );
    for bid in market
        .bids
        .iter_mut()
        .filter(|bid| bid.firm == 2 && bid.auction >= 200)
    {
        bid.is_withdrawn = true;
    }
    let after = found(&market.finish());
    let pair = |found: &Detection| {
        let pair = found.pairs.iter().find(|pair| pair.firms == [0, 2]);
        pair.map(|pair| (pair.shared, pair.level, pair.signals.clone()))
            .unwrap()
    };
    let (old, new) = (pair(&before), pair(&after));
    assert_eq!((old.0, old.1), (new.0, Level::Flagged));
    let priced = |all: &[collusion::Signal]| {
        let near = all.iter().find(|one| one.kind == SignalKind::NearPrices);
        near.map_or(0, |one| one.support)
    };
    // What is left are meetings by chance, too few to be judged.
    assert!(priced(&old.2) >= 12 && priced(&new.2) == 0);
    assert!(
        new.2
            .iter()
            .all(|one| one.kind != SignalKind::CoverBidding || !one.is_raised)
    );
}

#[test]
fn findings_are_the_same_for_any_threads_and_order() {
    let mut market = Market::new(90, 9);
    market.background(0..90, 300);
    for turn in 0..12 {
        market.rigged(turn % 8, &[0, 1, 2, 3], COVER);
    }
    let mut reversed = market.bids.clone();
    reversed.reverse();
    let (auctions, firms) = (market.auctions.clone(), market.firms.clone());
    let bids = market.finish();
    let on = |threads: usize, bids: &Bids| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        serde_json::to_string(&pool.install(|| found(bids))).unwrap()
    };
    let one = on(1, &bids);
    assert_eq!(one, on(2, &bids));
    assert_eq!(one, on(5, &Bids::new(reversed, auctions, firms).unwrap()));
}

#[test]
fn every_finding_carries_its_evidence() {
    let mut market = Market::new(90, 10);
    market.background(0..90, 300);
    for turn in 0..12 {
        market.rigged(turn % 8, &[0, 1, 2, 3], COVER);
    }
    let bids = market.finish();
    let found = found(&bids);
    for pair in found.pairs.iter().filter(|pair| pair.level > Level::Quiet) {
        assert_eq!(pair.auctions.len(), pair.shared as usize);
        assert!(pair.auctions.iter().all(|at| {
            let there = |firm: &u32| bids.of_auction(*at).iter().any(|bid| bid.firm == *firm);
            pair.firms.iter().all(there)
        }));
        assert!(
            pair.signals
                .iter()
                .all(|one| one.is_raised == (one.chance <= one.threshold && one.threshold > 0.0))
        );
    }
    for pair in found
        .pairs
        .iter()
        .filter(|pair| pair.level == Level::Flagged)
    {
        assert!(pair.raised().count() >= 2 && pair.raised().any(Family::is_conduct));
    }
    for ring in &found.rings {
        assert!(ring.members.len() >= 2 && ring.score >= 0.95 && !ring.edges.is_empty());
    }
    for auction in found
        .auctions
        .iter()
        .filter(|one| one.level == Level::Flagged)
    {
        assert!(!auction.rings.is_empty());
    }
}
