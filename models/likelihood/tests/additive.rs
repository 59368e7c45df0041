//! What holds for additive models.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use likelihood::{
    Additive, AdditiveParams, Candidate, LikelihoodModel, LikelihoodParams, LogisticParams,
};
use linfa::ParamGuard;
use linfa::traits::Fit;
use proptest::prelude::*;
use tabular::{
    Column, Direction, Random, Table, Training, digest, folds, from_bytes, sigmoid, to_bytes,
    training,
};

/// Outcomes of two numbers, one of which may be missing, and of a label; a third number has no part in them.
fn outcomes(rows: usize, seed: u64, odds: impl Fn(f64, f64, usize) -> f64) -> Training {
    let mut random = Random::new(seed);
    let (mut firsts, mut seconds, mut noises) = (vec![], vec![], vec![]);
    let (mut trades, mut done) = (vec![], vec![]);
    for _ in 0..rows {
        let (first, second) = (2.0 * random.share() - 1.0, 2.0 * random.share() - 1.0);
        let trade = random.below(3);
        let chance = sigmoid(odds(first, second, trade));
        done.push(f64::from(u8::from(random.share() < chance)));
        let is_known = random.share() > 0.05;
        firsts.push(if is_known { first } else { f64::NAN });
        seconds.push(second);
        noises.push(random.share());
        trades.push(Some(["peinture", "soudage", "usinage"][trade].to_owned()));
    }
    let columns = [
        Column::numbers("first", firsts),
        Column::numbers("second", seconds),
        Column::numbers("noise", noises),
        Column::labels("trade", trades),
    ];
    training(Table::new(&columns).unwrap(), done, None).unwrap()
}

/// Rises, then falls, in the first; rises and stays in the second.
fn bent(first: f64, second: f64, trade: usize) -> f64 {
    1.5 - 4.0 * first.abs() + 4.0 * second.clamp(-0.5, 0.0) + [0.8, 0.0, -0.6][trade]
}

fn straight(first: f64, second: f64, trade: usize) -> f64 {
    0.3 + 1.2 * first - 0.7 * second + [0.8, 0.0, -0.6][trade]
}

fn additive(data: &Training, rising: &[&str]) -> Additive {
    let params = rising.iter().fold(AdditiveParams::new(4), |params, name| {
        params.monotone(name, Direction::Rising)
    });
    params.check().unwrap().fit(data).unwrap()
}

fn contest(data: &Training) -> LikelihoodModel {
    let candidates = vec![
        Candidate::Logistic(LogisticParams::new(4)),
        Candidate::boosted(4),
        Candidate::Additive(AdditiveParams::new(4)),
    ];
    let folds = folds::random(data.records.rows(), 5, 2).unwrap();
    let params = LikelihoodParams::new(candidates, folds);
    let rising = params.monotone("second", Direction::Rising);
    rising.fit(data).unwrap()
}

/// The first of the two bends, whose rising half alone may be followed, and the other way about.
fn held() -> &'static Additive {
    static MODEL: std::sync::OnceLock<Additive> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| additive(&outcomes(2_000, 1, bent), &["first", "second"]))
}

fn champion() -> &'static LikelihoodModel {
    static MODEL: std::sync::OnceLock<LikelihoodModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| contest(&outcomes(3_000, 7, bent)))
}

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    let number = || prop_oneof![9 => -2.0..2.0_f64, 1 => Just(f64::NAN)];
    let category = prop_oneof![9 => (0..5_u8).prop_map(f64::from), 1 => Just(f64::NAN)];
    (number(), number(), number(), category).prop_map(|(a, b, c, trade)| vec![a, b, c, trade])
}

proptest! {
    #[test]
    fn what_is_held_to_rise_never_falls(
        row in any_row(), place in 0..2_usize, a in -2.0..2.0_f64, b in -2.0..2.0_f64,
    ) {
        let at = |value: f64| {
            let mut row = row.clone();
            row[place] = value;
            (held().contributions(&row).sum(), champion().predict(&row))
        };
        let (low, high) = (at(a.min(b)), at(a.max(b)));
        prop_assert!(low.0 <= high.0);
        // The champion is held in the second alone.
        prop_assert!(place == 0 || low.1 <= high.1);
    }

    #[test]
    fn contributions_sum_to_the_likelihood(row in any_row()) {
        let explained = champion().explain(&row);
        let sum = explained.parts.iter().fold(explained.base, |sum, (_, part)| sum + part);
        prop_assert!((sum - champion().predict(&row)).abs() < 1e-9);
        prop_assert!(explained.parts.len() <= 5, "one part per feature, and the calibration's");
    }
}

#[test]
fn bends_that_no_line_has_are_found() {
    let report = champion().report();
    assert_eq!(report.champion.name, "additive");
    let loss = |name: &str| {
        let of_name = report.candidates.iter().filter(|one| one.name == name);
        of_name
            .map(|one| one.log_loss)
            .fold(f64::INFINITY, f64::min)
    };
    assert!(loss("additive") < loss("logistic") - 0.03, "{report:?}");
    let free = additive(&outcomes(3_000, 7, bent), &[]);
    let parts = |first| free.contributions(&[first, 0.0, 0.5, 0.0]).parts[0];
    // 4 log odds from the middle to the ends, in truth.
    for end in [-1.0, 1.0] {
        let fall = parts(0.0) - parts(end);
        assert!((2.5..5.5).contains(&fall), "{fall}");
    }
}

#[test]
fn without_a_bend_it_is_a_line_and_what_has_no_effect_is_left_out() {
    let model = additive(&outcomes(4_000, 3, straight), &[]);
    let part = |place: usize, value: f64| {
        let mut row = [0.0, 0.0, 0.5, 0.0];
        row[place] = value;
        model.contributions(&row).parts[place]
    };
    for at in [-0.9, -0.5, 0.0, 0.5, 0.9] {
        assert!((part(0, at) - 1.2 * at).abs() < 0.2, "first at {at}");
        assert!((part(1, at) + 0.7 * at).abs() < 0.2, "second at {at}");
        assert!(part(2, at.abs()).abs() < 0.05, "noise at {at}");
    }
}

#[test]
fn what_runs_against_its_direction_has_no_effect() {
    let falling = |first: f64, second: f64, _: usize| first - 2.0 * second;
    let model = additive(&outcomes(1_000, 5, falling), &["second"]);
    let part = |second| model.contributions(&[0.0, second, 0.5, 0.0]).parts[1];
    for second in [-1.0, -0.3, 0.2, 1.0, f64::NAN] {
        assert_eq!(part(second), 0.0, "at {second}");
    }
}

#[test]
fn outcomes_of_one_kind_have_a_finite_fit() {
    let model = additive(&outcomes(60, 5, |_, _, _| 60.0), &["second"]);
    assert!(sigmoid(model.contributions(&[0.0, 0.0, 0.5, 0.0]).sum()) > 0.95);
}

#[test]
fn refitting_gives_the_same_digest_and_the_bytes_read_back() {
    let again = contest(&outcomes(3_000, 7, bent));
    assert_eq!(digest(&again).unwrap(), digest(champion()).unwrap());
    let bytes = to_bytes(champion()).unwrap();
    assert_eq!(&from_bytes::<LikelihoodModel>(&bytes).unwrap(), champion());
}

#[test]
fn settings_out_of_range_are_refused() {
    assert!(AdditiveParams::new(1).parts(1).check().is_err());
    assert!(AdditiveParams::new(1).smoothing(-1.0).check().is_err());
    let label = AdditiveParams::new(1).monotone("trade", Direction::Rising);
    assert!(label.check().unwrap().fit(&outcomes(60, 5, bent)).is_err());
}
