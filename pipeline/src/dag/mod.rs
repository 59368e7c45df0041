//! DAGs: when they run and for what, and the order of their jobs, derived from what each reads and writes.

mod file;
mod graph;

pub(crate) use file::{DagFile, Refit};
pub(crate) use graph::order;
