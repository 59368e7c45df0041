//! Running a DAG: in order, skipping what did not change, recording everything.

mod choose;
mod compatibility;
mod decide;
mod execute;
mod facts;
mod gatekeeper;
mod held;
mod nodes;
mod one;
mod plan;
mod progress;
mod retry;
mod settings;

pub(crate) use execute::{Failure, run};
pub(crate) use plan::{Announcement, Plan, Will, plan};
pub(crate) use retry::to_retry;
pub(crate) use settings::{ChoiceSettings, RunSettings, prepare};
