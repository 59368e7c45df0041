//! The second reading: the best hits of the fused order, each read together with the query by the snapshot's cross-encoder.
//!
//! Always the best [`RERANKED`], whatever the limit, and all of them within the node's budget or none. The cross-encoder is one
//! more contribution: never negative, so a hit below them cannot pass them, and it stays where the legs put it. Which model and
//! what it counts is the snapshot's; an answer, and the query log, say whether it was used. So an answer can be worked out again
//! from its snapshot. Scores do depend on the filters where hits are reranked, for those decide which hits are the best.

mod fuse;
mod outcome;
mod reranker;
mod texts;
mod turn;

pub(crate) use outcome::Outcome;
pub(crate) use reranker::Reranker;

/// Hits that are reranked.
pub(crate) const RERANKED: usize = 50;
/// The name of the contribution.
pub(crate) const LEG: &str = "rerank";
