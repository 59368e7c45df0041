//! Reputation: ratings drawn to what is usual, the more the fewer they are.

use serde::{Deserialize, Serialize};

/// Providers below which a population says nothing of its spread.
const FEWEST: usize = 20;
/// Ratings that the usual one counts for, at least and at most.
const STRENGTHS: (f64, f64) = (10.0, 200.0);

/// The ratings of one provider.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratings {
    /// Their mean, as a share of the best that can be given, in [0, 1].
    pub mean: f64,
    /// How many there are.
    pub count: u32,
}

impl Ratings {
    /// Returns ratings from 0 to `most` stars; none where the mean is no number within them.
    #[must_use]
    pub fn of_stars(mean: f64, most: f64, count: u32) -> Option<Self> {
        let share = mean / most;
        (0.0..=1.0)
            .contains(&share)
            .then_some(Self { mean: share, count })
    }
}

/// What is believed of a provider before any rating: as if `strength` ratings of `mean` had been given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// The usual rating, in [0, 1].
    pub mean: f64,
    /// Ratings that it counts for, above 0.
    pub strength: f64,
}

impl Default for Prior {
    /// Neither good nor bad, and ten ratings strong: what is believed where a population is too small to tell.
    fn default() -> Self {
        Self {
            mean: 0.5,
            strength: 10.0,
        }
    }
}

impl Prior {
    /// Estimates the prior from a population by the method of moments of the beta-binomial (Kleinman, *Proportions with Extraneous
    /// Variance*, JASA 1973): with `n` ratings of mean `x` each of `k` providers, `N` in all, of mean `m`,
    /// `S = Σ n (x - m)²`, `τ² = (S - (k - 1) m (1 - m)) / (N - Σn²/N - (k - 1))` and `strength = m (1 - m) / τ² - 1`, held within 10 and 200.
    /// It takes each rating for all or nothing, the noisiest that ratings of a mean can be, so it never draws too little.
    ///
    /// Where nobody differs beyond noise the strength is 200. Fewer than 20 providers, or hardly more ratings than providers, say nothing:
    /// then it is `fallback`.
    #[must_use]
    pub fn estimate(population: &[Ratings], fallback: Self) -> Self {
        let sound = |one: &&Ratings| one.count > 0 && (0.0..=1.0).contains(&one.mean);
        let rated: Vec<(f64, f64)> = population
            .iter()
            .filter(sound)
            .map(|one| (one.mean, f64::from(one.count)))
            .collect();
        let total: f64 = rated.iter().map(|(_, n)| n).sum();
        let others = rated.len() as f64 - 1.0;
        let squares: f64 = rated.iter().map(|(_, n)| n * n).sum();
        let spare = total - squares / total - others;
        if rated.len() < FEWEST || spare <= 0.1 * total {
            return fallback;
        }
        let mean = rated.iter().map(|(x, n)| n * x).sum::<f64>() / total;
        let apart: f64 = rated.iter().map(|(x, n)| n * (x - mean).powi(2)).sum();
        let noise = mean * (1.0 - mean);
        let between = (apart - others * noise) / spare;
        let strength = if between > 0.0 {
            noise / between - 1.0
        } else {
            STRENGTHS.1
        };
        Self {
            mean,
            strength: strength.clamp(STRENGTHS.0, STRENGTHS.1),
        }
    }

    /// Returns the reputation, in [0, 1]: `(strength · mean + count · rating) / (strength + count)`, the mean of the beta posterior, known as
    /// the Bayesian average. Without ratings it is the prior's mean.
    #[must_use]
    pub fn shrink(&self, ratings: Ratings) -> f64 {
        let count = f64::from(ratings.count);
        let sum = self.strength * self.mean + count * ratings.mean.clamp(0.0, 1.0);
        (sum / (self.strength + count)).clamp(0.0, 1.0)
    }
}
