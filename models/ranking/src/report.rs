//! What the contest measured, told honestly.

use serde::{Deserialize, Serialize};
use tabular::Evidence;

/// Who ranks, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The learned ranker: out of fold it is better than the formula beyond chance.
    Learned,
    /// The formula: too few lists are judged.
    TooFew,
    /// The formula: what was learned is no better than any order beyond chance, as where labels are shuffled.
    LearntNothing,
    /// The formula: what was learned is no better than it, or hardly.
    NoGain,
    /// The formula: that what was learned is better may be chance.
    Chance,
}

/// A candidate's figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateFigure {
    /// Its name.
    pub name: String,
    /// Mean NDCG@5 out of fold.
    pub ndcg_5: f64,
}

/// How a fold did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FoldMeasure {
    /// Lists judged.
    pub lists: usize,
    /// NDCG@5 of the formula.
    pub formula: f64,
    /// That of the best candidate, fitted on the other folds.
    pub learned: f64,
}

/// Measures of a contest: means over judged lists, in each of which some rows are better than others; each by rankers fitted without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Who ranks.
    pub verdict: Verdict,
    /// Lists judged.
    pub lists: usize,
    /// Their rows.
    pub rows: usize,
    /// NDCG@5 that any order expects by lot.
    pub random: f64,
    /// NDCG@5 of the formula.
    pub formula: f64,
    /// That of every candidate.
    pub candidates: Vec<CandidateFigure>,
    /// The best of them.
    pub champion: CandidateFigure,
    /// What the champion gains on the formula.
    pub gain: f64,
    /// The 95 % interval of that gain, list by list.
    pub interval: (f64, f64),
    /// How likely by chance such a gain is, times the candidates; 1 at most.
    pub chance: f64,
    /// Each fold, in order.
    pub folds: Vec<FoldMeasure>,
}

impl Report {
    /// Returns the mean NDCG@5 of what ranks.
    #[must_use]
    pub fn chosen(&self) -> f64 {
        match self.verdict {
            Verdict::Learned => self.champion.ndcg_5,
            _ => self.formula,
        }
    }

    /// Returns what the gate judges of the learned ranker; `champion` is `1 - NDCG@5` of the one in place on the same lists. The skill is the
    /// share of what an order by lot lacks that it makes good, and no share is promised, so the gap is 0.
    #[must_use]
    pub fn evidence(&self, champion: Option<f64>) -> Evidence {
        let lacking = 1.0 - self.random;
        let skill = if lacking > 0.0 {
            (self.champion.ndcg_5 - self.random) / lacking
        } else {
            0.0
        };
        Evidence {
            skill,
            challenger: 1.0 - self.champion.ndcg_5,
            champion,
            gap: 0.0,
        }
    }
}
