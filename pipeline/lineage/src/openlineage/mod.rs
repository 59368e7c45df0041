//! Runs told as OpenLineage events: one JSON object for each start and end of a run and of its jobs.
//!
//! The same facts give the same bytes: identifiers are derived, times come from the ledger. A job that was skipped wrote nothing and has no event.

mod dataset;
mod event;
mod facet;
mod facts;

pub use event::{end_of_job, events, start_of_job, start_of_run};
pub use facts::{Assertion, DatasetFacts, End, Field, JobFacts, RunFacts};
