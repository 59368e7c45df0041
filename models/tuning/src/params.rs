//! Settings of the tuning.

/// How weights are fitted and when they are believed.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | none | any | deals questions to folds and draws the signs of the test |
/// | `folds` | 5 | 2 to 20 | parts of which each is tested once on weights fitted on the others |
/// | `fewest_questions` | 50 | at least 2 × `folds` | below so many that differ, the defaults stay |
/// | `shrinkage` | 1 | 0 or more | what a doubled or halved weight must earn, as NDCG@10 summed over the questions; four times so much for two doublings |
/// | `half_doublings` | 6 | 1 to 12 | how far a weight may go from its default, up and down, in steps of √2 |
/// | `least_gain` | 0.005 | 0 to 1 | what held-out NDCG@10 must gain for weights to be replaced |
/// | `largest_chance` | 0.01 | 0 to 1, both excluded | how likely by chance that gain may be |
/// | `resamples` | 10,000 | 100 or more | draws of the test |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// See the table.
    pub seed: u64,
    /// See the table.
    pub folds: usize,
    /// See the table.
    pub fewest_questions: usize,
    /// See the table.
    pub shrinkage: f64,
    /// See the table.
    pub half_doublings: i32,
    /// See the table.
    pub least_gain: f64,
    /// See the table.
    pub largest_chance: f64,
    /// See the table.
    pub resamples: usize,
}

/// A setting is outside its range. Mend the caller; trying again is of no help.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{setting} is outside its range")]
pub struct ParamsError {
    /// The setting.
    pub setting: &'static str,
}

/// Settings within their ranges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedParams(pub(crate) Params);

impl Params {
    /// The defaults with `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            folds: 5,
            fewest_questions: 50,
            shrinkage: 1.0,
            half_doublings: 6,
            least_gain: 0.005,
            largest_chance: 0.01,
            resamples: 10_000,
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// One is outside its range.
    pub fn check(self) -> Result<CheckedParams, ParamsError> {
        let ranges = [
            ("folds", (2..=20).contains(&self.folds)),
            ("fewest_questions", self.fewest_questions >= 2 * self.folds),
            (
                "shrinkage",
                self.shrinkage.is_finite() && self.shrinkage >= 0.0,
            ),
            ("half_doublings", (1..=12).contains(&self.half_doublings)),
            ("least_gain", (0.0..=1.0).contains(&self.least_gain)),
            (
                "largest_chance",
                self.largest_chance > 0.0 && self.largest_chance < 1.0,
            ),
            ("resamples", self.resamples >= 100),
        ];
        match ranges.into_iter().find(|(_, is_within)| !is_within) {
            Some((setting, _)) => Err(ParamsError { setting }),
            None => Ok(CheckedParams(self)),
        }
    }
}
