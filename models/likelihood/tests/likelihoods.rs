//! What holds for every likelihood.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use likelihood::{
    Answer, Calibration, CalibrationKind, Candidate, LikelihoodModel, LikelihoodParams,
    LogisticParams, Question,
};
use linfa::traits::Fit;
use proptest::prelude::*;
use tabular::metrics::{calibration_error, log_loss};
use tabular::{
    Column, Direction, GateParams, Random, Refusal, Table, Training, digest, folds, from_bytes,
    judge, sigmoid, to_bytes, training,
};

/// Projects whose chance rises with what is offered against the usual price, with a bend that no line has; returns the true chances too.
fn projects(rows: usize, seed: u64) -> (Training, Vec<f64>) {
    let mut random = Random::new(seed);
    let (mut offers, mut days, mut trades) = (vec![], vec![], vec![]);
    let (mut chances, mut done) = (vec![], vec![]);
    for _ in 0..rows {
        let (offer, time, trade) = (0.5 + random.share(), 60.0 * random.share(), random.below(3));
        let odds = 4.0 * (offer - 1.0).clamp(-0.2, 0.3) + [0.8, 0.0, -0.6][trade]
            - (time - 30.0).abs() / 8.0
            + 1.8;
        chances.push(sigmoid(odds));
        done.push(f64::from(u8::from(random.share() < sigmoid(odds))));
        offers.push(if random.share() < 0.03 {
            f64::NAN
        } else {
            offer
        });
        days.push(time);
        trades.push(Some(["peinture", "soudage", "usinage"][trade].to_owned()));
    }
    let columns = [
        Column::numbers("offer", offers),
        Column::numbers("days", days),
        Column::labels("trade", trades),
    ];
    (
        training(Table::new(&columns).unwrap(), done, None).unwrap(),
        chances,
    )
}

fn params(rows: usize) -> LikelihoodParams {
    let folds = folds::random(rows, 5, 2).unwrap();
    let candidates = vec![
        Candidate::Logistic(LogisticParams::new(4)),
        Candidate::boosted(4),
    ];
    LikelihoodParams::new(candidates, folds).monotone("offer", Direction::Rising)
}

fn model() -> &'static LikelihoodModel {
    static MODEL: std::sync::OnceLock<LikelihoodModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| params(4_000).fit(&projects(4_000, 1).0).unwrap())
}

fn logistic() -> &'static LikelihoodModel {
    static MODEL: std::sync::OnceLock<LikelihoodModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| {
        let folds = folds::random(800, 4, 2).unwrap();
        let candidates = vec![Candidate::Logistic(LogisticParams::new(4))];
        let params = LikelihoodParams::new(candidates, folds).monotone("offer", Direction::Rising);
        params.fit(&projects(800, 2).0).unwrap()
    })
}

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    let number = |to: f64| prop_oneof![9 => 0.0..to, 1 => Just(f64::NAN)];
    let category = prop_oneof![9 => (0..5_u8).prop_map(f64::from), 1 => Just(f64::NAN)];
    (number(3.0), number(90.0), category).prop_map(|(offer, days, trade)| vec![offer, days, trade])
}

proptest! {
    #[test]
    fn contributions_sum_to_the_likelihood(row in any_row()) {
        for model in [model(), logistic()] {
            let explained = model.explain(&row);
            let sum = explained.parts.iter().fold(explained.base, |sum, (_, part)| sum + part);
            prop_assert!((sum - explained.probability).abs() < 1e-9);
            prop_assert!((explained.probability - model.predict(&row)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_higher_offer_is_never_less_likely(row in any_row(), a in 0.0..3.0_f64, b in 0.0..3.0_f64) {
        for model in [model(), logistic()] {
            let at = |offer: f64| model.predict(&[offer, row[1], row[2]]);
            prop_assert!(at(a.min(b)) <= at(a.max(b)));
        }
    }

    #[test]
    fn what_if_finds_the_least_offer_that_is_likely_enough(row in any_row(), wanted in 0.05..0.95_f64) {
        let question = Question { feature: "offer", within: (0.2, 2.0), wanted };
        let at = |offer: f64| model().predict(&[offer, row[1], row[2]]);
        match model().what_if(&row, question).unwrap() {
            Answer::Reached { value, probability } => {
                prop_assert!(probability >= wanted && probability == at(value));
                prop_assert!(value == 0.2 || at(value - 1e-6) < wanted);
            }
            Answer::OutOfReach { value, probability } => {
                prop_assert!(value == 2.0 && probability < wanted && at(2.0) == probability);
            }
        }
    }

    #[test]
    fn every_calibration_rises(
        scores in prop::collection::vec(-5.0..5.0_f64, 2..60), seed: u64, a in -9.0..9.0_f64, b in -9.0..9.0_f64,
    ) {
        let mut random = Random::new(seed);
        let targets: Vec<f64> = scores.iter().map(|_| f64::from(u8::from(random.share() < 0.5))).collect();
        let ones = vec![1.0; scores.len()];
        for kind in [CalibrationKind::None, CalibrationKind::Platt, CalibrationKind::Isotonic] {
            let fitted = Calibration::fit(kind, &scores, &targets, &ones).unwrap();
            prop_assert!(fitted.apply(a.min(b)) <= fitted.apply(a.max(b)));
            prop_assert!(fitted.apply(a).is_finite());
        }
    }
}

#[test]
fn likelihoods_mean_what_they_say() {
    let (new, chances) = projects(6_000, 9);
    let said: Vec<f64> = (0..6_000)
        .map(|row| model().predict(&new.records.row(row)))
        .collect();
    let (targets, report) = (new.targets.to_vec(), model().report());
    assert!(calibration_error(&targets, &said, 10) < 0.03);
    assert!(report.champion.calibration_error < 0.03, "{report:?}");
    assert!(
        report.champion.log_loss < 0.95 * report.constant,
        "{report:?}"
    );
    // Not far above what the truth itself would lose.
    let best = log_loss(&targets, &chances);
    assert!(log_loss(&targets, &said) < best + 0.02);
}

#[test]
fn the_bent_truth_is_found_by_the_trees() {
    assert_eq!(model().report().champion.name, "boosted");
    assert_eq!(model().report().candidates.len(), 6);
}

#[test]
fn calibration_mends_scores_that_are_too_sure() {
    let mut random = Random::new(3);
    let (mut scores, mut targets) = (vec![], vec![]);
    for _ in 0..4_000 {
        let odds = 4.0 * random.share() - 2.0;
        scores.push(3.0 * odds);
        targets.push(f64::from(u8::from(random.share() < sigmoid(odds))));
    }
    let ones = vec![1.0; 4_000];
    let error = |kind| {
        let fitted = Calibration::fit(kind, &scores, &targets, &ones).unwrap();
        let said: Vec<f64> = scores
            .iter()
            .map(|score| sigmoid(fitted.apply(*score)))
            .collect();
        calibration_error(&targets, &said, 10)
    };
    assert!(error(CalibrationKind::None) > 0.1);
    assert!(error(CalibrationKind::Platt) < 0.02);
    assert!(error(CalibrationKind::Isotonic) < 0.02);
    match Calibration::fit(CalibrationKind::Platt, &scores, &targets, &ones).unwrap() {
        Calibration::Platt { slope, intercept } => {
            assert!((slope - 1.0 / 3.0).abs() < 0.03 && intercept.abs() < 0.1);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn shuffled_outcomes_are_refused_by_the_gate() {
    let data = projects(1_500, 5).0;
    let mut outcomes = data.targets.to_vec();
    Random::new(1).shuffle(&mut outcomes);
    let poisoned = training(data.records, outcomes, None).unwrap();
    let evidence = params(1_500)
        .fit(&poisoned)
        .unwrap()
        .report()
        .evidence(None);
    let refusals = judge(evidence, GateParams::default());
    assert!(
        matches!(refusals[0], Refusal::LearntNothing { .. }),
        "{refusals:?}"
    );
    assert!(judge(model().report().evidence(None), GateParams::default()).is_empty());
}

#[test]
fn refitting_gives_the_same_digest_and_the_bytes_read_back() {
    let again = params(4_000).fit(&projects(4_000, 1).0).unwrap();
    assert_eq!(digest(&again).unwrap(), digest(model()).unwrap());
    let bytes = to_bytes(model()).unwrap();
    assert_eq!(&from_bytes::<LikelihoodModel>(&bytes).unwrap(), model());
    assert!(from_bytes::<pricing_like::Other>(&bytes).is_err());
}

/// A model of another sort.
mod pricing_like {
    pub(super) type Other = tabular::Boosted;
}

#[test]
fn what_if_refuses_features_without_a_direction() {
    let row = [1.0, 20.0, 0.0];
    let ask = |feature, within, wanted| {
        model().what_if(
            &row,
            Question {
                feature,
                within,
                wanted,
            },
        )
    };
    assert!(ask("days", (0.0, 60.0), 0.5).is_err());
    assert!(ask("colour", (0.0, 60.0), 0.5).is_err());
    assert!(ask("offer", (2.0, 1.0), 0.5).is_err());
    assert!(ask("offer", (0.5, 1.5), 1.0).is_err());
}
