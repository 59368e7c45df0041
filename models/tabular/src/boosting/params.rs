//! Settings of boosting.

use linfa::ParamGuard;

use super::loss::Loss;
use crate::error::{TabularError, require};

/// How the prediction may move with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It never falls where the feature rises.
    Rising,
    /// It never rises where the feature rises.
    Falling,
}

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedBoostParams {
    pub(super) loss: Loss,
    pub(super) seed: u64,
    pub(super) rounds: usize,
    pub(super) learning_rate: f64,
    pub(super) leaves: usize,
    pub(super) leaf_rows: usize,
    pub(super) ridge: f64,
    pub(super) bins: usize,
    pub(super) category_rows: usize,
    pub(super) feature_share: f64,
    pub(super) row_share: f64,
    pub(super) monotone: Vec<(String, Direction)>,
}

/// Settings of boosting.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `loss` | – | | what is made small |
/// | `seed` | – | any | draws rows and features; used only where a share is below 1 |
/// | `rounds` | 300 | 1–10,000 | trees |
/// | `learning_rate` | 0.05 | (0, 1] | how much of a tree is believed |
/// | `leaves` | 31 | 2–1,024 | leaves of a tree, at most |
/// | `leaf_rows` | 20 | ≥ 1 | rows of a leaf, at least |
/// | `ridge` | 0 | ≥ 0 | draws leaves (but those of a pinball loss) towards 0 |
/// | `bins` | 255 | 2–60,000 | bins of a number, at most |
/// | `category_rows` | 100 | ≥ 1 | rows of the categories on each side of a split, at least |
/// | `feature_share` | 1 | (0, 1] | share of the features that a tree may use |
/// | `row_share` | 1 | (0, 1] | share of the rows that a tree is grown on |
/// | `monotone` | none | number features | features whose effect has one direction |
#[derive(Debug, Clone, PartialEq)]
pub struct BoostParams(CheckedBoostParams);

impl BoostParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(loss: Loss, seed: u64) -> Self {
        Self(CheckedBoostParams {
            loss,
            seed,
            rounds: 300,
            learning_rate: 0.05,
            leaves: 31,
            leaf_rows: 20,
            ridge: 0.0,
            bins: 255,
            category_rows: 100,
            feature_share: 1.0,
            row_share: 1.0,
            monotone: Vec::new(),
        })
    }

    /// Sets how many trees are grown.
    #[must_use]
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.0.rounds = rounds;
        self
    }

    /// Sets how much of a tree is believed.
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.0.learning_rate = rate;
        self
    }

    /// Sets how many leaves a tree has at most.
    #[must_use]
    pub fn leaves(mut self, leaves: usize) -> Self {
        self.0.leaves = leaves;
        self
    }

    /// Sets how many rows a leaf has at least.
    #[must_use]
    pub fn leaf_rows(mut self, rows: usize) -> Self {
        self.0.leaf_rows = rows;
        self
    }

    /// Sets how strongly leaves are drawn towards 0.
    #[must_use]
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.0.ridge = ridge;
        self
    }

    /// Sets how many bins a number has at most.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.0.bins = bins;
        self
    }

    /// Sets how many rows the categories on a side of a split have at least.
    #[must_use]
    pub fn category_rows(mut self, rows: usize) -> Self {
        self.0.category_rows = rows;
        self
    }

    /// Sets the share of the features that a tree may use.
    #[must_use]
    pub fn feature_share(mut self, share: f64) -> Self {
        self.0.feature_share = share;
        self
    }

    /// Sets the share of the rows that a tree is grown on.
    #[must_use]
    pub fn row_share(mut self, share: f64) -> Self {
        self.0.row_share = share;
        self
    }

    /// Holds the effect of a number feature to a direction.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }
}

impl ParamGuard for BoostParams {
    type Checked = CheckedBoostParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedBoostParams, TabularError> {
        let p = &self.0;
        if let Loss::Pinball(level) = p.loss {
            require(
                level > 0.0 && level < 1.0,
                "level",
                "it is not within (0, 1)",
            )?;
        }
        if let Loss::Ranked { depth } = p.loss {
            require(depth >= 1, "depth", "want 1 or more")?;
        }
        require((1..=10_000).contains(&p.rounds), "rounds", "want 1–10,000")?;
        let share = |x: f64| x > 0.0 && x <= 1.0;
        require(share(p.learning_rate), "learning_rate", "want (0, 1]")?;
        require((2..=1_024).contains(&p.leaves), "leaves", "want 2–1,024")?;
        require(p.leaf_rows >= 1, "leaf_rows", "want 1 or more")?;
        let good_ridge = p.ridge.is_finite() && p.ridge >= 0.0;
        require(good_ridge, "ridge", "want 0 or more")?;
        require((2..=60_000).contains(&p.bins), "bins", "want 2–60,000")?;
        require(p.category_rows >= 1, "category_rows", "want 1 or more")?;
        require(share(p.feature_share), "feature_share", "want (0, 1]")?;
        require(share(p.row_share), "row_share", "want (0, 1]")?;
        Ok(p)
    }

    fn check(self) -> Result<CheckedBoostParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
