//! Where tables, columns and rows come from.

mod graph;
mod landed;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use graph::lineage;
pub(crate) use rows::{Origin, RowTracer};
