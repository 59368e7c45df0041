//! Source mappings: how files that somebody else shaped become rows of a landing table.

mod cast;
pub(crate) mod check;
mod compose;
mod document;
mod field;
mod load;
mod path;
mod plan;
mod tell;
mod transform;

pub(crate) use document::{CsvOptions, Format};
pub use load::Mapping;
pub(crate) use plan::{Outcome, Plan, Rejection};
pub use tell::Told;
