#![doc = include_str!("../README.md")]

mod atom;
mod error;
mod facts;
mod glob;
mod graph;
mod method;
mod parse;
mod selection;

#[cfg(test)]
mod tests;

pub use error::SelectError;
pub use facts::{Facts, JobFacts, Outcome, Part, Standing};
pub use graph::{Graph, Node};
pub use selection::{Needs, Selection};
