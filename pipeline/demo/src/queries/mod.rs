//! The query log of the node, and what people did with the answers.

mod behaviour;
mod log;

pub(crate) use behaviour::{write_feedback, write_interactions};
pub(crate) use log::write_queries;
