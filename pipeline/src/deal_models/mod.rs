//! Projects, bookings and introductions as models see them: feature tables to rows, fits to the lake and back, and what people decide
//! of them.

mod before;
mod decisions;
mod fits;
mod registry;
mod table;
mod version;

pub(crate) use before::{MODEL_ENTRY, before, before_digest, before_lines, before_table};
pub(crate) use decisions::{DECISIONS, Decision, Decisions, InPlace, Sort, Standing, in_place};
pub(crate) use fits::Fits;
pub(crate) use registry::Registry;
pub(crate) use table::{Deal, DealTable, Key, OBSERVATIONS, Observation, observations};
pub(crate) use version::{VERSIONS, Version};
