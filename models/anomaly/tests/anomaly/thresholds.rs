//! What holds for every threshold.

use crate::market::{fitted, normal};
use anomaly::{IsolationParams, Threshold};
use proptest::prelude::*;
use tabular::Random;

fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|flag| **flag).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_share_is_met_exactly_however_many_scores_are_equal(
        scores in prop::collection::vec((1..12_u8).prop_map(|score| f64::from(score) / 12.0), 1..200),
        share in prop_oneof![8 => 0.0..=1.0_f64, 1 => Just(0.0), 1 => Just(1.0)],
    ) {
        let threshold = Threshold::of_share(&scores, share).unwrap();
        let flags = threshold.flags(&scores);
        let wanted = (share * scores.len() as f64).round() as usize;
        prop_assert_eq!(count(&flags), wanted);
        prop_assert_eq!(threshold.share, wanted as f64 / scores.len() as f64);
        // No row left out scores above one flagged; of equal scores, none left out comes before one flagged.
        for (row, flagged) in flags.iter().enumerate().filter(|(_, flagged)| **flagged) {
            for (other, other_flagged) in flags.iter().enumerate() {
                prop_assert!(*other_flagged || scores[other] <= scores[row], "{}", flagged);
                prop_assert!(*other_flagged || scores[other] < scores[row] || other > row);
            }
        }
    }

    #[test]
    fn a_larger_share_flags_no_row_less(
        scores in prop::collection::vec((1..12_u8).prop_map(|score| f64::from(score) / 12.0), 1..100),
        shares in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let (low, high) = (shares.0.min(shares.1), shares.0.max(shares.1));
        let of = |share| Threshold::of_share(&scores, share).unwrap().flags(&scores);
        prop_assert!(of(low).iter().zip(of(high)).all(|(few, many)| !few || many));
    }

    #[test]
    fn an_expected_precision_is_that_of_the_rows_flagged_and_no_lower_threshold_has_it(
        judged in prop::collection::vec(((1..30_u8).prop_map(|score| f64::from(score) / 30.0), any::<bool>()), 1..150),
        precision in 0.05..0.95_f64,
    ) {
        let (scores, strange): (Vec<f64>, Vec<bool>) = judged.into_iter().unzip();
        let base = count(&strange) as f64 / scores.len() as f64;
        let expected = |flags: &[bool]| {
            let found = flags.iter().zip(&strange).filter(|(flag, strange)| **flag && **strange);
            (found.count() as f64 + base) / (count(flags) as f64 + 1.0)
        };
        let chosen = Threshold::of_precision(&scores, &strange, precision).unwrap();
        if let Some(chosen) = chosen {
            let said = chosen.expected_precision.unwrap();
            prop_assert!(said >= precision);
            prop_assert!((said - expected(&chosen.flags(&scores))).abs() < 1e-12);
            prop_assert!((chosen.share - count(&chosen.flags(&scores)) as f64 / scores.len() as f64).abs() < 1e-12);
        }
        let below = chosen.map_or(f64::INFINITY, |chosen| chosen.score);
        for lower in scores.iter().filter(|score| **score < below) {
            let flags: Vec<bool> = scores.iter().map(|score| score >= lower).collect();
            prop_assert!(expected(&flags) < precision);
        }
    }
}

#[test]
fn the_share_of_a_forests_scores_is_met_though_rows_are_there_twice() {
    let mut rows = normal(1000, 3, 1);
    for row in 0..500 {
        let twin = rows.row(row + 500).to_owned();
        rows.row_mut(row).assign(&twin);
    }
    let scores = fitted(&IsolationParams::new(1), &rows)
        .predict(&rows)
        .unwrap()
        .to_vec();
    let threshold = Threshold::of_share(&scores, 0.005).unwrap();
    assert_eq!(count(&threshold.flags(&scores)), 5);
    // Twins stand together, so an odd number of flags parts a pair: the earlier of the two is flagged.
    assert_eq!(threshold.ties, Some(1));
    // A row seen alone is flagged at the threshold, and below it is not.
    assert_eq!(threshold.flags(&[threshold.score]), [true]);
    assert_eq!(threshold.flags(&[threshold.score - 1e-9]), [false]);
}

/// Scores in (0, 1), and rows truly strange as often as the square of the score.
fn judged(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>) {
    let mut random = Random::new(seed);
    let one = |_| {
        let score = random.share();
        (score, random.share() < score * score)
    };
    (0..rows).map(one).unzip()
}

#[test]
fn the_expected_precision_is_kept_on_rows_not_judged_before() {
    for precision in [0.4, 0.6, 0.8] {
        let mut kept = 0.0;
        for seed in 0..40 {
            let (scores, strange) = judged(2000, seed);
            let chosen = Threshold::of_precision(&scores, &strange, precision)
                .unwrap()
                .unwrap();
            let (scores, strange) = judged(2000, seed + 1000);
            let flags = chosen.flags(&scores);
            let found = flags
                .iter()
                .zip(&strange)
                .filter(|(flag, strange)| **flag && **strange);
            kept += found.count() as f64 / count(&flags) as f64 / 40.0;
        }
        assert!((kept - precision).abs() < 0.01, "{precision} {kept}");
    }
}

#[test]
fn one_lucky_hit_is_no_proof() {
    let mut strange = vec![false; 100];
    let scores: Vec<f64> = (0..100).map(|row| 1.0 - f64::from(row) / 200.0).collect();
    strange[0] = true;
    assert_eq!(
        Threshold::of_precision(&scores, &strange, 0.8).unwrap(),
        None
    );
    strange[1..8].fill(true);
    let chosen = Threshold::of_precision(&scores, &strange, 0.8)
        .unwrap()
        .unwrap();
    assert_eq!(count(&chosen.flags(&scores)), 9);
}

#[test]
fn what_cannot_be_chosen_is_refused_by_name() {
    let said = |result: Result<Threshold, tabular::TabularError>| result.unwrap_err().to_string();
    assert!(said(Threshold::of_share(&[0.5], 1.5)).contains("share"));
    assert!(said(Threshold::of_share(&[0.5], f64::NAN)).contains("share"));
    assert!(said(Threshold::of_share(&[], 0.5)).contains("scores"));
    assert!(said(Threshold::of_share(&[f64::NAN], 0.5)).contains("scores"));
    assert!(Threshold::of_precision(&[0.5], &[], 0.5).is_err());
    assert!(Threshold::of_precision(&[0.5], &[true], 1.0).is_err());
}
