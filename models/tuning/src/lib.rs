#![doc = include_str!("../README.md")]

mod ascent;
mod figures;
mod folds;
mod paired;
mod params;
mod question;
mod report;
mod tune;

pub use figures::{Figures, NDCG_DEPTH, RECALL_DEPTH, ndcg, recall};
pub use paired::chance;
pub use params::{CheckedParams, Params, ParamsError};
pub use question::{Candidate, Question, RELEVANT};
pub use report::{Fold, Report, Verdict};
pub use tune::Tuned;

/// The version of how weights are found and judged.
const CODE: u32 = 1;

/// Returns the version of the method: another one may give other weights for the same judgements.
#[must_use]
pub fn method_version() -> String {
    format!("tuning {CODE}")
}
