//! Groups texts into batches within a budget of tokens.

use std::ops::Range;

/// Positions of texts, the longest first, cut into batches.
#[derive(Debug)]
pub(crate) struct Packing {
    order: Vec<usize>,
    batches: Vec<Range<usize>>,
}

impl Packing {
    /// Packs texts of these lengths; a batch holds at most `budget` tokens, or one longer text.
    ///
    /// With `is_uniform`, a batch holds texts of one length only, so that a model that wants rectangles needs no padding.
    /// The longest come first, so that threads end together.
    pub(crate) fn new(lengths: &[usize], budget: usize, is_uniform: bool) -> Self {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(lengths[i]), i));
        let mut batches = Vec::new();
        let (mut start, mut tokens) = (0, 0);
        for (at, &i) in order.iter().enumerate() {
            let is_other_length = is_uniform && lengths[order[start]] != lengths[i];
            if at > start && (tokens + lengths[i] > budget || is_other_length) {
                batches.push(start..at);
                (start, tokens) = (at, 0);
            }
            tokens += lengths[i];
        }
        if start < order.len() {
            batches.push(start..order.len());
        }
        Self { order, batches }
    }

    /// Number of batches.
    pub(crate) fn len(&self) -> usize {
        self.batches.len()
    }

    /// Positions of the texts of a batch.
    pub(crate) fn batch(&self, index: usize) -> &[usize] {
        &self.order[self.batches[index].clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_is_packed_once_within_the_budget(
            lengths in prop::collection::vec(1usize..50, 0..80),
            budget in 1usize..200,
            is_uniform: bool,
        ) {
            let packing = Packing::new(&lengths, budget, is_uniform);
            let mut seen = vec![0; lengths.len()];
            for index in 0..packing.len() {
                let batch = packing.batch(index);
                prop_assert!(!batch.is_empty());
                let tokens: usize = batch.iter().map(|&i| lengths[i]).sum();
                prop_assert!(tokens <= budget || batch.len() == 1);
                prop_assert!(!is_uniform || batch.iter().all(|&i| lengths[i] == lengths[batch[0]]));
                for &i in batch {
                    seen[i] += 1;
                }
            }
            prop_assert!(seen.iter().all(|&n| n == 1));
        }
    }
}
