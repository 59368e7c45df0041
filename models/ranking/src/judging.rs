//! How well a list is ordered: NDCG@5, ties counted as they fall by lot.

/// Places that NDCG looks at.
pub const DEPTH: usize = 5;

/// Returns NDCG@5 of a list, in [0, 1], by the scores and gains of its rows: gains as they are, log2 discount. Rows of one score are in no
/// order, so each has the mean gain of them all, which is what it expects by lot (McSherry and Najork, *Computing Information Retrieval
/// Performance Measures Efficiently in the Presence of Tied Scores*, ECIR 2008). 0 where nothing good is known.
#[must_use]
pub fn ndcg(scores: &[f64], gains: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut found = Vec::with_capacity(order.len());
    for run in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let mean = run.iter().map(|at| gains[*at]).sum::<f64>() / run.len() as f64;
        found.extend(run.iter().map(|_| mean));
    }
    tuning::ndcg(&found, gains, DEPTH)
}

/// Mean differences of `after` from `before` over lists, with the 95 % interval of their normal approximation.
pub(crate) fn gained(before: &[f64], after: &[f64]) -> (f64, (f64, f64)) {
    let count = before.len().max(1) as f64;
    let apart: Vec<f64> = before.iter().zip(after).map(|(b, a)| a - b).collect();
    let mean = apart.iter().sum::<f64>() / count;
    let squares: f64 = apart.iter().map(|one| (one - mean).powi(2)).sum();
    let reach = 1.96 * (squares / (count - 1.0).max(1.0) / count).sqrt();
    (mean, (mean - reach, mean + reach))
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{gained, ndcg};

    #[test]
    fn ties_count_as_they_fall_by_lot() {
        // The one winner of three, all alike: first, second and third a third of the time.
        let by_lot = (1.0 + 1.0 / 3f64.log2() + 0.5) / 3.0;
        assert!((ndcg(&[0.5; 3], &[0.0, 0.0, 1.0]) - by_lot).abs() < 1e-12);
        assert!((ndcg(&[0.5; 3], &[1.0, 0.0, 0.0]) - by_lot).abs() < 1e-12);
        assert!((ndcg(&[1.0, 0.0, 2.0], &[0.0, 0.0, 1.0]) - 1.0).abs() < 1e-12);
        assert!((ndcg(&[1.0, 0.0, 2.0], &[1.0, 0.0, 0.0]) - 1.0 / 3f64.log2()).abs() < 1e-12);
    }

    #[test]
    fn the_interval_of_a_gain_narrows_with_the_lists() {
        let wide = gained(&[0.0, 0.0, 0.0, 0.0], &[0.0, 1.0, 0.0, 1.0]);
        let narrow = gained(&[0.0; 400], &[[0.0, 1.0]; 200].concat());
        assert!((wide.0 - 0.5).abs() < 1e-12 && (narrow.0 - 0.5).abs() < 1e-12);
        assert!((wide.1.1 - 0.5 - 1.96 * (1.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        assert!(narrow.1.0 > 0.44 && wide.1.0 < 0.0);
    }
}
