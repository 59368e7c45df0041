//! Self-attention within one text. Vaswani et al. 2017, equation 1.

use super::elementwise::softmax;
use super::instructions::Instructions;
use super::level::by_level;
use super::product::{Out, PANEL, Panels, Rows, product_body};

/// Queries whose scores are held at once.
const QUERIES: usize = 8;

/// The heads of a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub(super) count: usize,
    pub(super) width: usize,
}

impl Heads {
    fn total(self) -> usize {
        self.count * self.width
    }
}

/// Memory that attention uses again from head to head.
#[derive(Default)]
pub(super) struct Scratch {
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
}

by_level! {
    /// Attends over the tokens of one text, all of them visible to each.
    ///
    /// `projected` is (tokens × 3 widths: queries, keys, values), `context` (tokens × width).
    pub(super) fn attend(heads: Heads, projected: &[f32], context: &mut [f32], scratch: &mut Scratch) = attend_body;
}

#[inline(always)]
fn attend_body<I: Instructions>(
    with: I,
    heads: Heads,
    projected: &[f32],
    context: &mut [f32],
    scratch: &mut Scratch,
) {
    let stride = 3 * heads.total();
    let tokens = projected.len() / stride;
    let padded = tokens.div_ceil(PANEL) * PANEL;
    scratch.scores.resize(QUERIES * padded, 0.0);
    for head in 0..heads.count {
        let first = head * heads.width;
        pack_keys(
            heads,
            &projected[heads.total() + first..],
            tokens,
            &mut scratch.keys,
        );
        pack_values(
            heads,
            &projected[2 * heads.total() + first..],
            tokens,
            &mut scratch.values,
        );
        for query in (0..tokens).step_by(QUERIES) {
            let count = QUERIES.min(tokens - query);
            product_body(
                with,
                Rows {
                    values: &projected[query * stride + first..],
                    stride,
                    count,
                },
                Panels {
                    values: &scratch.keys,
                    depth: heads.width,
                    columns: tokens,
                    bias: None,
                },
                Out {
                    values: &mut scratch.scores,
                    stride: padded,
                },
            );
            for row in scratch.scores.chunks_exact_mut(padded).take(count) {
                softmax(with, &mut row[..tokens], 1.0 / (heads.width as f32).sqrt());
            }
            product_body(
                with,
                Rows {
                    values: &scratch.scores,
                    stride: padded,
                    count,
                },
                Panels {
                    values: &scratch.values,
                    depth: tokens,
                    columns: heads.width,
                    bias: None,
                },
                Out {
                    values: &mut context[query * heads.total() + first..],
                    stride: heads.total(),
                },
            );
        }
    }
}

/// Panels of (head width × tokens): the keys transposed.
#[inline(always)]
fn pack_keys(heads: Heads, keys: &[f32], tokens: usize, packed: &mut Vec<f32>) {
    packed.clear();
    packed.resize(tokens.div_ceil(PANEL) * PANEL * heads.width, 0.0);
    for token in 0..tokens {
        let key = &keys[token * 3 * heads.total()..][..heads.width];
        let panel = &mut packed[token / PANEL * PANEL * heads.width..];
        for (k, &value) in key.iter().enumerate() {
            panel[k * PANEL + token % PANEL] = value;
        }
    }
}

/// Panels of (tokens × head width): the values as they are.
#[inline(always)]
fn pack_values(heads: Heads, values: &[f32], tokens: usize, packed: &mut Vec<f32>) {
    packed.clear();
    packed.resize(heads.width.div_ceil(PANEL) * PANEL * tokens, 0.0);
    for token in 0..tokens {
        let value = &values[token * 3 * heads.total()..][..heads.width];
        for (panel, part) in value.chunks(PANEL).enumerate() {
            packed[(panel * tokens + token) * PANEL..][..part.len()].copy_from_slice(part);
        }
    }
}
