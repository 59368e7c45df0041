//! Matrix product with a right-hand side that was packed beforehand.

use super::instructions::Instructions;
use super::level::by_level;

/// Columns of a packed panel.
pub(super) const PANEL: usize = 32;

/// Rows of a matrix that lie `stride` values apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [f32],
    pub(super) stride: usize,
    pub(super) count: usize,
}

/// A (depth × columns) matrix cut into panels of 32 columns, each panel (depth × 32), the last filled with zeros; and
/// what is added to each of its columns.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    pub(super) values: &'a [f32],
    pub(super) depth: usize,
    pub(super) columns: usize,
    pub(super) bias: Option<&'a [f32]>,
}

/// Where a product goes: rows that lie `stride` values apart.
pub(super) struct Out<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) stride: usize,
}

by_level! {
    /// out = left × right + bias, for left (count × depth), right (depth × columns).
    ///
    /// Each value is the bias and then the products in the order of depth, fused: no blocking of the sum.
    pub(super) fn product(left: Rows<'_>, right: Panels<'_>, out: Out<'_>) = product_body;
}

/// The body of [`product`], for code that is itself compiled for a level.
#[inline(always)]
pub(super) fn product_body<I: Instructions>(
    with: I,
    left: Rows<'_>,
    right: Panels<'_>,
    out: Out<'_>,
) {
    for (index, panel) in right.values.chunks_exact(right.depth * PANEL).enumerate() {
        let first = index * PANEL;
        let width = (right.columns - first).min(PANEL);
        let mut start = [0.0; PANEL];
        if let Some(bias) = right.bias {
            start[..width].copy_from_slice(&bias[first..first + width]);
        }
        let out = Out {
            values: &mut out.values[first..],
            stride: out.stride,
        };
        Strip {
            with,
            left,
            panel,
            depth: right.depth,
            start,
            width,
            out,
        }
        .multiply();
    }
}

/// All rows against one panel.
struct Strip<'a, I> {
    with: I,
    left: Rows<'a>,
    panel: &'a [f32],
    depth: usize,
    start: [f32; PANEL],
    width: usize,
    out: Out<'a>,
}

impl<I: Instructions> Strip<'_, I> {
    /// Tiles of two registers across; as many rows as leave a register for the left-hand side, then what remains.
    #[inline(always)]
    fn multiply(&mut self) {
        for first in (0..self.width).step_by(2 * I::LANES) {
            let row = match I::LANES {
                16 => self.tiles::<8>(0, first),
                _ => self.tiles::<6>(0, first),
            };
            let row = self.tiles::<4>(row, first);
            let row = self.tiles::<2>(row, first);
            self.tiles::<1>(row, first);
        }
    }

    /// Tiles of HEIGHT rows, as many as fit from `row` on; the first row that is left.
    #[inline(always)]
    fn tiles<const HEIGHT: usize>(&mut self, mut row: usize, first: usize) -> usize {
        while row + HEIGHT <= self.left.count {
            let sums = self.tile::<HEIGHT>(row, first);
            for (r, sums) in sums.into_iter().enumerate() {
                self.put(row + r, first, sums);
            }
            row += HEIGHT;
        }
        row
    }

    /// HEIGHT rows × two registers of sums over the whole depth.
    #[inline(always)]
    fn tile<const HEIGHT: usize>(&self, row: usize, first: usize) -> [[I::Vector; 2]; HEIGHT] {
        let (with, depth) = (self.with, self.depth);
        // Filled by a loop: `array::from_fn` is not inlined into a function of more instructions.
        let mut rows: [&[f32]; HEIGHT] = [&[]; HEIGHT];
        for (r, values) in rows.iter_mut().enumerate() {
            let at = (row + r) * self.left.stride;
            *values = &self.left.values[at..at + depth];
        }
        let start = [
            with.load(&self.start[first..]),
            with.load(&self.start[first + I::LANES..]),
        ];
        let mut sums = [start; HEIGHT];
        let lines = &self.panel[..depth * PANEL];
        for k in 0..depth {
            let line = &lines[k * PANEL..(k + 1) * PANEL];
            let (low, high) = (
                with.load(&line[first..]),
                with.load(&line[first + I::LANES..]),
            );
            for r in 0..HEIGHT {
                let value = with.splat(rows[r][k]);
                sums[r][0] = with.fused(value, low, sums[r][0]);
                sums[r][1] = with.fused(value, high, sums[r][1]);
            }
        }
        sums
    }

    /// Writes two registers to a row of the output, up to its last column.
    #[inline(always)]
    fn put(&mut self, row: usize, first: usize, [low, high]: [I::Vector; 2]) {
        let width = (self.width - first).min(2 * I::LANES);
        let out = &mut self.out.values[row * self.out.stride + first..][..width];
        if width == 2 * I::LANES {
            self.with.store(low, out);
            self.with.store(high, &mut out[I::LANES..]);
        } else {
            let mut whole = [0.0; PANEL];
            self.with.store(low, &mut whole);
            self.with.store(high, &mut whole[I::LANES..]);
            out.copy_from_slice(&whole[..width]);
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
