//! Settings of an isolation forest.

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

/// The largest number of trees.
pub(crate) const MAX_TREES: usize = 10_000;
/// The largest number of rows that a tree is grown on.
pub(crate) const MAX_SUBSAMPLE: usize = 65_536;

/// How a node parts its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Splits {
    /// One column, at a value drawn between the least and the greatest of the node's rows (Liu, Ting and Zhou, *Isolation Forest*,
    /// ICDM 2008).
    Axis,
    /// A hyperplane of random direction through a random point of the node's bounding box (Hariri, Carrasco Kind and Brunner, *Extended
    /// Isolation Forest*, IEEE TKDE 2021).
    Extended {
        /// Columns that a hyperplane leans on: the paper's extension level and one more. All of them, where there are fewer.
        columns: usize,
    },
}

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedIsolationParams {
    pub(crate) seed: u64,
    pub(crate) trees: usize,
    pub(crate) subsample: usize,
    pub(crate) splits: Splits,
}

/// Settings of an isolation forest.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | | chance: rows of each tree, columns and values of each split |
/// | `trees` | 100 | 1 to 10,000 | trees whose path lengths are averaged; more of them steady the score |
/// | `subsample` | 256 | 2 to 65,536 | rows of each tree, all where there are fewer; more tell subtler rows, but let strange ones hide each other |
/// | `splits` | axis | | one column a split, or a hyperplane of several |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolationParams(CheckedIsolationParams);

impl IsolationParams {
    /// Starts from the defaults, which are those of the paper.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedIsolationParams {
            seed,
            trees: 100,
            subsample: 256,
            splits: Splits::Axis,
        })
    }

    /// Sets the number of trees.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.trees = trees;
        self
    }

    /// Sets the rows that each tree is grown on.
    #[must_use]
    pub fn subsample(mut self, rows: usize) -> Self {
        self.0.subsample = rows;
        self
    }

    /// Sets how a node parts its rows.
    #[must_use]
    pub fn splits(mut self, splits: Splits) -> Self {
        self.0.splits = splits;
        self
    }
}

impl ParamGuard for IsolationParams {
    type Checked = CheckedIsolationParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedIsolationParams, TabularError> {
        let good = (1..=MAX_TREES).contains(&self.0.trees);
        require(good, "trees", "want 1 to 10,000")?;
        let good = (2..=MAX_SUBSAMPLE).contains(&self.0.subsample);
        require(good, "subsample", "want 2 to 65,536 rows")?;
        let good = self.0.splits != Splits::Extended { columns: 0 };
        require(good, "splits", "a hyperplane wants a column or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedIsolationParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
