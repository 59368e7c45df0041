//! Matrix product with a right-hand side that was packed beforehand.

use super::level::{Instructions, by_level};

/// Columns of a packed panel.
pub(super) const PANEL: usize = 32;

/// Rows of a matrix that lie `stride` values apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
    pub(super) count: usize,
}

/// A (depth × columns) matrix cut into panels of 32 columns, each panel (depth × 32), the last filled with zeros.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    pub(super) values: &'a [f32],
    pub(super) depth: usize,
    pub(super) columns: usize,
}

/// Where a product goes: rows that lie `stride` values apart.
pub(super) struct Out<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) stride: usize,
}

by_level! {
    /// out = left × right + bias, for left (count × depth), right (depth × columns), bias of `columns` or none.
    ///
    /// Each value is the bias and then the products in the order of depth, fused: no blocking of the sum.
    pub(super) fn product(left: Rows<'_>, right: Panels<'_>, bias: Option<&[f32]>, out: Out<'_>) = product_body;
}

/// The body of [`product`], for code that is itself compiled for a level.
#[inline(always)]
pub(super) fn product_body<I: Instructions>(
    left: Rows<'_>,
    right: Panels<'_>,
    bias: Option<&[f32]>,
    out: Out<'_>,
) {
    for (index, panel) in right.values.chunks_exact(right.depth * PANEL).enumerate() {
        let first = index * PANEL;
        let columns = (right.columns - first).min(PANEL);
        let mut start = [0.0; PANEL];
        if let Some(bias) = bias {
            start[..columns].copy_from_slice(&bias[first..first + columns]);
        }
        let strip = Strip {
            left,
            panel,
            depth: right.depth,
            start: &start,
        };
        let out = Out {
            values: &mut out.values[first..],
            stride: out.stride,
        };
        if I::IS_WIDE {
            strip.multiply::<I, 8, 32>(columns, out);
        } else {
            strip.multiply::<I, 6, 16>(columns, out);
        }
    }
}

/// All rows against one panel.
struct Strip<'a> {
    left: Rows<'a>,
    panel: &'a [f32],
    depth: usize,
    start: &'a [f32; PANEL],
}

impl Strip<'_> {
    #[inline(always)]
    fn multiply<I: Instructions, const HEIGHT: usize, const WIDTH: usize>(
        &self,
        columns: usize,
        out: Out<'_>,
    ) {
        for first in (0..columns).step_by(WIDTH) {
            let width = (columns - first).min(WIDTH);
            let mut row = 0;
            while row + HEIGHT <= self.left.count {
                self.tile::<I, HEIGHT, WIDTH>(row, first, width, &mut *out.values, out.stride);
                row += HEIGHT;
            }
            if row + 4 <= self.left.count {
                self.tile::<I, 4, WIDTH>(row, first, width, &mut *out.values, out.stride);
                row += 4;
            }
            if row + 2 <= self.left.count {
                self.tile::<I, 2, WIDTH>(row, first, width, &mut *out.values, out.stride);
                row += 2;
            }
            if row < self.left.count {
                self.tile::<I, 1, WIDTH>(row, first, width, &mut *out.values, out.stride);
            }
        }
    }

    /// HEIGHT × WIDTH sums in registers, over the whole depth.
    #[inline(always)]
    fn tile<I: Instructions, const HEIGHT: usize, const WIDTH: usize>(
        &self,
        row: usize,
        first: usize,
        width: usize,
        out: &mut [f32],
        stride: usize,
    ) {
        let depth = self.depth;
        let rows: [&[f32]; HEIGHT] = std::array::from_fn(|r| {
            let at = (row + r) * self.left.stride;
            &self.left.values[at..at + depth]
        });
        let panel = &self.panel[first..(depth - 1) * PANEL + first + WIDTH];
        let start: [f32; WIDTH] = std::array::from_fn(|w| self.start[first + w]);
        let mut sums = [start; HEIGHT];
        for k in 0..depth {
            let line = &panel[k * PANEL..k * PANEL + WIDTH];
            for r in 0..HEIGHT {
                let value = rows[r][k];
                for w in 0..WIDTH {
                    sums[r][w] = I::mul_add(value, line[w], sums[r][w]);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let at = (row + r) * stride + first;
            if width == WIDTH {
                out[at..at + WIDTH].copy_from_slice(sums);
            } else {
                out[at..at + width].copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// Packs a (columns × depth) row-major matrix, as PyTorch stores a linear layer, into panels.
pub(super) fn pack(weight: &[f32], columns: usize, depth: usize) -> Vec<f32> {
    let mut packed = vec![0.0; columns.div_ceil(PANEL) * PANEL * depth];
    for (column, row) in weight.chunks_exact(depth).take(columns).enumerate() {
        let panel = &mut packed[column / PANEL * PANEL * depth..];
        for (k, &value) in row.iter().enumerate() {
            panel[k * PANEL + column % PANEL] = value;
        }
    }
    packed
}
