//! Path lengths of many rows.

use rayon::prelude::*;

use crate::fit::fill;
use crate::rows::block;
use crate::trees::{Root, Trees};

/// Rows that go down a tree side by side: the processor waits for none of them.
const LANES: usize = 8;

/// Writes the mean path length of each row of `values`, rows of `typical.len()` columns one after another.
pub(crate) fn path_lengths(trees: &Trees, typical: &[Option<f64>], values: &[f64]) -> Vec<f64> {
    let width = typical.len();
    let rows = block(width);
    let mut lengths = vec![0.0; values.len() / width];
    let blocks = lengths
        .par_chunks_mut(rows)
        .zip(values.par_chunks(rows * width));
    blocks.for_each(|(lengths, values)| {
        if trees.planes.is_some() && values.iter().any(|value| value.is_nan()) {
            let mut filled = values.to_vec();
            fill(&mut filled, typical);
            add_block(trees, width, &filled, lengths);
        } else {
            add_block(trees, width, values, lengths);
        }
        let count = trees.roots.len() as f64;
        lengths.iter_mut().for_each(|length| *length /= count);
    });
    lengths
}

/// Adds to each row's length that of each tree, in the order of the trees, so that sums are alike however rows are blocked.
fn add_block(trees: &Trees, width: usize, values: &[f64], lengths: &mut [f64]) {
    for root in &trees.roots {
        let lanes = values.chunks(LANES * width).zip(lengths.chunks_mut(LANES));
        for (values, lengths) in lanes {
            if lengths.len() == LANES {
                let leaves = side_by_side::<LANES>(trees, *root, values, width);
                let found = lengths.iter_mut().zip(leaves);
                found.for_each(|(length, leaf)| *length += trees.nodes.lengths[leaf as usize]);
            } else {
                for (row, length) in values.chunks_exact(width).zip(lengths) {
                    let [leaf] = side_by_side::<1>(trees, *root, row, width);
                    *length += trees.nodes.lengths[leaf as usize];
                }
            }
        }
    }
    for (row, length) in values.chunks_exact(width).zip(lengths) {
        if row.iter().any(|value| value.is_nan()) {
            *length = trees
                .roots
                .iter()
                .map(|root| weighted(trees, root.at as usize, row))
                .sum();
        }
    }
}

/// Returns the leaves that rows come to. A missing value goes left, which is mended afterwards.
#[inline(always)]
fn side_by_side<const N: usize>(
    trees: &Trees,
    root: Root,
    values: &[f64],
    width: usize,
) -> [u32; N] {
    let splits = trees.nodes.splits.as_slice();
    let mut at = [root.at; N];
    match &trees.planes {
        None => {
            for _ in 0..root.depth {
                for (lane, at) in at.iter_mut().enumerate() {
                    let split = &splits[*at as usize];
                    let value = values[lane * width + split.by as usize];
                    *at = split.left + u32::from(value >= split.threshold);
                }
            }
        }
        Some(planes) => {
            for _ in 0..root.depth {
                for (lane, at) in at.iter_mut().enumerate() {
                    let split = &splits[*at as usize];
                    let value = planes.project(split.by as usize, &values[lane * width..][..width]);
                    *at = split.left + u32::from(value >= split.threshold);
                }
            }
        }
    }
    at
}

/// Returns the mean path length below a node of a row that lacks values: where one is missing, it goes both ways, weighed by the training
/// rows that went there.
fn weighted(trees: &Trees, at: usize, row: &[f64]) -> f64 {
    let nodes = &trees.nodes;
    let mut at = at;
    while !nodes.is_leaf(at) {
        let split = nodes.splits[at];
        let left = split.left as usize;
        let value = row[split.by as usize];
        if value.is_nan() {
            let both = [left, left + 1]
                .map(|side| f64::from(nodes.rows[side]) * weighted(trees, side, row));
            return (both[0] + both[1]) / f64::from(nodes.rows[at]);
        }
        at = left + usize::from(value >= split.threshold);
    }
    nodes.lengths[at]
}
