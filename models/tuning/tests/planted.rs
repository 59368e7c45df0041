//! Planted truths: a leg that knows is found, legs that know nothing change nothing, and few judgements change little.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use proptest::prelude::*;
use tuning::{Candidate, Figures, Params, Question, Tuned, Verdict};

const DEFAULTS: [f64; 3] = [0.5, 0.3, 0.2];

/// SplitMix64 as shares in [0, 1).
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Questions with 60 candidates each; `worth` says from a candidate's legs and luck how good it is.
fn questions(
    count: usize,
    seed: u64,
    worth: impl Fn(&[f64; 3], &mut Dice) -> f64,
) -> Vec<Question<3>> {
    let mut dice = Dice(seed);
    let question = |number: usize| Question {
        terms: [format!("mot{number}")].into(),
        candidates: (0..60)
            .map(|_| {
                let legs = [dice.share(), dice.share(), dice.share()];
                let gain = worth(&legs, &mut dice);
                Candidate { legs, gain }
            })
            .collect(),
        beyond: Vec::new(),
    };
    (0..count).map(question).collect()
}

/// Good is what the last leg says, clouded by luck.
fn last_leg_knows(legs: &[f64; 3], dice: &mut Dice) -> f64 {
    match legs[2] + 0.3 * dice.share() {
        sum if sum > 1.15 => 2.0,
        sum if sum > 1.0 => 1.0,
        _ => 0.0,
    }
}

/// Good is who is lucky.
fn nobody_knows(_: &[f64; 3], dice: &mut Dice) -> f64 {
    f64::from(u8::from(dice.share() > 0.85))
}

fn tune(questions: &[Question<3>], previous: &[f64; 3]) -> Tuned<3> {
    Params::new(7)
        .check()
        .unwrap()
        .tune(questions, &DEFAULTS, previous)
}

fn is_as_good(after: Figures, before: Figures) -> bool {
    after.ndcg_10 >= before.ndcg_10 && after.recall_20 >= before.recall_20 - 1e-9
}

#[test]
fn the_leg_that_knows_is_found_and_the_report_shows_what_that_gains() {
    let tuned = tune(&questions(200, 1, last_leg_knows), &DEFAULTS);
    let (weights, report) = (tuned.weights, tuned.report);
    assert_eq!(report.verdict, Verdict::Promoted);
    assert!(weights[2] > 2.0 * weights[0].max(weights[1]), "{weights:?}");
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-3);
    assert!(
        report.after.ndcg_10 > report.before.ndcg_10 + 0.1,
        "{report:?}"
    );
    assert!(report.chance < 0.001);
    assert_eq!((report.questions, report.groups), (200, 200));
    let tested: usize = report.folds.iter().map(|fold| fold.questions).sum();
    assert_eq!((report.folds.len(), tested), (5, 200));
    assert!(
        report
            .folds
            .iter()
            .all(|fold| is_as_good(fold.after, fold.before))
    );
}

#[test]
fn what_was_fitted_is_kept_when_it_is_fitted_again() {
    let questions = questions(200, 1, last_leg_knows);
    let first = tune(&questions, &DEFAULTS);
    let again = tune(&questions, &first.weights);
    assert_eq!(again.weights, first.weights);
    assert_eq!(again.report.verdict, Verdict::NoGain);
    assert_eq!(tune(&questions, &DEFAULTS), first);
}

#[test]
fn without_judgements_and_with_few_the_defaults_stand() {
    for count in [0, 1, 49] {
        let tuned = tune(&questions(count, 1, last_leg_knows), &[0.1, 0.1, 0.8]);
        assert_eq!(tuned.weights, DEFAULTS);
        assert_eq!(tuned.report.verdict, Verdict::TooFew);
    }
    let nothing_good = questions(100, 1, |_, _| 0.0);
    assert_eq!(tune(&nothing_good, &DEFAULTS).report.questions, 0);
    // A hundred ways to ask the same are one question.
    let mut same = questions(100, 1, last_leg_knows);
    same.iter_mut()
        .for_each(|question| question.terms = ["tournage".to_owned()].into());
    let tuned = tune(&same, &DEFAULTS);
    assert_eq!(
        (tuned.report.verdict, tuned.report.groups),
        (Verdict::TooFew, 1)
    );
}

#[test]
fn noise_moves_nothing() {
    for seed in 0..20 {
        let tuned = tune(&questions(80, seed, nobody_knows), &DEFAULTS);
        assert_eq!(tuned.weights, DEFAULTS, "{seed}: {:?}", tuned.report);
    }
}

#[test]
fn few_judgements_move_less_than_many() {
    let way = |count: usize| {
        let params = Params {
            fewest_questions: 10,
            shrinkage: 2.0,
            ..Params::new(7)
        };
        let questions = questions(count, 3, last_leg_knows);
        let tuned = params
            .check()
            .unwrap()
            .tune(&questions, &DEFAULTS, &DEFAULTS);
        let moved = tuned.weights.iter().zip(DEFAULTS);
        moved
            .map(|(weight, default)| (weight / default).ln().abs())
            .sum::<f64>()
    };
    let (few, many) = (way(12), way(400));
    assert!(few < many / 1.3, "{few} and {many}");
}

#[test]
fn weights_that_became_bad_give_way_to_the_defaults() {
    // What the defaults say is the truth: nothing can be fitted that is better.
    let by_defaults = |legs: &[f64; 3], _: &mut Dice| {
        let score: f64 = legs
            .iter()
            .zip(DEFAULTS)
            .map(|(leg, weight)| leg * weight)
            .sum();
        f64::from(u8::from(score > 0.65))
    };
    let questions = questions(120, 5, by_defaults);
    let tuned = tune(&questions, &[0.02, 0.03, 0.95]);
    let is_better = matches!(tuned.report.verdict, Verdict::Promoted | Verdict::Reverted);
    assert!(is_better, "{:?}", tuned.report);
    assert!(tuned.weights[0] > tuned.weights[2], "{:?}", tuned.weights);
    assert_eq!(tune(&questions, &DEFAULTS).weights, DEFAULTS);
}

#[test]
fn a_setting_outside_its_range_is_named() {
    let refused = |params: Params| params.check().unwrap_err().setting;
    assert_eq!(
        refused(Params {
            folds: 1,
            ..Params::new(1)
        }),
        "folds"
    );
    assert_eq!(
        refused(Params {
            fewest_questions: 9,
            ..Params::new(1)
        }),
        "fewest_questions"
    );
    assert_eq!(
        refused(Params {
            shrinkage: f64::NAN,
            ..Params::new(1)
        }),
        "shrinkage"
    );
    assert_eq!(
        refused(Params {
            half_doublings: 0,
            ..Params::new(1)
        }),
        "half_doublings"
    );
    assert_eq!(
        refused(Params {
            least_gain: -0.1,
            ..Params::new(1)
        }),
        "least_gain"
    );
    assert_eq!(
        refused(Params {
            largest_chance: 1.0,
            ..Params::new(1)
        }),
        "largest_chance"
    );
    assert_eq!(
        refused(Params {
            resamples: 1,
            ..Params::new(1)
        }),
        "resamples"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is judged: what replaces the previous weights is held-out no worse, and what does not leaves them.
    #[test]
    fn what_is_promoted_is_never_worse_held_out(
        seed in any::<u64>(),
        knows in 0.0..1.0_f64,
        count in 50_usize..90,
        previous in prop::array::uniform3(0.05..1.0_f64),
    ) {
        let worth = |legs: &[f64; 3], dice: &mut Dice| {
            f64::from(u8::from(knows * legs[1] + (1.0 - knows) * dice.share() > 0.8))
        };
        let questions = questions(count, seed, worth);
        let tuned = tune(&questions, &previous);
        let report = &tuned.report;
        match report.verdict {
            Verdict::Promoted => prop_assert!(is_as_good(report.after, report.before)),
            Verdict::Reverted => {
                prop_assert!(is_as_good(report.by_defaults, report.before));
                prop_assert_eq!(tuned.weights, DEFAULTS);
            }
            Verdict::TooFew => prop_assert_eq!(tuned.weights, DEFAULTS),
            _ => prop_assert_eq!(tuned.weights, previous),
        }
        prop_assert!(is_as_good(report.chosen(), report.before) || report.verdict == Verdict::TooFew);
    }
}
