//! Rows of floats as rows of small integers, each block of a row with a scale of its own.

use super::instructions::Pair;
use super::level::{Level, by_level};

/// Values of a row that share a scale, and whose products are added up in 32 bits.
///
/// Smaller blocks leave room for larger integers and confine outliers, but cost more: from 384 to 192, 6 % of the time for
/// a third of the error.
pub(super) const BLOCK: usize = 192;
/// The largest integer that stands for an activation; larger than a weight's, as activations have the outliers.
pub(super) const LIMIT: i32 = 4000;
/// The largest integer that stands for a weight.
pub(super) const WEIGHT_LIMIT: i32 = 2796;
// No sum of a block leaves 32 bits, whatever the order of its terms: integer products are exact on every processor.
const _: () = assert!(BLOCK as i64 * LIMIT as i64 * WEIGHT_LIMIT as i64 <= i32::MAX as i64);
// Pairs do not straddle blocks.
const _: () = assert!(BLOCK.is_multiple_of(2));

/// Blocks whose largest value is less are taken for zeros, so that no scale overflows.
const LEAST: f32 = 1e-30;
/// Adding it rounds to an integer, the even one of two, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;

/// Rows of integers and their scales, used again from product to product.
#[derive(Default)]
pub(super) struct IntegerRows {
    pairs: Vec<Pair>,
    scales: Vec<f32>,
    depth: usize,
    count: usize,
}

impl IntegerRows {
    /// Rounds rows of `depth` values.
    pub(super) fn fill(&mut self, level: Level, values: &[f32], depth: usize) {
        (self.depth, self.count) = (depth, values.len() / depth);
        let (pairs, scales) = (self.count * self.stride(), self.count * blocks(depth));
        // A pair beyond the depth of an odd row keeps what stood there: its weight is 0.
        if self.pairs.len() < pairs {
            self.pairs.resize(pairs, [0; 2]);
        }
        self.scales.clear();
        self.scales.resize(scales, 0.0);
        round_rows(level, values, self);
    }

    /// Number of rows.
    #[inline(always)]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Pairs of a row.
    #[inline(always)]
    fn stride(&self) -> usize {
        self.depth.div_ceil(2)
    }

    /// The pairs of a block of a row.
    #[inline(always)]
    pub(super) fn pairs(&self, row: usize, first: usize, count: usize) -> &[Pair] {
        let at = row * self.stride() + first;
        &self.pairs[at..at + count]
    }

    /// What the integers of a block of a row are multiples of.
    #[inline(always)]
    pub(super) fn scale(&self, row: usize, block: usize) -> f32 {
        self.scales[row * blocks(self.depth) + block]
    }
}

/// Blocks of a row.
#[inline(always)]
pub(super) fn blocks(depth: usize) -> usize {
    depth.div_ceil(BLOCK)
}

by_level! {
    /// Rounds each block of each row to multiples of a 4000th of its largest magnitude.
    fn round_rows(values: &[f32], rows: &mut IntegerRows) = round_rows_body;
}

#[inline(always)]
fn round_rows_body<I>(_with: I, values: &[f32], rows: &mut IntegerRows) {
    let stride = rows.stride();
    let scales = rows.scales.chunks_exact_mut(blocks(rows.depth));
    let rounded = rows.pairs.chunks_exact_mut(stride);
    for ((row, pairs), scales) in values.chunks_exact(rows.depth).zip(rounded).zip(scales) {
        let integers = pairs.as_flattened_mut().chunks_mut(BLOCK);
        for ((values, integers), scale) in row.chunks(BLOCK).zip(integers).zip(scales) {
            *scale = round(values, LIMIT, integers);
        }
    }
}

/// Rounds values to multiples of a `limit`-th of the largest magnitude; returns the multiplier.
///
/// NaN and infinity come through in the multiplier.
#[inline(always)]
pub(super) fn round(values: &[f32], limit: i32, integers: &mut [i16]) -> f32 {
    // As integers, the bits of magnitudes are in the order of the magnitudes, then infinity, then NaN.
    let mut highest = 0;
    for value in values {
        highest = ((value.to_bits() & 0x7fff_ffff) as i32).max(highest);
    }
    let highest = f32::from_bits(highest as u32);
    let limit = limit as f32;
    if highest >= LEAST && highest.is_finite() {
        let inverse = limit / highest;
        for (integer, &value) in integers.iter_mut().zip(values) {
            *integer = (value * inverse + ROUND).to_bits() as i16;
        }
    } else {
        integers[..values.len()].fill(0);
    }
    highest / limit
}
