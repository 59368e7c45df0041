//! Chooses at run time, once, the widest instructions that the processor has.

/// Evidence that the processor has an instruction set: only detection makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As [`Kind::Avx512`], and integer products that add to their sums at once.
    #[cfg(target_arch = "x86_64")]
    Vnni,
    /// 512-bit registers of floats and of 16-bit integers, and fused multiply-add.
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
            let has_avx512 = has_avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw");
            if has_avx512 && is_x86_feature_detected!("avx512vnni") {
                levels.push(Self(Kind::Vnni));
            }
            if has_avx512 {
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

/// Defines a function that runs an `#[inline(always)]` body compiled for the level given first.
macro_rules! by_level {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?) = $body:ident;) => {
        $(#[$meta])*
        $vis fn $name(level: $crate::cpu::level::Level, $($arg: $kind),*) {
            use $crate::cpu::instructions::Baseline;
            use $crate::cpu::level::Kind;
            #[cfg(target_arch = "x86_64")]
            use $crate::cpu::x86::{Avx2, Avx512, Vnni};
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma")]
            fn vnni(evidence: Vnni, $($arg: $kind),*) {
                $body(evidence, $($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
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
                Kind::Vnni => unsafe { vnni(Vnni::assume(), $($arg),*) },
                // SAFETY: as above.
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
