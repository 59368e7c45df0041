//! Matrix product of small integers: exact, so that its order is free; only whole blocks are added up as floats.

use super::instructions::{Instructions, Pair};
use super::integers::{BLOCK, IntegerRows, WEIGHT_LIMIT, round};
use super::level::by_level;
use super::product::{Out, PANEL};

/// A (depth × columns) matrix cut into panels of 32 columns of pairs; each column has a scale of its own.
pub(super) struct IntegerPanels {
    pairs: Vec<Pair>,
    /// Of each column, zero beyond the last one.
    scales: Vec<f32>,
    /// What is added to each column, zero beyond the last one.
    bias: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl IntegerPanels {
    /// Rounds and packs a (columns × depth) row-major matrix, as PyTorch stores a linear layer.
    pub(super) fn pack(weight: &[f32], bias: &[f32], depth: usize) -> Self {
        let (columns, pairs) = (bias.len(), depth.div_ceil(2));
        let padded = columns.next_multiple_of(PANEL);
        let mut packed = vec![[0; 2]; padded * pairs];
        let mut scales = vec![0.0; padded];
        let mut integers = vec![0; 2 * pairs];
        for (column, row) in weight.chunks_exact(depth).take(columns).enumerate() {
            scales[column] = round(row, WEIGHT_LIMIT, &mut integers);
            let panel = &mut packed[column / PANEL * PANEL * pairs..];
            for (k, pair) in integers.chunks_exact(2).enumerate() {
                panel[k * PANEL + column % PANEL] = [pair[0], pair[1]];
            }
        }
        let mut padded_bias = vec![0.0; padded];
        padded_bias[..columns].copy_from_slice(bias);
        Self {
            pairs: packed,
            scales,
            bias: padded_bias,
            depth,
            columns,
        }
    }

    /// Columns of the matrix.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Length of a row that it multiplies.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

by_level! {
    /// out = left × right + bias, for left (count × depth), right (depth × columns).
    ///
    /// Each value is the sum over blocks, in their order, of integer sum × scale of the block, fused; then times the scale
    /// of the column, plus the bias, fused.
    pub(super) fn integer_product(left: &IntegerRows, right: &IntegerPanels, out: Out<'_>) = integer_product_body;
}

#[inline(always)]
fn integer_product_body<I: Instructions>(
    with: I,
    left: &IntegerRows,
    right: &IntegerPanels,
    out: Out<'_>,
) {
    let pairs = right.depth.div_ceil(2);
    for (index, panel) in right.pairs.chunks_exact(pairs * PANEL).enumerate() {
        let column = index * PANEL;
        let mut strip = Strip {
            with,
            left,
            scales: &right.scales[column..column + PANEL],
            bias: &right.bias[column..column + PANEL],
            width: (right.columns - column).min(PANEL),
            out: Out {
                values: &mut out.values[column..],
                stride: out.stride,
            },
        };
        let mut blocks = panel.chunks(BLOCK / 2 * PANEL).enumerate().peekable();
        while let Some((index, pairs)) = blocks.next() {
            let is_last = blocks.peek().is_none();
            strip.multiply(&Block {
                index,
                pairs,
                is_last,
            });
        }
    }
}

/// A block of a panel.
struct Block<'a> {
    index: usize,
    pairs: &'a [Pair],
    is_last: bool,
}

/// All rows against one panel.
struct Strip<'a, I> {
    with: I,
    left: &'a IntegerRows,
    scales: &'a [f32],
    bias: &'a [f32],
    width: usize,
    out: Out<'a>,
}

impl<I: Instructions> Strip<'_, I> {
    /// Adds a block to every row of the output: tiles of two registers across, as many rows as leave registers for both
    /// sides, then what remains.
    #[inline(always)]
    fn multiply(&mut self, block: &Block<'_>) {
        for first in (0..self.width).step_by(2 * I::LANES) {
            let row = match I::LANES {
                16 => self.tiles::<8>(0, first, block),
                _ => self.tiles::<5>(0, first, block),
            };
            let row = self.tiles::<4>(row, first, block);
            let row = self.tiles::<2>(row, first, block);
            self.tiles::<1>(row, first, block);
        }
    }

    /// Tiles of HEIGHT rows, as many as fit from `row` on; the first row that is left.
    #[inline(always)]
    fn tiles<const HEIGHT: usize>(
        &mut self,
        mut row: usize,
        first: usize,
        block: &Block<'_>,
    ) -> usize {
        while row + HEIGHT <= self.left.count() {
            let sums = self.tile::<HEIGHT>(row, first, block);
            for (r, sums) in sums.into_iter().enumerate() {
                self.add(row + r, first, block, sums);
            }
            row += HEIGHT;
        }
        row
    }

    /// HEIGHT rows × two registers of sums over a block.
    #[inline(always)]
    fn tile<const HEIGHT: usize>(
        &self,
        row: usize,
        first: usize,
        block: &Block<'_>,
    ) -> [[I::Sums; 2]; HEIGHT] {
        let (with, depth) = (self.with, block.pairs.len() / PANEL);
        // Filled by a loop: `array::from_fn` is not inlined into a function of more instructions.
        let mut rows: [&[Pair]; HEIGHT] = [&[]; HEIGHT];
        for (r, pairs) in rows.iter_mut().enumerate() {
            *pairs = self.left.pairs(row + r, block.index * (BLOCK / 2), depth);
        }
        let mut sums = [[with.no_sums(); 2]; HEIGHT];
        #[expect(
            clippy::needless_range_loop,
            reason = "k runs through HEIGHT rows and the panel alike"
        )]
        for k in 0..depth {
            let line = &block.pairs[k * PANEL..(k + 1) * PANEL];
            let (low, high) = (
                with.load_pairs(&line[first..]),
                with.load_pairs(&line[first + I::LANES..]),
            );
            for r in 0..HEIGHT {
                let pair = with.splat_pair(rows[r][k]);
                sums[r][0] = with.add_products(pair, low, sums[r][0]);
                sums[r][1] = with.add_products(pair, high, sums[r][1]);
            }
        }
        sums
    }

    /// Adds the sums of a block to two registers of the output, up to its last column.
    #[inline(always)]
    fn add(&mut self, row: usize, first: usize, block: &Block<'_>, sums: [I::Sums; 2]) {
        let width = (self.width - first).min(2 * I::LANES);
        let at = row * self.out.stride + first;
        let mut whole = [0.0; PANEL];
        if width == 2 * I::LANES {
            self.add_whole(row, first, block, sums, at);
        } else {
            let out = &mut self.out.values[at..at + width];
            whole[..width].copy_from_slice(out);
            let total = self.total(row, first, block, sums, &whole);
            self.with.store(total[0], &mut whole);
            self.with.store(total[1], &mut whole[I::LANES..]);
            self.out.values[at..at + width].copy_from_slice(&whole[..width]);
        }
    }

    #[inline(always)]
    fn add_whole(
        &mut self,
        row: usize,
        first: usize,
        block: &Block<'_>,
        sums: [I::Sums; 2],
        at: usize,
    ) {
        let total = self.total(row, first, block, sums, &self.out.values[at..]);
        let out = &mut self.out.values[at..at + 2 * I::LANES];
        self.with.store(total[0], out);
        self.with.store(total[1], &mut out[I::LANES..]);
    }

    /// The sums of a block times its scale, plus what came before; the last block also scales the column and adds the bias.
    #[inline(always)]
    fn total(
        &self,
        row: usize,
        first: usize,
        block: &Block<'_>,
        sums: [I::Sums; 2],
        before: &[f32],
    ) -> [I::Vector; 2] {
        let scale = self.with.splat(self.left.scale(row, block.index));
        [
            self.half(first, block, sums[0], scale, before),
            self.half(first + I::LANES, block, sums[1], scale, &before[I::LANES..]),
        ]
    }

    #[inline(always)]
    fn half(
        &self,
        first: usize,
        block: &Block<'_>,
        sums: I::Sums,
        scale: I::Vector,
        before: &[f32],
    ) -> I::Vector {
        let with = self.with;
        let before = match block.index {
            0 => with.splat(0.0),
            _ => with.load(before),
        };
        let total = with.fused(with.floats(sums), scale, before);
        if block.is_last {
            let bias = with.load(&self.bias[first..]);
            with.fused(total, with.load(&self.scales[first..]), bias)
        } else {
            total
        }
    }
}
