//! How what the legs say of a document becomes one score.

use serde::{Deserialize, Serialize};

/// The k of reciprocal rank fusion: the first rank is worth little more than the next ones.
const K: f64 = 60.0;

/// How legs are fused. Either way a score is the exact sum of what the legs add, in [0, 1], and each leg adds at most its weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fusion {
    /// Weight × calibrated value. A score depends on the document, the query and what the tenant sees, nothing else.
    #[default]
    WeightedSum,
    /// Weight × 61 ÷ (60 + rank), where the leg gives anything: reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009,
    /// with k = 60), scaled so that the first of a leg gets all of its weight. It needs no calibration, and **a score then depends on
    /// the other documents that match**: filters, a larger shortlist of a leg or one more document change it, and it says nothing of
    /// how good a match is. The limit still changes nothing.
    ReciprocalRank,
}

/// The share of its weight that a leg gives the document that it ranks so.
pub(crate) fn share_of_rank(rank: u32) -> f64 {
    (K + 1.0) / (K + f64::from(rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gets_all_and_ranks_fall_off_slowly() {
        assert_eq!(share_of_rank(1), 1.0);
        assert_eq!(share_of_rank(62), 0.5);
        assert!(share_of_rank(u32::MAX) > 0.0);
    }
}
