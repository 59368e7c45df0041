//! Whether a mean difference may be chance.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Returns the chance that signs drawn by lot give a sum of differences as large as this one: the one-sided paired randomisation
/// test (Fisher 1935; for retrieval Smucker, Allan and Carterette 2007). `differences` has one sum per independent observation:
/// a group of near-equal questions, an auction.
#[must_use]
pub fn chance(differences: &[f64], resamples: usize, seed: u64) -> f64 {
    let observed: f64 = differences.iter().sum();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut reached = 0_usize;
    for _ in 0..resamples {
        let signed = |difference: &f64| match random.random::<bool>() {
            true => *difference,
            false => -*difference,
        };
        let sum: f64 = differences.iter().map(signed).sum();
        reached += usize::from(sum >= observed - 1e-12);
    }
    (reached as f64 + 1.0) / (resamples as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_always_helps_is_no_chance_and_what_never_helps_is() {
        assert!(chance(&[0.1; 30], 1000, 1) < 0.002);
        assert!((chance(&[0.0; 30], 1000, 1) - 1.0).abs() < 1e-12);
        assert!(chance(&[-0.1; 30], 1000, 1) > 0.99);
        let mixed: Vec<f64> = (0..30)
            .map(|at| if at % 2 == 0 { 0.1 } else { -0.1 })
            .collect();
        let chance = chance(&mixed, 1000, 1);
        assert!((0.4..0.7).contains(&chance), "{chance}");
    }
}
