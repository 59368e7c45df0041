#![doc = include_str!("../README.md")]

mod dag;
mod due;
mod error;
mod heartbeat;
mod lease;
mod ledger;
mod overlap;
mod pause;
mod program;
mod record;
mod run;
mod scheduler;
mod span;
#[cfg(test)]
mod tests;
mod timetable;

pub use dag::{CatchUp, Dag, Overlap, SlotRules};
pub use due::{DueSlot, Verdict, due};
pub use error::ScheduleError;
pub use heartbeat::{Pace, run, run_once};
pub use lease::Patience;
pub use ledger::{History, SlotLedger};
pub use pause::{Pause, decide, pauses};
pub use program::{Exit, Programs};
pub use record::{SlotRecord, SlotState};
pub use run::{Ended, Moment, Request, Run, Running};
pub use scheduler::{Beat, Scheduler, SchedulerSettings};
pub use span::Span;
pub use timetable::Timetable;
