#![doc = include_str!("../README.md")]

mod bid;
mod breakdown;
mod contest;
mod judging;
mod listwise;
mod model;
mod order;
mod params;
mod person;
mod report;
mod reputation;
mod scorer;
mod term;
pub mod terms;
mod weights;

pub use bid::Bid;
pub use breakdown::{Breakdown, Part};
pub use judging::{DEPTH, ndcg};
/// What turns weights and other parameters into checked ones.
pub use linfa::ParamGuard;
pub use listwise::{CheckedListwiseParams, Listwise, ListwiseParams};
pub use model::RankModel;
pub use order::order;
pub use params::{CheckedRankParams, RankParams};
pub use person::Person;
pub use report::{CandidateFigure, FoldMeasure, Report, Verdict};
pub use reputation::{Prior, Ratings};
pub use scorer::{Candidate, Scorer};
pub use term::{Formula, Input, Reading, Readings, Term};
pub use terms::{Reference, Tally};
pub use weights::{CheckedWeights, WeightParams};
