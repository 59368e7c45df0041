//! Chooses at run time, once, the widest instructions that the processor has.

/// Evidence that the processor has an instruction set: only detection makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 512-bit registers and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// 256-bit registers and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What every processor of the target has.
    Baseline,
}

impl Level {
    /// The widest level of this processor.
    pub(crate) fn detect() -> Self {
        Self::available()[0]
    }

    /// All levels of this processor, the widest first.
    pub(crate) fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if has_avx2 && is_x86_feature_detected!("avx512f") {
                levels.push(Self(Kind::Avx512));
            }
            if has_avx2 {
                levels.push(Self(Kind::Avx2));
            }
        }
        levels.push(Self(Kind::Baseline));
        levels
    }

    pub(super) fn kind(self) -> Kind {
        self.0
    }
}

/// The operations of an instruction set. A value of an implementing type is evidence that the processor has it, so that
/// its methods need no `unsafe`.
pub(super) trait Instructions: Copy {
    /// A register of [`LANES`](Self::LANES) floats.
    type Vector: Copy;
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
}

/// What every processor of the target has.
#[derive(Clone, Copy)]
pub(super) struct Baseline;

impl Instructions for Baseline {
    type Vector = [f32; 8];
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
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256, __m512, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps,
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_storeu_ps,
    };

    use super::Instructions;

    macro_rules! instructions {
        ($(#[$meta:meta])* $name:ident, $vector:ty, $lanes:literal, $splat:ident, $load:ident, $store:ident, $fused:ident) => {
            $(#[$meta])*
            #[derive(Clone, Copy)]
            pub(in crate::cpu) struct $name(());

            impl $name {
                /// # Safety
                ///
                /// The processor has the instruction set, and fused multiply-add.
                #[inline(always)]
                pub(in crate::cpu) unsafe fn assume() -> Self {
                    Self(())
                }
            }

            // SAFETY, of each block: `self` is evidence of the instruction set; the slice was checked to be long enough.
            impl Instructions for $name {
                type Vector = $vector;
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
            }
        };
    }

    instructions!(
        /// 512-bit registers.
        Avx512, __m512, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps
    );
    instructions!(
        /// 256-bit registers.
        Avx2, __m256, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps
    );
}

/// Defines a function that runs an `#[inline(always)]` body compiled for the level given first.
macro_rules! by_level {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?) = $body:ident;) => {
        $(#[$meta])*
        $vis fn $name(level: $crate::cpu::level::Level, $($arg: $kind),*) {
            use $crate::cpu::level::{Baseline, Kind};
            #[cfg(target_arch = "x86_64")]
            use $crate::cpu::level::{Avx2, Avx512};
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma")]
            fn avx512(evidence: Avx512, $($arg: $kind),*) {
                $body(evidence, $($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2(evidence: Avx2, $($arg: $kind),*) {
                $body(evidence, $($arg),*)
            }
            match level.kind() {
                // SAFETY: a `Level` of this kind exists only where the processor was found to have the features.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { avx512(Avx512::assume(), $($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { avx2(Avx2::assume(), $($arg),*) },
                Kind::Baseline => $body(Baseline, $($arg),*),
            }
        }
    };
}
pub(super) use by_level;
