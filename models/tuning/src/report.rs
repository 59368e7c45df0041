//! What the tuning found, told honestly.

use serde::{Deserialize, Serialize};

use crate::figures::Figures;

/// What became of the weights, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The fitted weights replace the previous ones: held out, they are better beyond chance, and find no less.
    Promoted,
    /// The defaults replace previous weights, than which they are better beyond chance, and find no less.
    Reverted,
    /// The defaults stand: too little is judged.
    TooFew,
    /// The previous weights stay: fitted ones are no better, or hardly.
    NoGain,
    /// The previous weights stay: that fitted ones are better may be chance.
    Chance,
    /// The previous weights stay: fitted ones find less of what is relevant.
    LessFound,
}

/// One fold, tested on weights fitted on the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Questions tested.
    pub questions: usize,
    /// Means by the previous weights.
    pub before: Figures,
    /// Means by the weights fitted on the other folds.
    pub after: Figures,
}

/// What is known of weights: the model card of a fit. Every figure is of questions that the weights in `after` were not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What became of the weights.
    pub verdict: Verdict,
    /// Judged questions of which something relevant is known.
    pub questions: usize,
    /// Groups of near-equal ones among them.
    pub groups: usize,
    /// The folds; none where too little is judged.
    pub folds: Vec<Fold>,
    /// Means by the defaults.
    pub by_defaults: Figures,
    /// Means by the previous weights.
    pub before: Figures,
    /// Means by fitted weights, each question by weights fitted without it and without those near-equal to it.
    pub after: Figures,
    /// How likely by chance the gain of NDCG@10 of `after` over `before` is; 1 where too little is judged.
    pub chance: f64,
}

impl Report {
    /// The held-out means by the weights that were chosen.
    #[must_use]
    pub fn chosen(&self) -> Figures {
        match self.verdict {
            Verdict::Promoted => self.after,
            Verdict::Reverted | Verdict::TooFew => self.by_defaults,
            Verdict::NoGain | Verdict::Chance | Verdict::LessFound => self.before,
        }
    }
}
