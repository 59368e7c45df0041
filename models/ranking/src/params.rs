//! Settings of the contest.

use linfa::ParamGuard;
use tabular::{Direction, Fold, TabularError, require};

use crate::scorer::Candidate;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedRankParams {
    pub(crate) seed: u64,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) folds: Vec<Fold>,
    pub(crate) formula: Vec<f64>,
    pub(crate) monotone: Vec<(String, Direction)>,
    pub(crate) fewest_lists: usize,
    pub(crate) least_gain: f64,
    pub(crate) largest_chance: f64,
    pub(crate) resamples: usize,
}

/// Settings of the contest between the formula and learned rankers.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws the signs of the paired test |
/// | `candidates` | – | one or more | what may be used in the formula's place; the first wins a tie |
/// | `folds` | – | two or more | rows to fit on and to judge by; no list on both sides |
/// | `formula` | – | one per row | the formula's scores |
/// | `monotone` | none | number features | features whose effect has one direction, in every candidate |
/// | `fewest_lists` | 50 | ≥ 2 | judged lists below which the formula stands |
/// | `least_gain` | 0.005 | 0–1 | what NDCG@5 must gain on the formula's |
/// | `largest_chance` | 0.01 | (0, 1) | how likely by chance that gain may be, all candidates counted |
/// | `resamples` | 10,000 | ≥ 100 | draws of the test |
#[derive(Debug, Clone, PartialEq)]
pub struct RankParams(CheckedRankParams);

impl RankParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64, candidates: Vec<Candidate>, folds: Vec<Fold>, formula: Vec<f64>) -> Self {
        Self(CheckedRankParams {
            seed,
            candidates,
            folds,
            formula,
            monotone: Vec::new(),
            fewest_lists: 50,
            least_gain: 0.005,
            largest_chance: 0.01,
            resamples: 10_000,
        })
    }

    /// Holds the effect of a number feature to a direction.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }

    /// Sets how many lists must be judged.
    #[must_use]
    pub fn fewest_lists(mut self, lists: usize) -> Self {
        self.0.fewest_lists = lists;
        self
    }

    /// Sets what must be gained on the formula.
    #[must_use]
    pub fn least_gain(mut self, gain: f64) -> Self {
        self.0.least_gain = gain;
        self
    }

    /// Sets how likely by chance a gain may be.
    #[must_use]
    pub fn largest_chance(mut self, chance: f64) -> Self {
        self.0.largest_chance = chance;
        self
    }

    /// Sets the draws of the test.
    #[must_use]
    pub fn resamples(mut self, draws: usize) -> Self {
        self.0.resamples = draws;
        self
    }
}

impl ParamGuard for RankParams {
    type Checked = CheckedRankParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedRankParams, TabularError> {
        let p = &self.0;
        require(!p.candidates.is_empty(), "candidates", "there are none")?;
        require(p.folds.len() >= 2, "folds", "want two or more")?;
        let finite = p.formula.iter().all(|score| score.is_finite());
        require(finite, "formula", "a score is no number")?;
        require(p.fewest_lists >= 2, "fewest_lists", "want 2 or more")?;
        let share = (0.0..=1.0).contains(&p.least_gain);
        require(share, "least_gain", "want 0–1")?;
        let open = p.largest_chance > 0.0 && p.largest_chance < 1.0;
        require(open, "largest_chance", "want (0, 1)")?;
        require(p.resamples >= 100, "resamples", "want 100 or more")?;
        Ok(p)
    }

    fn check(self) -> Result<CheckedRankParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
