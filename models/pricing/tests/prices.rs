//! What holds for every price model.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use linfa::traits::Fit;
use pricing::{
    BoostedParams, CalibrationRows, Candidate, Conformal, ConformalParams, GroupParams,
    LinearParams, Part, PriceModel, PriceParams, Rule, Scale, apply_rules, outliers,
};
use proptest::prelude::*;
use tabular::{
    Column, GateParams, Random, Refusal, Table, Training, digest, folds, from_bytes, judge,
    to_bytes, training,
};

const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

/// Prices of jobs that rise with their hours, differ by trade and spread more where a job is long.
fn market(rows: usize, seed: u64) -> Training {
    let mut random = Random::new(seed);
    let (mut hours, mut regions, mut trades, mut prices) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (time, region, trade) = (
            1.0 + 99.0 * random.share(),
            random.below(5),
            random.below(3),
        );
        let noise = (random.share() + random.share() + random.share() - 1.5) * (0.2 + time / 200.0);
        prices.push([40.0, 65.0, 90.0][trade] * time.powf(0.9) * noise.exp());
        hours.push(if random.share() < 0.05 {
            f64::NAN
        } else {
            time
        });
        regions.push(Some(format!("région {region}")));
        trades.push(Some(["peinture", "soudage", "usinage"][trade].to_owned()));
    }
    let columns = [
        Column::numbers("hours", hours),
        Column::labels("region", regions),
        Column::labels("trade", trades),
    ];
    training(Table::new(&columns).unwrap(), prices, None).unwrap()
}

fn candidates() -> Vec<Candidate> {
    let few = |params: tabular::BoostParams| params.rounds(80).leaves(8);
    let boosted = Candidate::Boosted(BoostedParams::new(&LEVELS, 3).settings(few));
    let linear = Candidate::Linear(LinearParams::new(&LEVELS, 3));
    vec![
        Candidate::Groups(GroupParams::new(
            &LEVELS,
            &[&["trade"], &["trade", "region"]],
        )),
        linear,
        boosted,
    ]
}

fn params(rows: usize) -> PriceParams {
    let folds = folds::random(rows, 5, 11).unwrap();
    PriceParams::new(&LEVELS, candidates(), folds).calibration_group("trade")
}

fn model() -> &'static PriceModel {
    static MODEL: std::sync::OnceLock<PriceModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| params(1_500).fit(&market(1_500, 1)).unwrap())
}

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![9 => -1e3..1e4_f64, 1 => Just(f64::NAN)];
    let category = || prop_oneof![9 => (0..7_u8).prop_map(f64::from), 1 => Just(f64::NAN)];
    (number, category(), category()).prop_map(|(hours, region, trade)| vec![hours, region, trade])
}

proptest! {
    #[test]
    fn prices_never_cross(row in any_row()) {
        let prices = model().predict(&row);
        prop_assert!(prices.windows(2).all(|pair| pair[0] <= pair[1]), "{prices:?}");
    }

    #[test]
    fn contributions_sum_to_the_price_that_is_predicted(row in any_row(), floor in 1.0..5_000.0_f64) {
        let mut explained = model().explain(&row);
        for (explanation, price) in explained.iter().zip(model().predict(&row)) {
            prop_assert!((explanation.price / price - 1.0).abs() < 1e-9);
        }
        let rules = [
            Rule::Floor { name: "SMIC".to_owned(), price: floor },
            Rule::Ceiling { name: "budget".to_owned(), price: 3_000.0 },
        ];
        apply_rules(&mut explained, &rules);
        for explanation in &explained {
            let sum = explanation.parts.iter().fold(explanation.base, |sum, (_, part)| sum + part);
            prop_assert!((sum - explanation.price).abs() <= 1e-9 * (explanation.price + explanation.base));
            prop_assert!(explanation.price <= 3_000.0);
        }
        prop_assert!(explained.windows(2).all(|pair| pair[0].price <= pair[1].price));
    }

    #[test]
    fn every_candidate_sums_and_keeps_its_levels_in_order(row in any_row()) {
        for fitted in each_candidate() {
            let (values, sums) = (fitted.predict(&row), fitted.contributions(&row));
            for (value, sum) in values.iter().zip(&sums) {
                prop_assert!((value - sum.sum()).abs() < 1e-8 * (1.0 + value.abs()));
            }
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}

fn each_candidate() -> &'static [pricing::Quantiles] {
    static ALL: std::sync::OnceLock<Vec<pricing::Quantiles>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        let data = market(500, 2);
        let logs = Scale::Logarithm.fitted(&data.targets.to_vec()).unwrap();
        let data = training(data.records, logs, None).unwrap();
        candidates()
            .iter()
            .map(|candidate| candidate.fit(&data).unwrap())
            .collect()
    })
}

#[test]
fn an_interval_of_80_percent_holds_80_percent_of_new_prices_in_every_trade() {
    let new = market(6_000, 5);
    let mut held = [(0, 0); 3];
    for row in 0..6_000 {
        let values = new.records.row(row);
        let prices = model().predict(&values);
        let trade = &mut held[values[2] as usize];
        trade.0 += 1;
        trade.1 += usize::from(prices[0] <= new.targets[row] && new.targets[row] <= prices[2]);
    }
    for (rows, within) in held {
        let share = within as f64 / rows as f64;
        // Two standard errors of 500 calibration rows per trade.
        assert!((share - 0.8).abs() < 0.036, "{share}");
    }
    let said = &model().report().coverage;
    assert_eq!(said.len(), 4);
    assert!((said[0].share - 0.8).abs() < 0.02);
}

#[test]
fn conformal_shifts_mend_an_interval_that_is_too_narrow() {
    let mut random = Random::new(4);
    let targets: Vec<f64> = (0..2_000).map(|_| random.share()).collect();
    let predicted = vec![vec![0.4, 0.5, 0.6]; 2_000];
    let ones = vec![1.0; 2_000];
    let rows = CalibrationRows {
        predicted: &predicted,
        targets: &targets,
        weights: &ones,
        groups: None,
    };
    let fitted = Conformal::fit(&LEVELS, rows, ConformalParams::default()).unwrap();
    let mended = fitted.apply(&[0.4, 0.5, 0.6], None);
    let near = mended
        .iter()
        .zip([0.1, 0.5, 0.9])
        .all(|(found, wanted)| (found - wanted).abs() < 0.03);
    assert!(near, "{mended:?}");
    // Rows of weight have the word: all of it lies in the upper half.
    let weights: Vec<f64> = targets
        .iter()
        .map(|y| if *y > 0.5 { 1.0 } else { 0.0 })
        .collect();
    let rows = CalibrationRows {
        weights: &weights,
        ..rows
    };
    let fitted = Conformal::fit(&LEVELS, rows, ConformalParams::default()).unwrap();
    assert!(fitted.apply(&[0.4, 0.5, 0.6], None)[0] > 0.5);
}

#[test]
fn the_champion_is_the_best_out_of_fold_and_beats_a_constant() {
    let report = model().report();
    let least = report
        .candidates
        .iter()
        .map(|one| one.pinball)
        .fold(f64::INFINITY, f64::min);
    assert_eq!(report.pinball, least);
    assert!(
        report
            .candidates
            .iter()
            .any(|one| one.name == report.champion && one.pinball == least)
    );
    assert!(report.skill() > 0.4, "{report:?}");
    assert!(
        judge(
            report.evidence(Some(report.pinball), 0.8),
            GateParams::default()
        )
        .is_empty()
    );
}

#[test]
fn shuffled_prices_are_refused_by_the_gate() {
    let data = market(1_000, 6);
    let mut prices = data.targets.to_vec();
    Random::new(1).shuffle(&mut prices);
    let poisoned = training(data.records, prices, None).unwrap();
    let report = params(1_000).fit(&poisoned).unwrap().report().clone();
    let refusals = judge(
        report.evidence(Some(model().report().pinball), 0.8),
        GateParams::default(),
    );
    assert!(
        matches!(refusals[0], Refusal::LearntNothing { .. }),
        "{refusals:?}"
    );
    assert!(matches!(refusals[1], Refusal::Worse { .. }), "{refusals:?}");
}

#[test]
fn refitting_gives_the_same_digest_and_the_bytes_read_back() {
    let again = params(1_500).fit(&market(1_500, 1)).unwrap();
    assert_eq!(digest(&again).unwrap(), digest(model()).unwrap());
    let bytes = to_bytes(model()).unwrap();
    assert_eq!(&from_bytes::<PriceModel>(&bytes).unwrap(), model());
    assert!(from_bytes::<PriceModel>(&bytes[1..]).is_err());
}

#[test]
fn a_thin_group_is_as_the_one_that_holds_it() {
    let data = market(300, 7);
    let groups = GroupParams::new(&LEVELS, &[&["trade"], &["trade", "region"]]);
    let all = groups.clone().least_rows(301).fit(&data).unwrap();
    let by_trade = groups.clone().least_rows(60).fit(&data).unwrap();
    let row = |trade: f64, region: f64| vec![f64::NAN, region, trade];
    assert_eq!(all.predict(&row(0.0, 0.0)), all.predict(&row(2.0, 4.0)));
    assert_eq!(
        by_trade.predict(&row(0.0, 0.0)),
        by_trade.predict(&row(0.0, 3.0))
    );
    assert_ne!(
        by_trade.predict(&row(0.0, 0.0)),
        by_trade.predict(&row(2.0, 0.0))
    );
    // A trade that was never seen is as all.
    assert_eq!(
        by_trade.predict(&row(6.0, 0.0)),
        all.predict(&row(0.0, 0.0))
    );
}

#[test]
fn rules_are_named_where_they_change_a_price() {
    let mut explained = model().explain(&[10.0, 0.0, 0.0]);
    let untouched = explained[2].clone();
    let between = (explained[0].price + explained[2].price) / 2.0;
    apply_rules(
        &mut explained,
        &[Rule::Floor {
            name: "SMIC".to_owned(),
            price: between,
        }],
    );
    assert_eq!(explained[0].price, between);
    assert_eq!(
        explained[0].parts.last().map(|part| &part.0),
        Some(&Part::Rule("SMIC".to_owned()))
    );
    assert_eq!(explained[2], untouched);
}

#[test]
fn slips_of_the_keyboard_are_outliers_and_dear_jobs_are_not() {
    let mut logs: Vec<f64> = (0..100).map(|at| 8.0 + f64::from(at) / 50.0).collect();
    logs.extend([0.0, 11.0, 20.0]);
    let found: Vec<usize> = outliers(&logs, 6.0)
        .iter()
        .enumerate()
        .filter(|o| *o.1)
        .map(|o| o.0)
        .collect();
    assert_eq!(found, [100, 102]);
}

#[test]
fn a_price_of_nothing_has_no_logarithm() {
    let data = market(100, 8);
    let mut prices = data.targets.to_vec();
    prices[3] = 0.0;
    let zero = training(data.records, prices, None).unwrap();
    assert!(params(100).fit(&zero).is_err());
}

#[test]
fn drift_shows_in_folds_by_time() {
    let data = market(2_000, 9);
    // In the last quarter prices spread far more than before.
    let mut random = Random::new(3);
    let prices = data.targets.iter().enumerate();
    let drifted = prices.map(|(row, price)| {
        price
            * if row < 1_500 {
                1.0
            } else {
                (4.0 * random.share()).exp()
            }
    });
    let drifted = training(data.records.clone(), drifted.collect(), None).unwrap();
    let times: Vec<i64> = (0..2_000).collect();
    let candidates = vec![Candidate::Linear(LinearParams::new(&LEVELS, 1))];
    let params = PriceParams::new(&LEVELS, candidates, folds::by_time(&times, 3).unwrap());
    let folds = &params.fit(&drifted).unwrap().report().folds.clone();
    assert_eq!(
        folds.iter().map(|fold| fold.rows).collect::<Vec<_>>(),
        [500, 500, 500]
    );
    assert!(folds[2].calibrated > 1.5 * folds[1].calibrated, "{folds:?}");
    assert!(folds[2].coverage < 0.7, "{folds:?}");
}
