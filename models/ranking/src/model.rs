//! What ranks: the learned ranker where it won, else the formula.

use serde::{Deserialize, Serialize};
use tabular::{Stored, TabularError};

use crate::report::{Report, Verdict};
use crate::scorer::Scorer;

/// The outcome of a contest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankModel {
    pub(crate) learned: Option<Scorer>,
    pub(crate) report: Report,
}

impl RankModel {
    /// Returns the learned ranker where it is to be used; none where the formula is.
    #[must_use]
    pub fn learned(&self) -> Option<&Scorer> {
        self.learned.as_ref()
    }

    /// Returns what was measured.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl Stored for RankModel {
    const SORT: &'static str = "ranking";

    fn verify(&self) -> Result<(), TabularError> {
        let won = self.report.verdict == Verdict::Learned;
        match &self.learned {
            Some(scorer) if won => scorer.verify(),
            None if !won => Ok(()),
            _ => Err(TabularError::corrupt("the ranker is not the report's")),
        }
    }
}
