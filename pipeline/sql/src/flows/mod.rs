//! What each column of a SELECT is made of, taken from its logical plan before anything is optimised away.

mod expr;
mod plan;
mod planner;

pub use planner::Planner;
