//! Instants drawn from a seed.

/// A small generator (SplitMix64): the same seed draws the same instants.
pub(super) struct Lottery(u64);

impl Lottery {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws a share in [0, 1).
    pub(super) fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
