//! Path lengths of many rows.

use rayon::prelude::*;

use crate::fit::fill;
use crate::rows::block;
use crate::trees::{Root, Trees};

/// Rows that go down a tree side by side: the processor waits for none of them.
const LANES: usize = 8;

/// Returns the mean path length of each row of `values`: rows of as many columns as `typical` has, one after another.
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
    let turned = turned(width, values);
    for root in &trees.roots {
        let lanes = turned.chunks_exact(width).zip(lengths.chunks_mut(LANES));
        for (lanes, lengths) in lanes {
            let leaves = match &trees.planes {
                None => descend(trees, *root, |by, lane| lanes[by][lane]),
                Some(planes) => descend(trees, *root, |by, lane| {
                    planes.project(by, |column| lanes[column][lane])
                }),
            };
            for (length, leaf) in lengths.iter_mut().zip(leaves) {
                *length += trees.nodes.lengths[leaf as usize];
            }
        }
    }
    for (row, length) in values.chunks_exact(width).zip(lengths) {
        if row.iter().any(|value| value.is_nan()) {
            let each = trees.roots.iter();
            *length = each
                .map(|root| weighted(trees, root.at as usize, row))
                .sum();
        }
    }
}

/// Turns rows round, a few at a time: of each column, the values of the rows. Where rows are too few, zeros stand.
fn turned(width: usize, values: &[f64]) -> Vec<[f64; LANES]> {
    let rows = values.len() / width;
    let mut turned = vec![[0.0; LANES]; rows.div_ceil(LANES) * width];
    for (rows, lanes) in values
        .chunks(LANES * width)
        .zip(turned.chunks_exact_mut(width))
    {
        for (lane, row) in rows.chunks_exact(width).enumerate() {
            for (value, column) in row.iter().zip(&mut *lanes) {
                column[lane] = *value;
            }
        }
    }
    turned
}

/// Returns the leaves that rows come to, where `value` is what a split looks at of a row. A missing value goes left, which is mended
/// afterwards.
#[inline(always)]
fn descend(trees: &Trees, root: Root, value: impl Fn(usize, usize) -> f64) -> [u32; LANES] {
    let splits = trees.nodes.splits.as_slice();
    let mut at = [root.at; LANES];
    for _ in 0..root.depth {
        for (lane, at) in at.iter_mut().enumerate() {
            let split = &splits[*at as usize];
            let is_above = value(split.by as usize, lane) >= split.threshold;
            *at = split.left + u32::from(is_above);
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
