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
    /// a × b + c lane by lane, rounded once.
    fn fused(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// a × b + c, rounded once.
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
        // Without the instruction, `mul_add` is a call of the C library.
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            a.mul_add(b, c)
        } else {
            fused_by_doubles(a, b, c)
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

/// a × b + c, rounded once, by doubles: for processors without the instruction, so that they give the same bits as others.
///
/// The product of two floats is a double. The sum is rounded to odd, after which rounding to a float is right. Boldo and
/// Melquiond 2008.
#[inline(always)]
fn fused_by_doubles(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    // What rounding the sum lost: Knuth's two-sum. It is NaN for a sum that is not finite.
    let part = sum - product;
    let lost = (product - (sum - part)) + (c - part);
    let bits = sum.to_bits();
    let is_away = (lost > 0.0) == (sum > 0.0);
    let odd = if is_away {
        bits | 1
    } else {
        bits.wrapping_sub(1)
    };
    let is_rounded = lost != 0.0 && !lost.is_nan() && bits & 1 == 0;
    f64::from_bits(if is_rounded { odd } else { bits }) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        #[test]
        fn doubles_round_as_the_instruction_does(
            a in any::<f32>(), b in any::<f32>(), c in any::<f32>(), near in -3i32..=3,
        ) {
            // Anything, and sums that nearly cancel or that are near a tie.
            let opposite = f32::from_bits((-(a * b)).to_bits().wrapping_add_signed(near));
            for c in [c, opposite, a * 16_777_216.0 * b, 0.0] {
                let (found, wanted) = (fused_by_doubles(a, b, c), a.mul_add(b, c));
                let is_same = found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan();
                prop_assert!(is_same, "{a} × {b} + {c} = {wanted}, found {found}");
            }
        }
    }

    #[test]
    fn doubles_keep_what_is_not_finite() {
        let values = [
            0.0,
            -0.0,
            1.0,
            f32::MAX,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            1e-45,
        ];
        for a in values {
            for b in values {
                for c in values {
                    let (found, wanted) = (fused_by_doubles(a, b, c), a.mul_add(b, c));
                    let is_same =
                        found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan();
                    assert!(is_same, "{a} × {b} + {c} = {wanted}, found {found}");
                }
            }
        }
    }
}
