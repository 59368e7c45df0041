//! The operations on x86-64, by the width of the registers.

use std::arch::x86_64::{
    __m256, __m256i, __m512, __m512i, _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_fmadd_ps,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_setzero_si256, _mm256_storeu_ps, _mm512_add_epi32, _mm512_cvtepi32_ps,
    _mm512_dpwssd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_madd_epi16,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512, _mm512_storeu_ps,
};

use super::instructions::{Instructions, Pair};

/// What an instruction set calls its operations.
macro_rules! instructions {
    (
        $(#[$meta:meta])* $name:ident: $lanes:literal lanes;
        floats $vector:ty: $splat:ident, $load:ident, $store:ident, $fused:ident;
        integers $integers:ty: $splat_pair:ident, $load_pairs:ident, $no_sums:ident, $floats:ident;
        products ($a:ident, $b:ident, $sums:ident) $products:expr;
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(super) struct $name(());

        impl $name {
            /// # Safety
            ///
            /// The processor has the instruction set, and fused multiply-add.
            #[inline(always)]
            pub(super) unsafe fn assume() -> Self {
                Self(())
            }
        }

        // SAFETY, of each block: `self` is evidence of the instruction set; the slice was checked to be long enough.
        impl Instructions for $name {
            type Vector = $vector;
            type Pairs = $integers;
            type Sums = $integers;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(self, value: f32) -> $vector {
                unsafe { $splat(value) }
            }

            #[inline(always)]
            fn load(self, values: &[f32]) -> $vector {
                let values = &values[..$lanes];
                unsafe { $load(values.as_ptr()) }
            }

            #[inline(always)]
            fn store(self, vector: $vector, values: &mut [f32]) {
                let values = &mut values[..$lanes];
                unsafe { $store(values.as_mut_ptr(), vector) }
            }

            #[inline(always)]
            fn fused(self, a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $fused(a, b, c) }
            }

            #[inline(always)]
            fn mul_add(self, a: f32, b: f32, c: f32) -> f32 {
                a.mul_add(b, c)
            }

            #[inline(always)]
            fn splat_pair(self, [first, second]: Pair) -> $integers {
                let both = i32::from(second) << 16 | i32::from(first as u16);
                unsafe { $splat_pair(both) }
            }

            #[inline(always)]
            fn load_pairs(self, pairs: &[Pair]) -> $integers {
                let pairs = &pairs[..$lanes];
                unsafe { $load_pairs(pairs.as_ptr().cast()) }
            }

            #[inline(always)]
            fn no_sums(self) -> $integers {
                unsafe { $no_sums() }
            }

            #[inline(always)]
            fn add_products(self, $a: $integers, $b: $integers, $sums: $integers) -> $integers {
                unsafe { $products }
            }

            #[inline(always)]
            fn floats(self, sums: $integers) -> $vector {
                unsafe { $floats(sums) }
            }
        }
    };
}

instructions! {
    /// 512-bit registers, with `vpdpwssd`.
    Vnni: 16 lanes;
    floats __m512: _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps;
    integers __m512i: _mm512_set1_epi32, _mm512_loadu_si512, _mm512_setzero_si512, _mm512_cvtepi32_ps;
    products (a, b, sums) _mm512_dpwssd_epi32(sums, a, b);
}
instructions! {
    /// 512-bit registers.
    Avx512: 16 lanes;
    floats __m512: _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps;
    integers __m512i: _mm512_set1_epi32, _mm512_loadu_si512, _mm512_setzero_si512, _mm512_cvtepi32_ps;
    products (a, b, sums) _mm512_add_epi32(sums, _mm512_madd_epi16(a, b));
}
instructions! {
    /// 256-bit registers.
    Avx2: 8 lanes;
    floats __m256: _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps;
    integers __m256i: _mm256_set1_epi32, _mm256_loadu_si256, _mm256_setzero_si256, _mm256_cvtepi32_ps;
    products (a, b, sums) _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
}
