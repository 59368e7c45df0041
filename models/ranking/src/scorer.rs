//! Learned rankers.

use linfa::ParamGuard;
use linfa::traits::Fit;
use serde::{Deserialize, Serialize};
use tabular::{
    Attribution, BoostParams, Boosted, Direction, Lists, Loss, Schema, Stored, TabularError,
};

use crate::judging::DEPTH;
use crate::listwise::{Listwise, ListwiseParams};

/// A way to learn an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Candidate {
    /// Linear scores, fitted on whole lists.
    Listwise(ListwiseParams),
    /// Boosted trees of the lists' loss (LambdaMART).
    Boosted(BoostParams),
}

impl Candidate {
    /// Returns the candidate's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Listwise(_) => "listwise",
            Self::Boosted(_) => "boosted",
        }
    }

    /// Returns boosting that does well on a thousand lists.
    #[must_use]
    pub fn boosted(seed: u64) -> Self {
        let params = BoostParams::new(Loss::Ranked { depth: 2 * DEPTH }, seed);
        Self::Boosted(params.rounds(150).leaves(8).ridge(1.0))
    }

    /// Fits on lists, with what has one direction.
    ///
    /// # Errors
    /// `Invalid` where settings contradict themselves or no list says who is better.
    pub fn fit(
        &self,
        data: &Lists,
        monotone: &[(&str, Direction)],
    ) -> Result<Scorer, TabularError> {
        let owned = monotone
            .iter()
            .map(|(name, way)| ((*name).to_owned(), *way));
        Scorer::fit(&self.held(&owned.collect::<Vec<_>>()), data)
    }

    pub(crate) fn held(&self, monotone: &[(String, Direction)]) -> Self {
        let each = monotone.iter();
        match self.clone() {
            Self::Listwise(params) => {
                Self::Listwise(each.fold(params, |params, (name, way)| params.monotone(name, *way)))
            }
            Self::Boosted(params) => {
                Self::Boosted(each.fold(params, |params, (name, way)| params.monotone(name, *way)))
            }
        }
    }
}

/// A fitted ranker. Its scores order the rows of a list and mean nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Scorer {
    /// Linear.
    Listwise(Listwise),
    /// Boosted trees.
    Boosted(Boosted),
}

impl Scorer {
    pub(crate) fn fit(candidate: &Candidate, data: &Lists) -> Result<Self, TabularError> {
        Ok(match candidate {
            Candidate::Listwise(params) => Self::Listwise(params.check_ref()?.fit(data)?),
            Candidate::Boosted(params) => Self::Boosted(params.check_ref()?.fit(data)?),
        })
    }

    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        match self {
            Self::Listwise(listwise) => listwise.schema(),
            Self::Boosted(boosted) => boosted.schema(),
        }
    }

    /// Scores a row of the schema.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> f64 {
        match self {
            Self::Listwise(listwise) => listwise.contributions(row).sum(),
            Self::Boosted(boosted) => boosted.predict(row),
        }
    }

    /// Returns what each feature adds to the score; with the base they sum to it.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        match self {
            Self::Listwise(listwise) => listwise.contributions(row),
            Self::Boosted(boosted) => boosted.contributions(row),
        }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        match self {
            Self::Listwise(listwise) => listwise.verify(),
            Self::Boosted(boosted) => boosted.verify(),
        }
    }
}
