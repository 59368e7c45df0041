//! What can go wrong with schedules.

use chrono::{DateTime, Utc};
use lake::LakeError;

/// A failure of the scheduler.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// A DAG's schedule or rules make no sense: mend its file; trying again does not help.
    #[error("the schedule of {dag}: {reason}")]
    Malformed {
        /// The DAG.
        dag: String,
        /// What is wrong.
        reason: String,
    },
    /// The lake failed: the next heartbeat tries again.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Another scheduler moved a slot on, so this one leads no more: the next heartbeat stands by.
    #[error("another scheduler moved the slot {due} of {dag} on")]
    Overtaken {
        /// The DAG.
        dag: String,
        /// The slot.
        due: DateTime<Utc>,
    },
    /// The timer could not be started: the system is out of something.
    #[error("the heartbeat does not start: {0}")]
    Heartbeat(String),
}
