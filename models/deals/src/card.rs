//! What is known of a fit: enough to tell it from any other, to judge it and to make it again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tabular::{Refusal, metrics::ReliabilityBin};

use crate::Kind;

/// Names the loss on rows that the model in place had not seen either.
pub(crate) const NEW_ROWS_LOSS: &str = "loss on new rows";

/// What a model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Quantiles of the price.
    Price,
    /// The likelihood of completion.
    Likelihood,
    /// Which bid comes first; of projects only.
    Ranking,
}

impl ModelKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Price, Self::Likelihood, Self::Ranking];

    /// Returns the name of the model of a kind of deal, which is that of its file.
    #[must_use]
    pub fn name(self, kind: Kind) -> String {
        match self {
            Self::Price => format!("price_{kind}"),
            Self::Likelihood => format!("likelihood_{kind}"),
            Self::Ranking => format!("ranking_{kind}"),
        }
    }
}

/// What became of a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// It is served.
    Promoted,
    /// There is too little to learn from: nothing was fitted.
    TooFew {
        /// Deals that can be learnt from.
        deals: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// The formula ranks in its place: what was learned is no better beyond chance.
    Formula {
        /// Why.
        because: ranking::Verdict,
    },
    /// The gate refused it: the previous model stays, where there is one.
    Refused {
        /// Why.
        reasons: Vec<Refusal>,
    },
}

/// The card of a fit. Measures are of rows that the judged model had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The model's name: `price_project`.
    pub name: String,
    /// The deals that it is about.
    pub kind: Kind,
    /// What it says.
    pub says: ModelKind,
    /// The first 16 digits of its digest; empty where nothing was fitted.
    pub version: String,
    /// BLAKE3 of its bytes.
    pub digest: String,
    /// The slot of the run that fitted it.
    pub slot: String,
    /// Digest of what it was fitted on.
    pub data_digest: String,
    /// The last day of what it was fitted on, in days since 1970-01-01.
    pub data_until_day: i64,
    /// Rows of some weight that it was fitted on.
    pub rows: usize,
    /// Deals that they are of.
    pub deals: usize,
    /// Seed of folds and trees.
    pub seed: u64,
    /// Settings, by name.
    pub params: BTreeMap<String, String>,
    /// The features that it looks at.
    pub features: Vec<String>,
    /// The best candidate.
    pub champion: String,
    /// Measures by name.
    pub metrics: BTreeMap<String, f64>,
    /// Measures of each fold, in order.
    pub folds: Vec<BTreeMap<String, f64>>,
    /// Measures of blocks of time, each judged by what was fitted on all before it; drift shows as a rise.
    pub by_time: Vec<BTreeMap<String, f64>>,
    /// What was said and what happened, of likelihoods.
    pub reliability: Vec<ReliabilityBin>,
    /// Version of the model that was served before.
    pub parent: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
}

impl ModelCard {
    /// Says whether it is to be served.
    #[must_use]
    pub fn is_promoted(&self) -> bool {
        self.verdict == Verdict::Promoted
    }

    /// Says whether it was compared with the model in place, on rows that neither had seen.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.metrics.contains_key(NEW_ROWS_LOSS)
    }

    /// Says in a sentence what became of it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let losses = || {
            let told = [
                "loss",
                "constant_loss",
                "coverage",
                "calibration_error",
                "ndcg_5",
                "formula_ndcg_5",
            ];
            let known = told
                .iter()
                .filter_map(|name| Some((name, self.metrics.get(*name)?)));
            let said: Vec<String> = known
                .map(|(name, value)| format!("{name} {value:.4}"))
                .collect();
            said.join(", ")
        };
        match &self.verdict {
            Verdict::Promoted => format!("{} of {} deals: {}", self.champion, self.deals, losses()),
            Verdict::TooFew { deals, wanted } => {
                format!("{deals} deals to learn from, {wanted} wanted")
            }
            Verdict::Formula { because } => {
                let because = match because {
                    ranking::Verdict::TooFew => "too few auctions are judged",
                    ranking::Verdict::LearntNothing => "nothing was learnt",
                    ranking::Verdict::NoGain => "nothing is gained on it",
                    ranking::Verdict::Chance => "the gain may be chance",
                    ranking::Verdict::Learned => "it was chosen",
                };
                format!("the formula ranks, for {because}: {}", losses())
            }
            Verdict::Refused { reasons } => {
                let said: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                format!("refused: {}; {}", said.join(", "), losses())
            }
        }
    }
}
