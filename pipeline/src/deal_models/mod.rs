//! Projects, bookings and introductions as models see them: feature tables to rows, fits to the lake and back.

mod before;
mod fits;
mod table;

pub(crate) use before::{MODEL_ENTRY, before, before_digest};
pub(crate) use fits::{Fits, Unseen};
pub(crate) use table::{Deal, DealTable, Key, OBSERVATIONS, Observation, observations};
