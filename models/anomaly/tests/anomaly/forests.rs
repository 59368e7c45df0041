//! What holds for every forest.

use crate::market::{SPLITS, fitted, named, normal};
use anomaly::{IsolationForest, IsolationParams, Splits, mean_search_length};
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2, ShapeBuilder, array};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use tabular::{Random, TabularError, digest, from_bytes, to_bytes};

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-4..4_i32).prop_map(f64::from),
        3 => -1e3..1e3_f64,
        1 => prop_oneof![Just(f64::NAN), Just(1e300), Just(-1e300), Just(f64::MAX), Just(f64::MIN), Just(5e-324)],
    ]
}

fn any_rows() -> impl Strategy<Value = Array2<f64>> {
    (1..5_usize, 2..60_usize).prop_flat_map(|(width, count)| {
        prop::collection::vec(any_value(), width * count)
            .prop_map(move |values| Array2::from_shape_vec((count, width), values).unwrap())
    })
}

fn any_params() -> impl Strategy<Value = IsolationParams> {
    (any::<u64>(), 1..20_usize, 2..70_usize, 0..SPLITS.len()).prop_map(
        |(seed, trees, rows, place)| {
            let params = IsolationParams::new(seed).trees(trees).subsample(rows);
            params.splits(SPLITS[place])
        },
    )
}

fn bits(scores: &Array1<f64>) -> Vec<u64> {
    scores.iter().map(|score| score.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn scores_lie_between_0_and_1(rows in any_rows(), params in any_params()) {
        let forest = fitted(&params, &rows);
        for score in forest.predict(&rows).unwrap() {
            prop_assert!(score > 0.0 && score < 1.0, "{score}");
        }
    }

    #[test]
    fn what_a_score_is_made_of_sums_to_it(rows in any_rows(), params in any_params()) {
        let forest = fitted(&params, &rows);
        let scores = forest.predict(&rows).unwrap();
        for (row, score) in rows.rows().into_iter().zip(scores) {
            let explained = forest.explain(&row.to_vec()).unwrap();
            prop_assert_eq!(explained.score, score);
            let sum: f64 = explained.parts.iter().map(|part| part.1).sum();
            prop_assert!((explained.base + sum - score).abs() < 1e-9);
            prop_assert!(explained.parts.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        }
    }

    #[test]
    fn rows_are_scored_alike_in_any_order_and_company(rows in any_rows(), params in any_params(), seed: u64) {
        let forest = fitted(&params, &rows);
        let together = forest.predict(&rows).unwrap();
        let mut order: Vec<usize> = (0..rows.nrows()).collect();
        Random::new(seed).shuffle(&mut order);
        let shuffled = forest.predict(&rows.select(ndarray::Axis(0), &order)).unwrap();
        for (place, row) in order.iter().enumerate() {
            prop_assert_eq!(shuffled[place], together[*row]);
            let alone = rows.select(ndarray::Axis(0), &[*row]);
            prop_assert_eq!(forest.predict(&alone).unwrap()[0], together[*row]);
        }
    }

    #[test]
    fn units_do_not_matter(
        values in prop::collection::vec(-50..50_i32, 40..200),
        params in any_params(),
        powers in (-20..20_i32, -20..20_i32),
    ) {
        let count = values.len() / 2;
        let one = Array2::from_shape_fn((count, 2), |(row, column)| f64::from(values[2 * row + column]));
        let mut other = one.clone();
        other.column_mut(0).mapv_inplace(|x| x * 2_f64.powi(powers.0));
        other.column_mut(1).mapv_inplace(|x| x * 2_f64.powi(powers.1));
        let scores = fitted(&params, &one).predict(&one).unwrap();
        prop_assert_eq!(bits(&scores), bits(&fitted(&params, &other).predict(&other).unwrap()));
    }

    #[test]
    fn where_a_scale_begins_does_not_matter(
        values in prop::collection::vec(-50..50_i32, 40..200),
        seed: u64,
        shift in -1000..1000_i32,
    ) {
        let one = Array2::from_shape_fn((values.len() / 2, 2), |(row, column)| f64::from(values[2 * row + column]));
        let other = one.mapv(|x| x + f64::from(shift));
        let params = IsolationParams::new(seed).trees(10);
        let scores = fitted(&params, &one).predict(&one).unwrap();
        prop_assert_eq!(bits(&scores), bits(&fitted(&params, &other).predict(&other).unwrap()));
    }

    #[test]
    fn a_stored_forest_comes_back_as_it_was(rows in any_rows(), params in any_params()) {
        let forest = fitted(&params, &rows);
        let bytes = to_bytes(&forest).unwrap();
        let read: IsolationForest = from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &forest);
        prop_assert_eq!(to_bytes(&read).unwrap(), bytes);
        prop_assert_eq!(bits(&read.predict(&rows).unwrap()), bits(&forest.predict(&rows).unwrap()));
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let mut rows = normal(5_003, 7, 3);
    rows[[17, 2]] = f64::NAN;
    for splits in SPLITS {
        let made = |threads: usize| {
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let forest = fitted(&IsolationParams::new(9).splits(splits), &rows);
                (
                    digest(&forest).unwrap(),
                    bits(&forest.predict(&rows).unwrap()),
                )
            })
        };
        let alone = made(1);
        assert_eq!(made(2), alone);
        assert_eq!(made(5), alone);
    }
}

#[test]
fn another_seed_gives_another_forest() {
    let rows = normal(500, 3, 1);
    for splits in SPLITS {
        let of = |seed| digest(&fitted(&IsolationParams::new(seed).splits(splits), &rows)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}

#[test]
fn three_rows_have_the_path_lengths_that_can_be_worked_out() {
    let rows = array![[0.0], [1.0], [3.0]];
    let forest = fitted(&IsolationParams::new(4).trees(10_000), &rows);
    let scores = forest.predict(&rows).unwrap();
    // A split falls between 0 and 1 a third of the time, and isolates what it cuts off at once.
    let lengths = [5.0 / 3.0, 2.0, 4.0 / 3.0];
    for (score, length) in scores.iter().zip(lengths) {
        let found = -score.log2() * mean_search_length(3);
        assert!((found - length).abs() < 0.02, "{found} {length}");
    }
}

#[test]
fn rows_that_cannot_be_parted_have_the_path_of_the_tree_they_would_make() {
    // Each tree cuts the last row off; three rows alike are left at depth 1.
    let rows = array![[0.0], [0.0], [0.0], [1.0]];
    for splits in SPLITS {
        let forest = fitted(&IsolationParams::new(4).splits(splits), &rows);
        let scores = forest.predict(&rows).unwrap();
        let expected = [1.0 + mean_search_length(3), 1.0]
            .map(|length| (-length / mean_search_length(4)).exp2());
        assert!((scores[0] - expected[0]).abs() < 1e-12);
        assert!((scores[3] - expected[1]).abs() < 1e-12);
    }
}

#[test]
fn columns_in_memory_one_after_another_are_scored_like_rows() {
    let rows = normal(300, 4, 5);
    let mut columns = Array2::zeros((300, 4).f());
    columns.assign(&rows);
    let forest = fitted(&IsolationParams::new(1), &rows);
    assert_eq!(
        digest(&forest).unwrap(),
        digest(&fitted(&IsolationParams::new(1), &columns)).unwrap()
    );
    assert_eq!(
        forest.predict(&rows).unwrap(),
        forest.predict(&columns).unwrap()
    );
    assert_eq!(
        forest
            .predict(&rows.slice(ndarray::s![..;2, ..]))
            .unwrap()
            .len(),
        150
    );
}

#[test]
fn rows_that_do_not_differ_score_a_half() {
    for splits in SPLITS {
        for rows in [
            Array2::from_elem((40, 3), 7.0),
            Array2::from_elem((40, 2), f64::NAN),
        ] {
            let forest = fitted(&IsolationParams::new(2).splits(splits), &rows);
            let is_half = |score: f64| (score - 0.5).abs() < 1e-12;
            assert!(forest.predict(&rows).unwrap().into_iter().all(is_half));
            let explained = forest.explain(&vec![100.0; rows.ncols()]).unwrap();
            assert!(is_half(explained.base) && is_half(explained.score));
        }
    }
}

#[test]
fn constant_columns_change_no_ranking_and_get_no_credit() {
    let rows = normal(400, 3, 8);
    let wide = ndarray::concatenate![ndarray::Axis(1), rows, Array2::from_elem((400, 2), 5.0)];
    for splits in SPLITS {
        let forest = fitted(&IsolationParams::new(3).splits(splits), &wide);
        let mut far = wide.row(0).to_vec();
        (far[1], far[3]) = (50.0, 50.0);
        let explained = forest.explain(&far).unwrap();
        assert_eq!(explained.parts[0].0, "column 1", "{splits:?}");
        let constant = |part: &&(String, f64)| ["column 3", "column 4"].contains(&part.0.as_str());
        assert!(
            explained
                .parts
                .iter()
                .filter(constant)
                .all(|part| part.1 == 0.0)
        );
    }
}

#[test]
fn duplicates_of_a_row_are_scored_alike_and_many_of_them_are_ordinary() {
    let mut rows = normal(600, 2, 6);
    for row in 0..200 {
        rows.row_mut(row).assign(&array![4.0, 4.0]);
    }
    let forest = fitted(&IsolationParams::new(1), &rows);
    let scores = forest.predict(&rows).unwrap();
    assert!((1..200).all(|row| scores[row] == scores[0]));
    assert!(scores[0] < 0.5);
}

#[test]
fn fewer_rows_than_the_subsample_are_all_taken() {
    let rows = normal(50, 2, 6);
    let small = fitted(&IsolationParams::new(5).subsample(50), &rows);
    let large = fitted(&IsolationParams::new(5).subsample(65_536), &rows);
    assert_eq!(digest(&small).unwrap(), digest(&large).unwrap());
}

#[test]
fn what_cannot_be_fitted_or_scored_is_refused_with_its_name() {
    let refused = |result: Result<IsolationForest, TabularError>| result.unwrap_err().to_string();
    let fit = |rows: Array2<f64>| refused(IsolationParams::new(1).fit(&DatasetBase::from(rows)));
    assert!(fit(Array2::zeros((10, 0))).contains("columns"));
    assert!(fit(Array2::zeros((0, 2))).contains("rows"));
    assert!(fit(Array2::zeros((1, 2))).contains("rows"));
    let mut rows = normal(20, 2, 1);
    let forest = named(
        &IsolationParams::new(1),
        &rows,
        &["cancellations", "price jump"],
    );
    rows[[7, 1]] = f64::NEG_INFINITY;
    let data =
        DatasetBase::from(rows.clone()).with_feature_names(vec!["cancellations", "price jump"]);
    let said = refused(IsolationParams::new(1).fit(&data));
    assert!(
        said.contains("price jump") && said.contains("row 7"),
        "{said}"
    );
    assert!(
        forest
            .predict(&rows)
            .unwrap_err()
            .to_string()
            .contains("price jump")
    );
    let said = forest
        .explain(&[f64::INFINITY, 0.0])
        .unwrap_err()
        .to_string();
    assert!(said.contains("cancellations"), "{said}");
    assert!(forest.predict(&normal(3, 3, 1)).is_err());
    assert!(forest.explain(&[1.0]).is_err());
    assert_eq!(forest.predict(&Array2::zeros((0, 2))).unwrap().len(), 0);
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let params = || IsolationParams::new(1);
    for (bad, name) in [
        (params().trees(0), "trees"),
        (params().trees(10_001), "trees"),
        (params().subsample(1), "subsample"),
        (params().subsample(65_537), "subsample"),
        (params().splits(Splits::Extended { columns: 0 }), "splits"),
    ] {
        assert!(bad.check().unwrap_err().to_string().contains(name));
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = to_bytes(&fitted(
        &IsolationParams::new(1).trees(3),
        &normal(50, 2, 1),
    ))
    .unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(from_bytes::<IsolationForest>(&damaged).is_err());
    }
    assert!(from_bytes::<IsolationForest>(&bytes[..bytes.len() - 1]).is_err());
}
