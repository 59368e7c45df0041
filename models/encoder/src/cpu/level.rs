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
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("fma") {
                levels.push(Self(Kind::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
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

/// What the numeric code needs to know about the instructions that it is compiled for.
pub(super) trait Instructions {
    /// Whether a tile is 8 rows × 32 columns, for 32 wide registers, or 6 × 16.
    const IS_WIDE: bool;

    /// a × b + c, rounded once where the processor can.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;
}

/// 512-bit registers.
#[cfg(target_arch = "x86_64")]
pub(super) struct Avx512;
/// 256-bit registers.
#[cfg(target_arch = "x86_64")]
pub(super) struct Avx2;
/// The target's own minimum.
pub(super) struct Baseline;

#[cfg(target_arch = "x86_64")]
impl Instructions for Avx512 {
    const IS_WIDE: bool = true;
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

#[cfg(target_arch = "x86_64")]
impl Instructions for Avx2 {
    const IS_WIDE: bool = false;
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Instructions for Baseline {
    const IS_WIDE: bool = false;
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        // Without the instruction, `mul_add` is a library call, a hundred times slower than rounding twice.
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            a.mul_add(b, c)
        } else {
            a * b + c
        }
    }
}

/// Defines a function that runs a generic `#[inline(always)]` body compiled for the level given first.
macro_rules! by_level {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?) = $body:ident;) => {
        $(#[$meta])*
        $vis fn $name(level: $crate::cpu::level::Level, $($arg: $kind),*) {
            use $crate::cpu::level::{Baseline, Kind};
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma")]
            fn avx512($($arg: $kind),*) {
                $body::<$crate::cpu::level::Avx512>($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $kind),*) {
                $body::<$crate::cpu::level::Avx2>($($arg),*)
            }
            match level.kind() {
                // SAFETY: a `Level` of this kind exists only where the processor was found to have the features.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx2 => unsafe { avx2($($arg),*) },
                Kind::Baseline => $body::<Baseline>($($arg),*),
            }
        }
    };
}
pub(super) use by_level;
