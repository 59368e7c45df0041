//! What the scheduler starts, watches and ends: a run of a DAG for a slot.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemas::Slot;

/// A point in time: what the wall clock says, and a stopwatch that never jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What the wall clock says. It may jump.
    pub now: DateTime<Utc>,
    /// How long the process has been running. It grows, whatever the wall clock does.
    pub elapsed: Duration,
}

/// A run that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The DAG.
    pub dag: String,
    /// When the slot was due.
    pub due: DateTime<Utc>,
    /// The logical day that the run is for.
    pub slot: Slot,
    /// How often the slot was started, this time included.
    pub attempt: u32,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Every target was reached.
    Succeeded {
        /// The run in the ledger of runs, where it said which.
        run: Option<String>,
    },
    /// It failed.
    Failed {
        /// Why.
        reason: String,
        /// Whether trying again may help.
        may_help: bool,
        /// The run in the ledger of runs, where it said which.
        run: Option<String>,
    },
    /// It did nothing, because another run is at work on the lake. That costs none of its tries.
    Busy,
}

/// What starts runs.
pub trait Run: Send {
    /// Starts a run and returns at once.
    ///
    /// # Errors
    /// It cannot be started; the text says why.
    fn start(&self, request: &Request) -> Result<Box<dyn Running>, String>;
}

/// A run under way. It runs apart from the scheduler: nothing that it does holds a heartbeat up.
pub trait Running: Send {
    /// Returns how the run ended; none while it goes on.
    fn poll(&mut self) -> Option<Ended>;

    /// Ends the run. It has ended when [`Running::poll`] says so.
    fn kill(&mut self);
}
