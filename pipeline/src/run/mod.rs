//! Running a DAG: in order, skipping what did not change, recording everything.

mod compatibility;
mod decide;
mod execute;
mod gatekeeper;
mod plan;
mod settings;

pub(crate) use execute::{Failure, may_help, run};
pub(crate) use plan::plan;
pub(crate) use settings::{RunSettings, prepare};
