//! The length of a path: what scores are made of.

/// Returns c(n), the mean length of an unsuccessful search in a binary search tree of `rows` keys: 2 H(n − 1) − 2 (n − 1) / n, with H the
/// harmonic numbers (Liu, Ting and Zhou 2008, equation 1; the paper estimates them, here they are summed). It stands for the tree that was
/// not grown below a leaf, and scales the mean path.
#[must_use]
pub fn mean_search_length(rows: usize) -> f64 {
    if rows < 2 {
        return 0.0;
    }
    let harmonic: f64 = (1..rows).map(|key| 1.0 / key as f64).sum();
    2.0 * harmonic - 2.0 * (rows - 1) as f64 / rows as f64
}

/// Returns the depth at which trees of `rows` rows end: the mean depth of a balanced tree, rounded up (the same, algorithm 2).
pub(crate) fn depth_limit(rows: usize) -> u32 {
    rows.next_power_of_two().trailing_zeros()
}

/// Turns a mean path length into a score: 2^(−length / scale), where `scale` is c(subsample) (the same, equation 2).
pub(crate) fn score(length: f64, scale: f64) -> f64 {
    (-length / scale).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_lengths_are_those_of_the_paper() {
        assert_eq!(mean_search_length(1), 0.0);
        assert_eq!(mean_search_length(2), 1.0);
        assert!((mean_search_length(3) - 5.0 / 3.0).abs() < 1e-12);
        // The paper's estimate of harmonic numbers, ln n and Euler's constant, is short by about 1 / 2n.
        let estimate = 255_f64.ln() + 0.577_215_664_9 + 1.0 / 510.0;
        let estimate = 2.0 * estimate - 2.0 * 255.0 / 256.0;
        assert!((mean_search_length(256) - estimate).abs() < 1e-5);
        assert_eq!([2, 3, 4, 5, 256, 257].map(depth_limit), [1, 2, 2, 3, 8, 9]);
    }

    #[test]
    fn a_path_of_mean_length_scores_a_half() {
        assert_eq!(score(7.5, 7.5), 0.5);
        assert!(score(1.0, 7.5) > 0.9);
    }
}
