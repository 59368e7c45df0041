#![doc = include_str!("../README.md")]

mod column;
mod draw;
mod flow;
mod graph;
mod kind;
mod near;
pub mod openlineage;
mod table;
mod text;
mod walk;

#[cfg(test)]
mod tests;

pub use column::{ColumnId, ROWS};
pub use draw::{dot, mermaid};
pub use flow::Flow;
pub use graph::{Lineage, UnknownName};
pub use kind::Kind;
pub use near::nearest;
pub use table::{Maker, SourceField, TableLineage};
pub use text::text;
pub use walk::{Direction, Tree, Walk};
