//! Settings of a likelihood.

use linfa::ParamGuard;
use tabular::{BoostParams, Direction, Fold, Loss, TabularError, require};

use crate::additive::AdditiveParams;
use crate::logistic::LogisticParams;

/// A way to score.
#[derive(Debug, Clone, PartialEq)]
pub enum Candidate {
    /// Linear log odds.
    Logistic(LogisticParams),
    /// Boosted trees, of the logistic loss.
    Boosted(BoostParams),
    /// A sum of curves.
    Additive(AdditiveParams),
}

impl Candidate {
    /// Returns the candidate's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Logistic(_) => "logistic",
            Self::Boosted(_) => "boosted",
            Self::Additive(_) => "additive",
        }
    }

    /// Returns boosting that does well on a few thousand rows.
    #[must_use]
    pub fn boosted(seed: u64) -> Self {
        let params = BoostParams::new(Loss::Logistic, seed);
        Self::Boosted(params.rounds(200).leaves(16).ridge(1.0))
    }

    pub(crate) fn held(&self, monotone: &[(String, Direction)]) -> Self {
        let each = monotone.iter();
        match self.clone() {
            Self::Logistic(params) => {
                Self::Logistic(each.fold(params, |params, (name, way)| params.monotone(name, *way)))
            }
            Self::Boosted(params) => {
                Self::Boosted(each.fold(params, |params, (name, way)| params.monotone(name, *way)))
            }
            Self::Additive(params) => {
                Self::Additive(each.fold(params, |params, (name, way)| params.monotone(name, *way)))
            }
        }
    }
}

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLikelihoodParams {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) folds: Vec<Fold>,
    pub(crate) monotone: Vec<(String, Direction)>,
}

/// Settings of a likelihood.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `candidates` | – | one or more | what may become champion; the first wins a tie |
/// | `folds` | – | two or more | rows to fit on and to judge and calibrate by, parted by project or buyer |
/// | `monotone` | none | number features | features whose effect has one direction, in every candidate |
#[derive(Debug, Clone, PartialEq)]
pub struct LikelihoodParams(CheckedLikelihoodParams);

impl LikelihoodParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(candidates: Vec<Candidate>, folds: Vec<Fold>) -> Self {
        Self(CheckedLikelihoodParams {
            candidates,
            folds,
            monotone: Vec::new(),
        })
    }

    /// Holds the effect of a number feature to a direction; what-if questions can be asked of it.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }
}

impl ParamGuard for LikelihoodParams {
    type Checked = CheckedLikelihoodParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedLikelihoodParams, TabularError> {
        require(
            !self.0.candidates.is_empty(),
            "candidates",
            "there are none",
        )?;
        require(self.0.folds.len() >= 2, "folds", "want two or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedLikelihoodParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
