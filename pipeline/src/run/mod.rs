//! Running a DAG: in order, skipping what did not change, recording everything.

mod choose;
mod compatibility;
mod decide;
mod execute;
mod facts;
mod failing;
mod gatekeeper;
mod held;
mod nodes;
mod one;
mod plan;
mod progress;
mod ready;
mod retry;
mod settings;
mod together;

pub(crate) use execute::run;
pub(crate) use failing::Failure;
pub(crate) use plan::{Announcement, Plan, Will, plan};
pub(crate) use retry::to_retry;
pub(crate) use settings::{ChoiceSettings, RunSettings, prepare};
