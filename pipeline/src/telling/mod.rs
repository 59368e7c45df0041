//! Runs, tables and DAGs gathered from the ledger, artefacts and contracts, as pages and events tell them.

mod drift;
mod events;
mod page;
mod site;
mod story;

pub(crate) use events::{events, job_ends, job_starts, run_starts};
pub(crate) use page::view;
pub(crate) use site::gather;
pub(crate) use story::{Story, Told, reads};
