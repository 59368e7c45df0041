//! How well an order is found: NDCG@10 and Recall@20.

use serde::{Deserialize, Serialize};

/// Places that NDCG looks at.
pub const NDCG_DEPTH: usize = 10;
/// Places that recall looks at.
pub const RECALL_DEPTH: usize = 20;

/// NDCG@10 and Recall@20 of one question, or their means over several; each in [0, 1].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Normalised discounted cumulative gain of the first ten.
    pub ndcg_10: f64,
    /// Share of what is relevant that stands among the first twenty.
    pub recall_20: f64,
}

impl Figures {
    /// The figures of one question, from the gains of what was found, best first (0 for what nobody judged), and from all gains
    /// that are known, in any order; a gain of `relevant` or more is relevant.
    #[must_use]
    pub fn of(found: &[f64], judged: &[f64], relevant: f64) -> Self {
        Self {
            ndcg_10: ndcg(found, judged, NDCG_DEPTH),
            recall_20: recall(found, judged, RECALL_DEPTH, relevant),
        }
    }

    /// The means; zeros of nothing.
    #[must_use]
    pub fn mean(figures: &[Self]) -> Self {
        let count = figures.len().max(1) as f64;
        let mean =
            |of: fn(&Self) -> f64| figures.iter().map(of).fold(0.0, |sum, f| sum + f) / count;
        Self {
            ndcg_10: mean(|figures| figures.ndcg_10),
            recall_20: mean(|figures| figures.recall_20),
        }
    }
}

/// Normalised discounted cumulative gain of the first `depth` (Järvelin and Kekäläinen 2002): gains as they are, divided by
/// log2 of the place + 1. 0 where nothing good is known.
#[must_use]
pub fn ndcg(found: &[f64], judged: &[f64], depth: usize) -> f64 {
    let ideal = ideal(judged, depth);
    if ideal > 0.0 {
        discounted(found, depth) / ideal
    } else {
        0.0
    }
}

/// Share of the relevant that stands among the first `depth`. 0 where nothing relevant is known.
#[must_use]
pub fn recall(found: &[f64], judged: &[f64], depth: usize, relevant: f64) -> f64 {
    let known = count_relevant(judged, relevant).max(1);
    count_relevant(&found[..found.len().min(depth)], relevant) as f64 / known as f64
}

/// The largest discounted gain that an order of `judged` can have.
pub(crate) fn ideal(judged: &[f64], depth: usize) -> f64 {
    let mut best = judged.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    discounted(&best, depth)
}

pub(crate) fn discounted(gains: &[f64], depth: usize) -> f64 {
    let gain = |(at, gain): (usize, &f64)| gain / (at as f64 + 2.0).log2();
    gains.iter().take(depth).enumerate().map(gain).sum()
}

pub(crate) fn count_relevant(gains: &[f64], relevant: f64) -> usize {
    gains.iter().filter(|gain| **gain >= relevant).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_what_paper_and_pencil_say() {
        // The better one second: (1 + 3 / log2(3)) / (3 + 1 / log2(3)); two of three are found.
        let found = [1.0, 3.0, 0.0];
        let judged = [3.0, 1.0, 0.0, 1.0];
        let ideal = 3.0 + 1.0 / 3f64.log2() + 0.5;
        let ndcg = ndcg(&found, &judged, 10);
        assert!((ndcg - (1.0 + 3.0 / 3f64.log2()) / ideal).abs() < 1e-12);
        assert!((recall(&found, &judged, 20, 0.5) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(Figures::of(&[], &[], 0.5), Figures::default());
        // An empty sum of floats is -0, which JSON would show.
        assert!(Figures::mean(&[]).ndcg_10.is_sign_positive());
    }

    #[test]
    fn what_stands_below_the_depth_counts_nothing() {
        let mut found = vec![0.0; 20];
        found.push(1.0);
        assert_eq!(Figures::of(&found, &[1.0], 0.5), Figures::default());
        found.swap(10, 20);
        let figures = Figures::of(&found, &[1.0], 0.5);
        assert_eq!((figures.ndcg_10, figures.recall_20), (0.0, 1.0));
    }
}
