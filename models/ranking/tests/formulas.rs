//! What holds for every formula, term and reputation.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use linfa::ParamGuard;
use proptest::prelude::*;
use ranking::{
    Bid, Breakdown, Formula, Person, Prior, Ratings, Reading, Readings, Reference, Tally, Term,
    WeightParams, order, terms,
};
use tabular::{Random, TabularError};

fn any_reference() -> impl Strategy<Value = Option<Reference>> {
    let quantiles = (1..2_000_i64, 0..2_000_i64, 0..2_000_i64);
    prop_oneof![
        1 => Just(None),
        9 => quantiles.prop_map(|(p10, more, most)| Reference::new(p10, p10 + more, p10 + more + most)),
    ]
}

fn any_terms() -> impl Strategy<Value = [Option<f64>; 6]> {
    prop::array::uniform6(prop::option::weighted(0.8, 0.0..=1.0_f64))
}

fn any_weights() -> impl Strategy<Value = [f64; 6]> {
    prop::array::uniform6(prop_oneof![1 => Just(0.0), 5 => 0.0..=1.0_f64])
        .prop_filter("all are 0", |weights| weights.iter().sum::<f64>() > 0.0)
}

fn any_formula() -> impl Strategy<Value = Formula> {
    prop_oneof![Just(Formula::Global), Just(Formula::People)]
}

fn scored(formula: Formula, weights: [f64; 6], values: [Option<f64>; 6]) -> Breakdown {
    let mut params = WeightParams::new(formula);
    for (term, weight) in formula.terms().into_iter().zip(weights) {
        params = params.weight(term.name(), weight).unwrap();
    }
    let reading = |value: f64| Reading {
        value,
        inputs: vec![],
    };
    let readings = Readings::new(formula, values.map(|value| value.map(reading)));
    params.check().unwrap().score(&readings).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_score_is_the_exact_sum_of_its_contributions_in_any_order(
        formula in any_formula(), weights in any_weights(), values in any_terms(), seed: u64,
    ) {
        let found = scored(formula, weights, values);
        prop_assert!((0.0..=1.0).contains(&found.score));
        let mut parts = found.parts.clone();
        Random::new(seed).shuffle(&mut parts);
        prop_assert_eq!(parts.iter().map(|part| part.contribution).sum::<f64>(), found.score);
        for part in &found.parts {
            prop_assert!((part.contribution - part.weight * part.value).abs() <= 1e-12);
            prop_assert!(part.contribution <= part.weight);
        }
    }

    #[test]
    fn what_is_unknown_is_named_and_its_weight_goes_to_the_others(
        formula in any_formula(), weights in any_weights(), values in any_terms(),
    ) {
        let found = scored(formula, weights, values);
        let left: f64 = weights.iter().zip(&values).filter(|(_, value)| value.is_some()).map(|(weight, _)| weight).sum();
        let sum: f64 = found.parts.iter().map(|part| part.weight).sum();
        prop_assert_eq!(sum, if left > 0.0 { 1.0 } else { 0.0 });
        prop_assert!((found.known_weight - left / weights.iter().sum::<f64>()).abs() < 1e-9);
        let named: Vec<Term> = found.parts.iter().map(|part| part.term).collect();
        for ((term, value), weight) in formula.terms().iter().zip(values).zip(weights) {
            prop_assert_eq!(named.contains(term), value.is_some());
            prop_assert_eq!(found.unknown.contains(term), value.is_none());
            let part = found.parts.iter().find(|part| part.term == *term);
            prop_assert!(part.is_none_or(|part| left == 0.0 || (part.weight - weight / left).abs() < 1e-11));
        }
        prop_assert!(named.is_sorted_by_key(|term| formula.terms().iter().position(|one| one == term)));
    }

    #[test]
    fn a_better_term_is_never_a_worse_score(
        formula in any_formula(), weights in any_weights(), values in any_terms(), at in 0..6_usize,
        a in 0.0..=1.0_f64, b in 0.0..=1.0_f64,
    ) {
        let with = |value: f64| {
            let mut values = values;
            values[at] = Some(value);
            scored(formula, weights, values).score
        };
        prop_assert!(with(a.min(b)) <= with(a.max(b)));
    }

    #[test]
    fn a_cheaper_bid_is_never_worse_and_below_p10_no_better(
        reference in any_reference(), budget in prop::option::of(-5..5_000_i64), a in 1..9_000_i64, b in 1..9_000_i64,
    ) {
        let at = |price: i64| terms::price(price, reference, budget);
        let known = reference.is_some() || budget.is_some_and(|budget| budget > 1);
        prop_assert_eq!(at(a).is_some(), known);
        let (Some(low), Some(high)) = (at(a.min(b)), at(a.max(b))) else { return Ok(()) };
        prop_assert!((0.0..=1.0).contains(&low) && high <= low);
        if let (Some(reference), None) = (reference, budget) {
            let [p10, ..] = reference.quantiles();
            prop_assert_eq!(at((p10 / 2).max(1)), at(p10));
            prop_assert_eq!(at(p10), Some(1.0));
        }
    }

    #[test]
    fn terms_move_the_way_they_say(a in 0..400_i64, b in 0..400_i64, left in -10..200_i64, of in 1..20_u32) {
        let (less, more) = (a.min(b), a.max(b));
        let delay = |days| terms::delay(days, left).unwrap();
        prop_assert!(delay(more) <= delay(less) && (0.0..=1.0).contains(&delay(a)));
        let open = |slots: i64| terms::availability(slots as u32, 2.0);
        prop_assert!(open(less) <= open(more) && (0.0..=1.0).contains(&open(a)));
        let spare = |bids: i64| terms::spare_time(bids as u32, 4.0);
        prop_assert!(spare(more) <= spare(less) && (0.0..=1.0).contains(&spare(a)) && spare(0) == 1.0);
        let aligned = |asked: i64| terms::price_alignment(asked + 1, Reference::new(50, 100, 150), Some(200)).unwrap();
        prop_assert!(aligned(more) <= aligned(less) && (0.0..=1.0).contains(&aligned(a)));
        let risk = |found: i64| terms::risk(Some(Tally { found: found as u32, of }), None).unwrap();
        prop_assert!(risk(more) <= risk(less) && (0.0..=1.0).contains(&risk(a)));
    }

    #[test]
    fn an_order_is_that_of_scores_and_ids_however_they_came(
        scores in prop::collection::vec(prop_oneof![4 => (0..5_u8).prop_map(f64::from), 1 => Just(f64::NAN)], 0..20), seed: u64,
    ) {
        let mut scored: Vec<(String, f64)> = scores.iter().enumerate().map(|(at, score)| (format!("bid_{at:02}"), *score)).collect();
        let named = |scored: &[(String, f64)]| -> Vec<String> { order(scored).into_iter().map(|at| scored[at].0.clone()).collect() };
        let before = named(&scored);
        Random::new(seed).shuffle(&mut scored);
        prop_assert_eq!(&before, &named(&scored));
        let score = |id: &String| scored.iter().find(|one| one.0 == *id).unwrap().1;
        for pair in before.windows(2) {
            let (first, second) = (score(&pair[0]), score(&pair[1]));
            prop_assert!(second.is_nan() || first > second || (first == second && pair[0] < pair[1]));
        }
    }

    #[test]
    fn a_reputation_lies_between_the_ratings_and_the_prior(
        mean in 0.0..=1.0_f64, count in 0..500_u32, prior in 0.0..=1.0_f64, strength in 0.1..200.0_f64, better in 0.0..=1.0_f64,
    ) {
        let of = |mean: f64, count| Prior { mean: prior, strength }.shrink(Ratings { mean, count });
        let found = of(mean, count);
        prop_assert!(mean.min(prior) - 1e-12 <= found && found <= mean.max(prior) + 1e-12);
        prop_assert!(of(mean.min(better), count) <= of(mean.max(better), count));
        prop_assert!((of(mean, count + 1) - mean).abs() <= (found - mean).abs() + 1e-12);
    }

    #[test]
    fn two_perfect_reviews_never_beat_two_hundred_good_ones(usual in 0.0..0.92_f64, strength in 10.0..200.0_f64) {
        let prior = Prior { mean: usual, strength };
        let (few, many) = (Ratings::of_stars(5.0, 5.0, 2).unwrap(), Ratings::of_stars(4.7, 5.0, 200).unwrap());
        prop_assert!(prior.shrink(few) < prior.shrink(many));
    }
}

/// Providers whose true shares are uniform within `spread` of `mean`.
fn population(providers: usize, mean: f64, spread: f64, seed: u64) -> Vec<Ratings> {
    let mut random = Random::new(seed);
    (0..providers)
        .map(|_| {
            let share = mean + spread * (2.0 * random.share() - 1.0);
            let count = 1 + random.below(60) as u32;
            let good = (0..count).filter(|_| random.share() < share).count();
            Ratings {
                mean: good as f64 / f64::from(count),
                count,
            }
        })
        .collect()
}

#[test]
fn the_prior_of_a_population_is_found() {
    let found = Prior::estimate(&population(3_000, 0.8, 0.15, 1), Prior::default());
    // Shares are uniform within 0.15 of 0.8: a variance of 0.0225 / 3, and so a strength of 0.16 · 3 / 0.0225 - 1.
    assert!((found.mean - 0.8).abs() < 0.01, "{found:?}");
    assert!((found.strength - 20.3).abs() < 3.0, "{found:?}");
    let alike = Prior::estimate(&population(3_000, 0.8, 0.0, 2), Prior::default());
    assert!(alike.strength > 100.0, "{alike:?}");
}

#[test]
fn too_small_a_population_says_nothing() {
    let fallback = Prior {
        mean: 0.6,
        strength: 7.0,
    };
    assert_eq!(Prior::estimate(&[], fallback), fallback);
    assert_eq!(
        Prior::estimate(&population(19, 0.8, 0.2, 1), fallback),
        fallback
    );
    let single = vec![
        Ratings {
            mean: 1.0,
            count: 1
        };
        500
    ];
    assert_eq!(Prior::estimate(&single, fallback), fallback);
    assert!(
        Ratings::of_stars(5.5, 5.0, 3).is_none() && Ratings::of_stars(f64::NAN, 5.0, 3).is_none()
    );
}

#[test]
fn a_breakdown_says_what_it_was_read_from() {
    let bid = Bid {
        price_cents: Some(110_000),
        reference: Reference::new(80_000, 100_000, 140_000),
        budget_cents: Some(100_000),
        delay_days: Some(30),
        deadline_days: Some(30),
        flags: Some(Tally { found: 1, of: 4 }),
        ..Bid::default()
    };
    let weights = WeightParams::new(Formula::Global).check().unwrap();
    let found = weights.score(&bid.read()).unwrap();
    assert_eq!(found.unknown, [Term::Quality, Term::Fit, Term::Loc]);
    let told = serde_json::to_value(&found).unwrap();
    assert_eq!(told["parts"][0]["term"], "price");
    assert_eq!(
        told["parts"][0]["inputs"][0],
        serde_json::json!(["price_cents", 110_000])
    );
    // 110 is a quarter of the way from p50 to p90, and 10 % above the budget, of which 25 % are worth nothing.
    assert!((found.parts[0].value - 0.375 * 0.6).abs() < 1e-12);
    assert_eq!((found.parts[1].value, found.parts[2].value), (0.5, 0.75));
    assert!((found.parts[1].weight - 0.2).abs() < 1e-12);
    assert!((found.known_weight - 0.5).abs() < 1e-12);
    assert_eq!(found.strengths()[0].term, Term::Risk);
    assert_eq!(found.weaknesses()[0].term, Term::Price);
    let nothing = weights.score(&Bid::default().read()).unwrap();
    assert_eq!((nothing.score, nothing.known_weight), (0.0, 0.0));
}

#[test]
fn a_person_is_scored_by_the_terms_of_people() {
    let person = Person {
        fit: Some(0.9),
        ratings: Ratings::of_stars(4.5, 5.0, 40),
        asked_cents: Some(9_000),
        budget_cents: Some(8_000),
        open_slots: Some(2),
        within_days: 14,
        ..Person::default()
    };
    let weights = WeightParams::new(Formula::People).check().unwrap();
    let found = weights.score(&person.read()).unwrap();
    let values: Vec<f64> = found.parts.iter().map(|part| part.value).collect();
    assert_eq!(found.unknown, [Term::Loc, Term::Risk]);
    assert!((values[1] - (0.9 * 40.0 + 5.0) / 50.0).abs() < 1e-12);
    assert!((values[2] - 0.5).abs() < 1e-12 && (values[3] - 0.5).abs() < 1e-12);
    let bids = WeightParams::new(Formula::Global).check().unwrap();
    assert!(bids.score(&person.read()).is_err());
}

#[test]
fn weights_that_make_no_sense_are_refused() {
    let global = || WeightParams::new(Formula::Global);
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(global().weight("price", bad).unwrap().check().is_err());
    }
    match global().weight("reputation", 0.5) {
        Err(TabularError::UnknownFeature { known, .. }) => assert_eq!(known.len(), 6),
        other => panic!("{other:?}"),
    }
    let mut none = global();
    for term in Formula::Global.terms() {
        none = none.weight(term.name(), 0.0).unwrap();
    }
    assert!(none.check().is_err());
    let shares = global().check().unwrap().shares();
    assert_eq!(shares.iter().map(|(_, share)| share).sum::<f64>(), 1.0);
}
