//! The operations that the kernels are written in, and what every processor of the target makes of them.

/// Two 16-bit integers that are multiplied with two others and added up.
pub(super) type Pair = [i16; 2];

/// The operations of an instruction set. A value of an implementing type is evidence that the processor has it, so that
/// its methods need no `unsafe`.
pub(super) trait Instructions: Copy {
    /// A register of [`LANES`](Self::LANES) floats.
    type Vector: Copy;
    /// A register of [`LANES`](Self::LANES) pairs.
    type Pairs: Copy;
    /// A register of [`LANES`](Self::LANES) 32-bit integers.
    type Sums: Copy;
    /// Floats in a register.
    const LANES: usize;

    /// Every lane the same.
    fn splat(self, value: f32) -> Self::Vector;
    /// The first floats of a slice, which has at least [`LANES`](Self::LANES).
    fn load(self, values: &[f32]) -> Self::Vector;
    /// Writes the first floats of a slice, which has at least [`LANES`](Self::LANES).
    fn store(self, vector: Self::Vector, values: &mut [f32]);
    /// a × b + c lane by lane, rounded once where the processor can.
    fn fused(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// a × b + c, rounded once where the processor can.
    fn mul_add(self, a: f32, b: f32, c: f32) -> f32;

    /// Every lane the same pair.
    fn splat_pair(self, pair: Pair) -> Self::Pairs;
    /// The first pairs of a slice, which has at least [`LANES`](Self::LANES).
    fn load_pairs(self, pairs: &[Pair]) -> Self::Pairs;
    /// Every lane 0.
    fn no_sums(self) -> Self::Sums;
    /// a₀ × b₀ + a₁ × b₁ + sum lane by lane, exact as long as no sum leaves 32 bits.
    fn add_products(self, a: Self::Pairs, b: Self::Pairs, sums: Self::Sums) -> Self::Sums;
    /// The nearest float of each sum, the even one of two.
    fn floats(self, sums: Self::Sums) -> Self::Vector;
}

/// What every processor of the target has.
#[derive(Clone, Copy)]
pub(super) struct Baseline;

impl Instructions for Baseline {
    type Vector = [f32; 8];
    type Pairs = [Pair; 8];
    type Sums = [i32; 8];
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; 8] {
        [value; 8]
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> [f32; 8] {
        std::array::from_fn(|lane| values[lane])
    }

    #[inline(always)]
    fn store(self, vector: [f32; 8], values: &mut [f32]) {
        values[..8].copy_from_slice(&vector);
    }

    #[inline(always)]
    fn fused(self, a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| self.mul_add(a[lane], b[lane], c[lane]))
    }

    #[inline(always)]
    fn mul_add(self, a: f32, b: f32, c: f32) -> f32 {
        // Without the instruction, `mul_add` is a library call, a hundred times slower than rounding twice.
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            a.mul_add(b, c)
        } else {
            a * b + c
        }
    }

    #[inline(always)]
    fn splat_pair(self, pair: Pair) -> [Pair; 8] {
        [pair; 8]
    }

    #[inline(always)]
    fn load_pairs(self, pairs: &[Pair]) -> [Pair; 8] {
        std::array::from_fn(|lane| pairs[lane])
    }

    #[inline(always)]
    fn no_sums(self) -> [i32; 8] {
        [0; 8]
    }

    #[inline(always)]
    fn add_products(self, a: [Pair; 8], b: [Pair; 8], sums: [i32; 8]) -> [i32; 8] {
        std::array::from_fn(|lane| {
            let product = |at: usize| i32::from(a[lane][at]) * i32::from(b[lane][at]);
            sums[lane] + (product(0) + product(1))
        })
    }

    #[inline(always)]
    fn floats(self, sums: [i32; 8]) -> [f32; 8] {
        sums.map(|sum| sum as f32)
    }
}
