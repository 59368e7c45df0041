//! Rows to look for strange ones in.

use anomaly::{IsolationForest, IsolationParams, Splits};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array2, ArrayBase, Data, Ix2};
use tabular::Random;

/// Each way to part rows.
pub(crate) const SPLITS: [Splits; 3] = [
    Splits::Axis,
    Splits::Extended { columns: 2 },
    Splits::Extended {
        columns: usize::MAX,
    },
];

/// A forest of these rows.
pub(crate) fn fitted<D: Data<Elem = f64>>(
    params: &IsolationParams,
    rows: &ArrayBase<D, Ix2>,
) -> IsolationForest {
    params.fit(&DatasetBase::from(rows.view())).unwrap()
}

/// A forest of these rows, whose columns have names.
pub(crate) fn named(
    params: &IsolationParams,
    rows: &Array2<f64>,
    names: &[&str],
) -> IsolationForest {
    let data = DatasetBase::from(rows.view()).with_feature_names(names.to_vec());
    params.fit(&data).unwrap()
}

/// A number of nearly normal distribution: mean 0, deviation 1.
pub(crate) fn bell(random: &mut Random) -> f64 {
    (0..12).map(|_| random.share()).sum::<f64>() - 6.0
}

/// Independent columns of nearly normal numbers.
pub(crate) fn normal(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut random = Random::new(seed);
    Array2::from_shape_simple_fn((rows, columns), || bell(&mut random))
}

/// Six columns: two follow the first closely, one follows the fourth, one is a heavy-tailed amount; scales differ by thousands.
pub(crate) fn accounts(rows: usize, seed: u64) -> Array2<f64> {
    let mut random = Random::new(seed);
    let mut found = Array2::zeros((rows, 6));
    for mut row in found.rows_mut() {
        let (activity, lateness) = (bell(&mut random), bell(&mut random));
        row[0] = activity;
        row[1] = 1000.0 * (activity + 0.1 * bell(&mut random));
        row[2] = activity + 0.3 * bell(&mut random);
        row[3] = lateness;
        row[4] = -0.01 * (lateness + 0.2 * bell(&mut random));
        row[5] = (0.5 * bell(&mut random)).exp();
    }
    found
}
