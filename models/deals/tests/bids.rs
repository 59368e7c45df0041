//! Auctions whose truth is known: a ranker takes the formula's place only where it is better.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use deals::{
    Kind, Previous, Verdict,
    bids::{Auction, BidFacts, FittedRanking, RankingRows, fit_ranking, global_weights},
};
use proptest::prelude::*;
use ranking::Reference;
use tabular::Random;

/// An auction of five bids, all below p10, where GlobalScore no longer tells prices apart.
fn auction(random: &mut Random) -> Auction {
    let mut bid = || BidFacts {
        price_cents: 40_000 + 100 * random.below(300) as i64,
        delay_days: Some(20),
        quality: Some(0.5),
        is_same_region: Some(random.below(2) == 0),
        has_activation: Some(true),
        earlier_bids: Some(3),
        earlier_wins: Some(1),
        ..BidFacts::default()
    };
    Auction {
        budget_cents: Some(100_000),
        deadline_days: Some(60),
        reference: Reference::new(80_000, 100_000, 140_000),
        loc: Some(0.6),
        bids: (0..5).map(|_| bid()).collect(),
    }
}

/// Auctions that `won` awards.
fn rows(count: i64, won: impl Fn(&Auction, &mut Random) -> usize) -> RankingRows {
    let mut random = Random::new(7);
    let mut rows = RankingRows::new("planted");
    for day in 0..count {
        let auction = auction(&mut random);
        let won = won(&auction, &mut random);
        rows.push(auction, won, day).unwrap();
    }
    rows
}

fn cheapest(auction: &Auction, _: &mut Random) -> usize {
    (0..5)
        .min_by_key(|at| auction.bids[*at].price_cents)
        .unwrap()
}

fn fit(rows: &RankingRows) -> FittedRanking {
    fit_ranking(rows, "2026-11-21", None).unwrap()
}

#[test]
fn what_the_formula_cannot_see_is_learnt_and_promoted() {
    let fitted = fit(&rows(150, cheapest));
    assert!(fitted.card.is_promoted(), "{}", fitted.card.sentence());
    assert_eq!(fitted.card.name, "ranking_project");
    assert!(fitted.card.metrics["ndcg_5"] > fitted.card.metrics["formula_ndcg_5"] + 0.1);
    let model = fitted.model.unwrap();
    let asked = auction(&mut Random::new(99));
    let said: Vec<_> = (0..5)
        .map(|at| asked.learned(at, &model).unwrap())
        .collect();
    for one in &said {
        let sum = one.parts.iter().fold(one.base, |sum, (_, part)| sum + part);
        assert_eq!(sum, one.score);
    }
    let scores: Vec<f64> = said.iter().map(|one| one.score).collect();
    let first = asked.ranked(&scores, |at| at)[0];
    assert_eq!(first, cheapest(&asked, &mut Random::new(0)));
}

#[test]
fn awards_by_lot_leave_the_formula_in_place() {
    let fitted = fit(&rows(150, |_, random| random.below(5)));
    assert!(fitted.model.is_none());
    assert!(
        matches!(fitted.card.verdict, Verdict::Formula { .. }),
        "{:?}",
        fitted.card.verdict
    );
    assert!(
        fitted.card.sentence().contains("the formula ranks"),
        "{}",
        fitted.card.sentence()
    );
    assert!(matches!(
        fit(&rows(20, cheapest)).card.verdict,
        Verdict::TooFew { deals: 20, .. }
    ));
}

#[test]
fn the_same_auctions_give_the_same_bytes_and_a_ranker_is_held_against_the_one_in_place() {
    let (once, again) = (fit(&rows(120, cheapest)), fit(&rows(120, cheapest)));
    assert_eq!(once.card, again.card);
    let (model, card) = (once.model.unwrap(), once.card);
    let previous = Previous { model, card };
    assert_eq!(previous.card.kind, Kind::Project);
    let next = fit_ranking(&rows(200, cheapest), "2026-11-22", Some(&previous)).unwrap();
    assert!(next.card.metrics.contains_key("previous loss on new rows"));
    assert_eq!(
        next.card.parent.as_deref(),
        Some(previous.card.version.as_str())
    );
    assert!(next.card.is_promoted(), "{}", next.card.sentence());
}

#[test]
fn withdrawn_bids_rank_nowhere_and_lost_auctions_say_nothing() {
    let mut one = auction(&mut Random::new(1));
    one.bids[2].is_withdrawn = true;
    assert!(!one.ranked(&[0.1, 0.2, 0.9, 0.2, 0.3], |at| at).contains(&2));
    assert_eq!(
        one.ranked(&[0.1, 0.2, 0.9, 0.2, 0.3], |at| at),
        [4, 1, 3, 0]
    );
    let mut rows = RankingRows::new("lost");
    for day in 0..100 {
        rows.push(one.clone(), 2, day).unwrap();
    }
    assert_eq!(fit(&rows).card.deals, 0);
}

proptest! {
    #[test]
    fn a_bids_score_is_the_sum_of_its_terms_and_no_dearer_bid_has_a_better_price(
        seed in 0_u64..1000, dearer in 0_i64..100_000,
    ) {
        let weights = global_weights(&[("price".to_owned(), 0.5)]).unwrap();
        let mut one = auction(&mut Random::new(seed));
        let price = |one: &Auction| {
            let found = one.global(0, &weights).unwrap();
            assert_eq!(found.parts.iter().map(|part| part.contribution).sum::<f64>(), found.score);
            found.parts[0].value
        };
        let before = price(&one);
        one.bids[0].price_cents += dearer;
        prop_assert!(price(&one) <= before);
    }
}
