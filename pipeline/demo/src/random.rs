//! Seeded draws: each entity has its own generator, so that any table can derive it again.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Draws of one entity, a pure function of (seed, stream, index).
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, stream: &str, index: u64) -> Self {
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&fnv1a(stream).to_le_bytes());
        bytes[16..24].copy_from_slice(&index.to_le_bytes());
        bytes[24..].copy_from_slice(b"market01");
        Self(ChaCha8Rng::from_seed(bytes))
    }

    /// Uniform in [0, n); `n` is at least 1. Multiply-shift, whose bias is below n / 2^64.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n.max(1))) >> 64) as u64
    }

    /// Uniform in [low, high], both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal, by Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// One of `items`, which is not empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Up to `count` distinct items, in drawn order.
    pub(crate) fn sample<T: Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<T> = items.to_vec();
        let mut drawn = Vec::with_capacity(count.min(left.len()));
        while drawn.len() < count && !left.is_empty() {
            drawn.push(left.remove(self.below(left.len() as u64) as usize));
        }
        drawn
    }

    /// A hexadecimal word of `digits` digits (16 at most).
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut word = format!("{:016x}", self.0.next_u64());
        word.truncate(digits);
        word
    }
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entity_draws_the_same_numbers() {
        let draw = |seed, stream, index| {
            let mut dice = Dice::new(seed, stream, index);
            (0..8).map(|_| dice.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, "bids", 3), draw(7, "bids", 3));
        assert_ne!(draw(7, "bids", 3), draw(8, "bids", 3));
        assert_ne!(draw(7, "bids", 3), draw(7, "people", 3));
        assert_ne!(draw(7, "bids", 3), draw(7, "bids", 4));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut dice = Dice::new(1, "bounds", 0);
        for _ in 0..1000 {
            assert!(dice.below(3) < 3);
            assert!((-2..=2).contains(&dice.between(-2, 2)));
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!(dice.normal().is_finite());
        }
        let sample = dice.sample(&[1, 2, 3], 5);
        assert_eq!(sample.len(), 3);
    }
}
