//! A random rotation by seed: sign flips and Hadamard transforms, so that every value of a vector tells as much.

use crate::random::next_random;

/// Rounds of flips and transforms.
const ROUNDS: usize = 3;

/// A rotation of vectors padded to a whole number of blocks.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    padded: usize,
    block: usize,
    signs: Vec<f32>,
}

impl Rotation {
    /// The rotation of `dimension` values that `seed` stands for.
    pub(crate) fn new(dimension: usize, seed: u64) -> Self {
        let padded = dimension.next_multiple_of(64);
        // The largest power of two that divides the length.
        let block = 1 << padded.trailing_zeros();
        let mut state = seed;
        let signs = (0..padded * ROUNDS)
            .map(|_| {
                if next_random(&mut state) & 1 == 0 {
                    1.0
                } else {
                    -1.0
                }
            })
            .collect();
        Self {
            padded,
            block,
            signs,
        }
    }

    /// Length of a rotated vector.
    pub(crate) fn padded(&self) -> usize {
        self.padded
    }

    /// `values` rotated; lengths and products are kept, save for rounding.
    pub(crate) fn rotated(&self, values: &[f32]) -> Vec<f32> {
        let mut now = values.to_vec();
        now.resize(self.padded, 0.0);
        let mut next = vec![0.0_f32; self.padded];
        let (norm, blocks) = (1.0 / (self.block as f32).sqrt(), self.padded / self.block);
        for signs in self.signs.chunks_exact(self.padded) {
            for (block, values) in now.chunks_exact_mut(self.block).enumerate() {
                let signs = &signs[block * self.block..];
                values
                    .iter_mut()
                    .zip(signs)
                    .for_each(|(value, sign)| *value *= sign * norm);
                hadamard(values);
                // Interleaved, so that the next round mixes the blocks.
                values
                    .iter()
                    .enumerate()
                    .for_each(|(at, value)| next[at * blocks + block] = *value);
            }
            std::mem::swap(&mut now, &mut next);
        }
        now
    }
}

/// The fast Walsh–Hadamard transform, not normalised.
fn hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (left, right) in left.iter_mut().zip(right) {
                (*left, *right) = (*left + *right, *left - *right);
            }
        }
        half *= 2;
    }
}
