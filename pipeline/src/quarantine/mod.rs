//! Rows refused: which are open, what is wrong with each, and how fixed ones land in their place.

mod export;
mod open;
mod release;

pub(crate) use export::{Format, export};
pub(crate) use open::{Quarantine, Refused};
pub(crate) use release::release;
