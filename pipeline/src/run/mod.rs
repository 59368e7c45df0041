//! Running a DAG: in order, skipping what did not change, recording everything.

mod choose;
mod compatibility;
mod decide;
mod execute;
mod facts;
mod gatekeeper;
mod nodes;
mod plan;
mod settings;

pub(crate) use choose::to_retry;
pub(crate) use execute::{Failure, run};
pub(crate) use plan::{Announcement, Plan, Will, plan};
pub(crate) use settings::{ChoiceSettings, RunSettings, prepare};
