//! Strange rows that were put there are found, and what made them strange is named.

use crate::market::{SPLITS, accounts, bell, fitted, normal};
use anomaly::{IsolationParams, Splits};
use tabular::Random;

/// How often the moved column of one row is named first, over seeds and columns, and out of how many times.
fn named_first(splits: Splits, away: f64) -> (usize, usize) {
    let (mut first, mut all) = (0, 0);
    for seed in 0..25 {
        for column in 0..6 {
            let mut rows = accounts(400, seed);
            let values = rows.column(column).to_owned();
            // Amounts are never far below what is usual.
            let direction = if seed % 2 == 0 || column == 5 {
                1.0
            } else {
                -1.0
            };
            rows[[123, column]] = values.mean().unwrap() + direction * away * values.std(0.0);
            let forest = fitted(&IsolationParams::new(seed + 1000).splits(splits), &rows);
            let explained = forest.explain(&rows.row(123).to_vec()).unwrap();
            first += usize::from(explained.parts[0].0 == format!("column {column}"));
            all += 1;
        }
    }
    (first, all)
}

#[test]
fn the_column_that_was_moved_is_named_first_among_correlated_ones() {
    for splits in SPLITS {
        for away in [4.0, 12.0] {
            assert_eq!(named_first(splits, away), (150, 150), "{splits:?} {away}");
        }
    }
}

#[test]
fn a_value_between_two_usual_ones_is_named_though_it_is_the_mean() {
    for seed in 0..30 {
        let mut rows = normal(400, 3, seed);
        for (row, value) in rows.column_mut(1).iter_mut().enumerate() {
            *value += if row % 2 == 0 { 20.0 } else { -20.0 };
        }
        rows[[7, 1]] = 0.0;
        let forest = fitted(&IsolationParams::new(seed), &rows);
        let explained = forest.explain(&rows.row(7).to_vec()).unwrap();
        assert_eq!(explained.parts[0].0, "column 1");
    }
}

#[test]
fn rare_accounts_of_several_oddities_score_above_nearly_all_others() {
    for splits in SPLITS {
        for seed in 0..10 {
            let mut rows = accounts(1000, seed);
            for row in 0..20 {
                for column in [row % 3, 3, 5] {
                    let away = 5.0 * rows.column(column).std(0.0);
                    rows[[row, column]] += away;
                }
            }
            let forest = fitted(&IsolationParams::new(seed).splits(splits), &rows);
            let scores = forest.predict(&rows).unwrap();
            let above = |strange: f64| scores.iter().skip(20).filter(|s| **s < strange).count();
            let pairs: usize = (0..20).map(|row| above(scores[row])).sum();
            let auc = pairs as f64 / (20.0 * 980.0);
            assert!(auc > 0.97, "{splits:?} {seed} {auc}");
        }
    }
}

#[test]
fn a_missing_value_is_not_strange_and_hides_nothing() {
    for splits in SPLITS {
        for seed in 0..5 {
            let mut rows = normal(1000, 4, seed);
            let mut random = Random::new(seed + 50);
            let missing: Vec<usize> = (0..1000).filter(|_| random.share() < 0.3).collect();
            missing.iter().for_each(|row| rows[[*row, 2]] = f64::NAN);
            // One row lacks a value and is strange in others.
            (rows[[missing[0], 0]], rows[[missing[0], 1]]) = (-9.0, 9.0);
            let forest = fitted(&IsolationParams::new(seed).splits(splits), &rows);
            let scores = forest.predict(&rows).unwrap();
            assert!(scores.iter().all(|score| *score <= scores[missing[0]]));
            let explained = forest.explain(&rows.row(missing[0]).to_vec()).unwrap();
            assert!(["column 0", "column 1"].contains(&explained.parts[0].0.as_str()));
            let of = |is_missing: bool| {
                let chosen = (0..1000).filter(|row| missing[1..].contains(row) == is_missing);
                let chosen: Vec<f64> = chosen.map(|row| scores[row]).collect();
                chosen.iter().sum::<f64>() / chosen.len() as f64
            };
            assert!(of(true) < of(false) + 0.005);
        }
    }
}

#[test]
fn a_row_of_which_nothing_is_known_is_as_expected() {
    let forest = fitted(&IsolationParams::new(3), &normal(500, 3, 2));
    let explained = forest.explain(&[f64::NAN; 3]).unwrap();
    assert!((explained.score - explained.base).abs() < 1e-12);
    assert!(explained.parts.iter().all(|part| part.1 == 0.0));
}

#[test]
fn a_column_that_is_never_known_is_never_blamed() {
    for splits in SPLITS {
        let mut rows = normal(300, 3, 4);
        rows.column_mut(1).fill(f64::NAN);
        let forest = fitted(&IsolationParams::new(3).splits(splits), &rows);
        assert_eq!(forest.typical()[1], None);
        let explained = forest.explain(&[0.5, 1e6, 0.5]).unwrap();
        let part = explained
            .parts
            .iter()
            .find(|part| part.0 == "column 1")
            .unwrap();
        assert_eq!(part.1, 0.0);
    }
}

#[test]
fn what_only_hyperplanes_see_they_see() {
    // A narrow band along the diagonal: a row off it is ordinary in each column.
    let mut random = Random::new(5);
    let mut rows = normal(2000, 2, 1);
    for mut row in rows.rows_mut() {
        row[1] = row[0] + 0.1 * bell(&mut random);
    }
    rows.row_mut(0).assign(&ndarray::array![0.8, -0.8]);
    let rank = |splits: Splits| {
        let scores = fitted(&IsolationParams::new(2).splits(splits), &rows)
            .predict(&rows)
            .unwrap();
        scores.iter().filter(|score| **score > scores[0]).count()
    };
    assert!(rank(SPLITS[2]) < rank(Splits::Axis));
}
