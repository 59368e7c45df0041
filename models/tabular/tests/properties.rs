//! What holds for every table and every model of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use linfa::traits::Fit;
use proptest::prelude::*;
use tabular::metrics::{calibration_error, coverage, mean_pinball, weighted_quantile};
use tabular::{
    BoostParams, Boosted, Column, Direction, Lists, Loss, Random, Table, TabularError, Training,
    Value, digest, folds, from_bytes, lists, select, select_lists, to_bytes, training,
};

/// Rows of `size` (a number, sometimes missing), `age` (a number) and `trade` (a category), whose target rises with `size`.
fn planted(rows: usize, seed: u64) -> Training {
    let mut random = Random::new(seed);
    let (mut sizes, mut ages, mut trades, mut targets) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (size, age, trade) = (random.share() * 10.0, random.share() * 5.0, random.below(4));
        let noise = random.share() + random.share() - 1.0;
        targets.push(size + [0.0, 3.0, -2.0, 1.0][trade] + (age - 2.5).abs() + noise);
        sizes.push(if random.share() < 0.1 { f64::NAN } else { size });
        ages.push(age);
        trades.push(Some(
            ["fraisage", "peinture", "soudage", "tournage"][trade].to_owned(),
        ));
    }
    let columns = [
        Column::numbers("size", sizes),
        Column::numbers("age", ages),
        Column::labels("trade", trades),
    ];
    training(Table::new(&columns).unwrap(), targets, None).unwrap()
}

fn params(loss: Loss) -> BoostParams {
    BoostParams::new(loss, 7)
        .rounds(60)
        .leaves(8)
        .category_rows(20)
}

fn fitted(loss: Loss) -> Boosted {
    let rising = params(loss).monotone("size", Direction::Rising);
    rising.fit(&planted(600, 1)).unwrap()
}

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    let number = || prop_oneof![9 => -20.0..40.0_f64, 1 => Just(f64::NAN)];
    let category = prop_oneof![9 => (0..6_u8).prop_map(f64::from), 1 => Just(f64::NAN)];
    (number(), number(), category).prop_map(|(size, age, trade)| vec![size, age, trade])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn contributions_sum_to_the_prediction(row in any_row()) {
        let model = fitted_once();
        prop_assert!((model.contributions(&row).sum() - model.predict(&row)).abs() < 1e-9);
    }

    #[test]
    fn a_rising_effect_never_falls(row in any_row(), a in -20.0..40.0_f64, b in -20.0..40.0_f64) {
        let model = fitted_once();
        let at = |size: f64| model.predict(&[size, row[1], row[2]]);
        prop_assert!(at(a.min(b)) <= at(a.max(b)));
    }

    #[test]
    fn no_group_is_on_both_sides(groups in prop::collection::vec(0..20_u8, 30..80), seed: u64) {
        let Ok(parts) = folds::by_group(&groups, 4, seed) else { return Ok(()); };
        let mut judged = vec![0; groups.len()];
        for fold in &parts {
            fold.test.iter().for_each(|row| judged[*row] += 1);
            prop_assert!(fold.test.iter().all(|t| fold.train.iter().all(|r| groups[*t] != groups[*r])));
            prop_assert_eq!(fold.test.len() + fold.train.len(), groups.len());
        }
        prop_assert!(judged.iter().all(|times| *times == 1));
    }

    #[test]
    fn no_fold_by_time_learns_from_what_comes_after(times in prop::collection::vec(0..50_i64, 30..80)) {
        let Ok(parts) = folds::by_time(&times, 3) else { return Ok(()); };
        for fold in parts {
            let newest = fold.train.iter().map(|row| times[*row]).max();
            prop_assert!(fold.test.iter().all(|row| Some(times[*row]) > newest));
        }
    }

    #[test]
    fn a_damaged_model_is_refused(at in 0..2_000_usize, bit in 0..8_u8) {
        let mut bytes = to_bytes(fitted_once()).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(from_bytes::<Boosted>(&bytes).is_err());
        prop_assert!(from_bytes::<Boosted>(&bytes[..at]).is_err());
    }
}

fn fitted_once() -> &'static Boosted {
    static MODEL: std::sync::OnceLock<Boosted> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| fitted(Loss::Pinball(0.5)))
}

#[test]
fn every_loss_learns_what_was_planted() {
    let (data, new) = (planted(2_000, 2), planted(500, 3));
    let squares = |model: &Boosted| -> f64 {
        let rows = (0..500).map(|row| model.predict(&new.records.row(row)) - new.targets[row]);
        rows.map(|error| error * error).sum::<f64>() / 500.0
    };
    let constant: f64 = {
        let mean = data.targets.mean().unwrap();
        new.targets
            .iter()
            .map(|y| (y - mean) * (y - mean))
            .sum::<f64>()
            / 500.0
    };
    for loss in [Loss::Squared, Loss::Pinball(0.5)] {
        let error = squares(&params(loss).rounds(150).fit(&data).unwrap());
        // A tenth of the rows has no size, which alone leaves some 8 % of the variance.
        assert!(error < 0.2 * constant, "{loss:?}: {error} of {constant}");
    }
    let high: Vec<f64> = data
        .targets
        .iter()
        .map(|y| f64::from(u8::from(*y > 7.0)))
        .collect();
    let chances = training(data.records, high, None).unwrap();
    let model = params(Loss::Logistic).fit(&chances).unwrap();
    let right = (0..500)
        .filter(|row| (model.predict(&new.records.row(*row)) > 0.0) == (new.targets[*row] > 7.0));
    assert!(right.count() > 425);
}

#[test]
fn pinball_levels_are_the_shares_below() {
    let (data, new) = (planted(3_000, 4), planted(2_000, 5));
    for level in [0.1, 0.5, 0.9] {
        let model = BoostParams::new(Loss::Pinball(level), 1)
            .rounds(80)
            .leaves(6)
            .fit(&data)
            .unwrap();
        let below =
            (0..2_000).filter(|row| new.targets[*row] <= model.predict(&new.records.row(*row)));
        let share = below.count() as f64 / 2_000.0;
        assert!((share - level).abs() < 0.06, "{share} at {level}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let data = planted(40_000, 6);
    let drawn = |seed| {
        let params = BoostParams::new(Loss::Squared, seed).rounds(5);
        params.row_share(0.7).feature_share(0.7)
    };
    let on = |threads: usize, seed: u64| {
        let pool = rayon_pool(threads);
        pool.install(|| digest(&drawn(seed).fit(&data).unwrap()).unwrap())
    };
    assert_eq!(on(1, 8), on(3, 8));
    assert_ne!(on(1, 8), on(1, 9));
}

/// Lists of four rows, the one of the greatest target being the good one.
fn planted_lists(count: usize, seed: u64) -> Lists {
    let data = planted(4 * count, seed);
    let mut gains = vec![0.0; 4 * count];
    for list in 0..count {
        let rows = 4 * list..4 * list + 4;
        let best = rows.max_by(|a, b| data.targets[*a].total_cmp(&data.targets[*b]));
        gains[best.unwrap()] = 1.0;
    }
    let data = training(data.records, gains, None).unwrap();
    lists(data, (0..4 * count).map(|row| row / 4).collect()).unwrap()
}

#[test]
fn ranked_trees_find_the_best_of_a_list_whatever_the_order_of_the_rows() {
    let (data, new) = (planted_lists(800, 2), planted_lists(300, 3));
    let ranked = params(Loss::Ranked { depth: 5 }).ridge(1.0);
    let model = ranked.fit(&data).unwrap();
    let right = |model: &Boosted| {
        let table = new.records.table();
        let said: Vec<f64> = (0..1_200)
            .map(|row| model.predict(&table.row(row)))
            .collect();
        let best = |list: &usize| {
            let rows = 4 * list..4 * list + 4;
            rows.max_by(|a, b| said[*a].total_cmp(&said[*b])).unwrap()
        };
        (0..300)
            .filter(|list| new.targets[best(list)] == 1.0)
            .count()
    };
    // A tenth of the sizes is missing; by lot it would be 75.
    assert!(right(&model) > 210, "{}", right(&model));
    let mut order: Vec<usize> = (0..3_200).collect();
    Random::new(5).shuffle(&mut order);
    let shuffled = ranked.fit(&select_lists(&data, &order)).unwrap();
    for row in 0..1_200 {
        let row = new.records.table().row(row);
        assert!((model.predict(&row) - shuffled.predict(&row)).abs() < 1e-6);
    }
}

#[test]
fn lists_are_wanted_by_their_loss_and_by_no_other() {
    let data = planted_lists(50, 1);
    let rows = tabular::ungrouped(&data);
    assert!(params(Loss::Ranked { depth: 5 }).fit(&rows).is_err());
    assert!(params(Loss::Ranked { depth: 0 }).fit(&data).is_err());
    let (of_lists, of_rows) = (
        params(Loss::Squared).fit(&data),
        params(Loss::Squared).fit(&rows),
    );
    assert_eq!(
        digest(&of_lists.unwrap()).unwrap(),
        digest(&of_rows.unwrap()).unwrap()
    );
    let negative = training(rows.records.clone(), vec![-1.0; 200], None).unwrap();
    assert!(lists(negative, vec![0; 200]).is_err());
    assert!(lists(rows, vec![0; 3]).is_err());
}

fn rayon_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn a_row_of_no_weight_is_as_none() {
    let data = planted(400, 9);
    let kept: Vec<usize> = (0..400).filter(|row| row % 3 > 0).collect();
    let weights = (0..400)
        .map(|row| if row % 3 > 0 { 1.0 } else { 0.0 })
        .collect();
    let weighted = training(data.records.clone(), data.targets.to_vec(), Some(weights)).unwrap();
    let whole = params(Loss::Squared).fit(&weighted).unwrap();
    let part = params(Loss::Squared).fit(&select(&data, &kept)).unwrap();
    assert_eq!(digest(&whole).unwrap(), digest(&part).unwrap());
}

#[test]
fn a_model_reads_back_as_it_was_written() {
    let model = fitted_once();
    let bytes = to_bytes(model).unwrap();
    assert_eq!(&from_bytes::<Boosted>(&bytes).unwrap(), model);
}

#[test]
fn a_request_is_told_what_would_be_right() {
    let schema = planted(10, 1).records.schema().clone();
    let row = schema
        .row(&[
            ("trade", Value::Text("soudage")),
            ("age", Value::Number(2.0)),
        ])
        .unwrap();
    assert!(row[0].is_nan() && row[1] == 2.0);
    match schema.row(&[("trade", Value::Text("magie"))]) {
        Err(TabularError::UnknownCategory { feature, known, .. }) => {
            assert_eq!(
                (feature.as_str(), known.len() <= 4, known.is_empty()),
                ("trade", true, false)
            );
        }
        other => panic!("{other:?}"),
    }
    let wrong = |values| matches!(schema.row(values), Err(TabularError::WrongKind { .. }));
    assert!(wrong(&[("age", Value::Text("vieux"))]));
    assert!(wrong(&[("age", Value::Number(f64::INFINITY))]));
    let unknown = schema.row(&[("colour", Value::Missing)]);
    assert!(matches!(unknown, Err(TabularError::UnknownFeature { .. })));
}

#[test]
fn settings_out_of_range_are_refused() {
    let data = planted(50, 1);
    for bad in [
        params(Loss::Pinball(1.0)),
        params(Loss::Squared).rounds(0),
        params(Loss::Squared).learning_rate(0.0),
        params(Loss::Squared).leaves(1),
        params(Loss::Squared).ridge(f64::NAN),
        params(Loss::Squared).row_share(1.5),
        params(Loss::Squared).monotone("trade", Direction::Rising),
        params(Loss::Squared).monotone("nothing", Direction::Rising),
        params(Loss::Logistic),
    ] {
        assert!(bad.fit(&data).is_err(), "{bad:?}");
    }
}

#[test]
fn metrics_are_those_of_the_book() {
    assert_eq!(
        weighted_quantile(0.5, &[3.0, 1.0, 2.0], &[1.0, 1.0, 1.0]),
        Some(2.0)
    );
    assert_eq!(
        weighted_quantile(0.5, &[3.0, 1.0, 2.0], &[5.0, 1.0, 1.0]),
        Some(3.0)
    );
    assert_eq!(weighted_quantile(0.1, &[1.0], &[0.0]), None);
    // 10 % of an error of 2 above, 90 % of an error of 1 below.
    let loss = mean_pinball(&[0.1], &[2.0, 0.0], &[vec![0.0], vec![1.0]]);
    assert!((loss - (0.2 + 0.9) / 2.0).abs() < 1e-12);
    assert_eq!(coverage(&[1.0, 5.0], &[(0.0, 1.0), (0.0, 4.0)]), 0.5);
    // Always 0.7, right half of the time.
    let error = calibration_error(&[1.0, 0.0], &[0.7, 0.7], 10);
    assert!((error - 0.2).abs() < 1e-12);
}
