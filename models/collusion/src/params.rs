//! Settings of a detection.

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

/// Settings that were checked; only these detect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CheckedDetectParams {
    pub(crate) seed: u64,
    pub(crate) least_shared: usize,
    pub(crate) most_bidders: usize,
    pub(crate) fewest_comparable: usize,
    pub(crate) fewest_of_market: usize,
    pub(crate) close_seconds: i64,
    pub(crate) false_discoveries: f64,
    pub(crate) least_score: f64,
    pub(crate) most_sharing: usize,
    pub(crate) draws: usize,
}

/// Settings of a detection.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws the permutations of ring tests |
/// | `least_shared` | 5 | ≥ 4 | auctions that two firms must share before anything is said of them |
/// | `most_bidders` | 64 | 2–1,000 | an auction of more bidders makes no pairs: who meets there met a crowd |
/// | `fewest_comparable` | 20 | ≥ 5 | auctions of a market and territory that are an opportunity set of their own |
/// | `fewest_of_market` | 30 | ≥ 10 | auctions of a market that are compared with each other; a smaller one is compared with all |
/// | `close_seconds` | 3,600 | ≥ 1 | bids this far apart are close in time |
/// | `false_discoveries` | 0.01 | (0, 0.2] | share of what is raised that may be chance (Benjamini and Hochberg) |
/// | `least_score` | 0.95 | [0.5, 1) | score below which nothing is flagged |
/// | `most_sharing` | 10 | ≥ 2 | firms that share an identifier; of more it says nothing (an office block, an accountant) |
/// | `draws` | 999 | ≥ 99 | permutations of a test at most |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectParams(CheckedDetectParams);

impl DetectParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedDetectParams {
            seed,
            least_shared: 5,
            most_bidders: 64,
            fewest_comparable: 20,
            fewest_of_market: 30,
            close_seconds: 3_600,
            false_discoveries: 0.01,
            least_score: 0.95,
            most_sharing: 10,
            draws: 999,
        })
    }

    /// Sets how many auctions two firms must share.
    #[must_use]
    pub fn least_shared(mut self, auctions: usize) -> Self {
        self.0.least_shared = auctions;
        self
    }

    /// Sets from how many bidders on an auction makes no pairs.
    #[must_use]
    pub fn most_bidders(mut self, bidders: usize) -> Self {
        self.0.most_bidders = bidders;
        self
    }

    /// Sets how many auctions of a market and territory stand alone.
    #[must_use]
    pub fn fewest_comparable(mut self, auctions: usize) -> Self {
        self.0.fewest_comparable = auctions;
        self
    }

    /// Sets how many auctions of a market are compared with each other only.
    #[must_use]
    pub fn fewest_of_market(mut self, auctions: usize) -> Self {
        self.0.fewest_of_market = auctions;
        self
    }

    /// Sets what is close in time.
    #[must_use]
    pub fn close_seconds(mut self, seconds: i64) -> Self {
        self.0.close_seconds = seconds;
        self
    }

    /// Sets which share of what is raised may be chance.
    #[must_use]
    pub fn false_discoveries(mut self, share: f64) -> Self {
        self.0.false_discoveries = share;
        self
    }

    /// Sets the score below which nothing is flagged.
    #[must_use]
    pub fn least_score(mut self, score: f64) -> Self {
        self.0.least_score = score;
        self
    }

    /// Sets how many firms may share an identifier that still says something.
    #[must_use]
    pub fn most_sharing(mut self, firms: usize) -> Self {
        self.0.most_sharing = firms;
        self
    }

    /// Sets how many permutations a test draws at most.
    #[must_use]
    pub fn draws(mut self, draws: usize) -> Self {
        self.0.draws = draws;
        self
    }
}

impl ParamGuard for DetectParams {
    type Checked = CheckedDetectParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedDetectParams, TabularError> {
        let p = &self.0;
        require(p.least_shared >= 4, "least_shared", "want 4 or more")?;
        let crowd = (2..=1_000).contains(&p.most_bidders);
        require(crowd, "most_bidders", "want 2–1,000")?;
        let comparable = p.fewest_comparable >= 5;
        require(comparable, "fewest_comparable", "want 5 or more")?;
        let market = p.fewest_of_market >= 10;
        require(market, "fewest_of_market", "want 10 or more")?;
        require(p.close_seconds >= 1, "close_seconds", "want 1 or more")?;
        let share = p.false_discoveries > 0.0 && p.false_discoveries <= 0.2;
        require(share, "false_discoveries", "want (0, 0.2]")?;
        let score = (0.5..1.0).contains(&p.least_score);
        require(score, "least_score", "want [0.5, 1)")?;
        require(p.most_sharing >= 2, "most_sharing", "want 2 or more")?;
        require(p.draws >= 99, "draws", "want 99 or more")?;
        Ok(p)
    }

    fn check(self) -> Result<CheckedDetectParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
