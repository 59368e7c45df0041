//! Settings of learning from cases.

use linfa::ParamGuard;
use tabular::{TabularError, require};

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedCaseParams {
    pub(crate) seed: u64,
    pub(crate) fewest: usize,
    pub(crate) folds: usize,
    pub(crate) least_gain: f64,
    pub(crate) least_skill: f64,
}

/// Settings of learning from cases.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws folds, and what boosting draws |
/// | `fewest` | 20 | ≥ 10 | confirmed cases, and cleared ones, below which nothing is learnt |
/// | `folds` | 4 | ≥ 2 | folds by firms, and by time |
/// | `least_gain` | 0.02 | 0–1 | share of the combination's log loss that a learned score must spare, by firms and by time |
/// | `least_skill` | 0.05 | 0–1 | share of a constant's log loss that it must spare |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaseParams(CheckedCaseParams);

impl CaseParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedCaseParams {
            seed,
            fewest: 20,
            folds: 4,
            least_gain: 0.02,
            least_skill: 0.05,
        })
    }

    /// Sets how many confirmed and how many cleared cases are wanted.
    #[must_use]
    pub fn fewest(mut self, cases: usize) -> Self {
        self.0.fewest = cases;
        self
    }

    /// Sets the number of folds.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.folds = folds;
        self
    }

    /// Sets what must be gained on the combination.
    #[must_use]
    pub fn least_gain(mut self, share: f64) -> Self {
        self.0.least_gain = share;
        self
    }
}

impl ParamGuard for CaseParams {
    type Checked = CheckedCaseParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedCaseParams, TabularError> {
        let p = &self.0;
        require(p.fewest >= 10, "fewest", "want 10 or more")?;
        require(p.folds >= 2, "folds", "want two or more")?;
        let share = (0.0..=1.0).contains(&p.least_gain);
        require(share, "least_gain", "want 0–1")?;
        Ok(p)
    }

    fn check(self) -> Result<CheckedCaseParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
