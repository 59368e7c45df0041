//! A slot's record: one row for each thing that became of it.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use schemas::Slot;
use serde::{Deserialize, Serialize};

use crate::Dag;

/// Where a slot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotState {
    /// It is to be run.
    Due,
    /// It is to be run once an earlier slot of its DAG, or another run on the lake, has ended.
    Queued,
    /// It is to be run, and its grace is over.
    Late,
    /// It was given to a run.
    Running,
    /// Its run failed and is tried again.
    Retrying,
    /// Its run reached every target.
    Succeeded,
    /// Its run failed, and trying again would not help or has been tried often enough.
    Failed,
    /// Its run took longer than the DAG allows, and was ended.
    TimedOut,
    /// A later slot took its place.
    Cancelled,
    /// It was not run, because an earlier slot was not done.
    Skipped,
    /// It was not run, because nobody was there at its time.
    Missed,
}

impl SlotState {
    /// All states: those in which something is still to come first.
    pub const ALL: [Self; 11] = [
        Self::Due,
        Self::Queued,
        Self::Late,
        Self::Running,
        Self::Retrying,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
        Self::Skipped,
        Self::Missed,
    ];

    /// Says whether something is still to become of the slot.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Due | Self::Queued | Self::Late | Self::Running | Self::Retrying
        )
    }
}

impl fmt::Display for SlotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Due => "due",
            Self::Queued => "queued",
            Self::Late => "late",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        })
    }
}

/// A slot after one thing became of it. The newest record of a slot says where it stands; the older ones, how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRecord {
    /// The DAG.
    pub dag: String,
    /// When the slot was due.
    pub due: DateTime<Utc>,
    /// The logical day that its run is for.
    pub slot: Slot,
    /// The number of this record among those of the slot, from 1.
    pub sequence: u32,
    /// When this record was made.
    pub at: DateTime<Utc>,
    /// Where the slot stands.
    pub state: SlotState,
    /// Why.
    pub reason: String,
    /// The scheduler that says so.
    pub owner: String,
    /// The term in which that scheduler leads.
    pub term: u64,
    /// When the first record was made.
    pub recorded_at: DateTime<Utc>,
    /// When it is started at the earliest.
    pub not_before: DateTime<Utc>,
    /// How often it was started.
    pub attempt: u32,
    /// When it was started first.
    pub started_at: Option<DateTime<Utc>>,
    /// When nothing more was to become of it.
    pub ended_at: Option<DateTime<Utc>>,
    /// How much later than due it started, or had not started yet, where that is more than the grace.
    pub late_seconds: Option<i64>,
    /// The earlier slot that was not done when this one fell due.
    pub overlaps: Option<DateTime<Utc>>,
    /// The run in the ledger of runs, where it said which.
    pub run: Option<String>,
}

/// Who writes records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) owner: String,
    pub(crate) term: u64,
}

impl SlotRecord {
    /// Makes the first record of a slot.
    pub(crate) fn first(
        dag: &Dag,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
        author: &Author,
    ) -> Self {
        Self {
            dag: dag.name().to_owned(),
            due,
            slot: dag.timetable().day(due),
            sequence: 1,
            at: now,
            state: SlotState::Due,
            reason: String::new(),
            owner: author.owner.clone(),
            term: author.term,
            recorded_at: now,
            not_before: dag.start_of(due),
            attempt: 0,
            started_at: None,
            ended_at: None,
            late_seconds: None,
            overlaps: None,
            run: None,
        }
    }

    /// Makes the record that follows this one.
    pub(crate) fn then(
        &self,
        state: SlotState,
        reason: impl Into<String>,
        now: DateTime<Utc>,
        author: &Author,
    ) -> Self {
        Self {
            sequence: self.sequence + 1,
            at: now,
            state,
            reason: reason.into(),
            owner: author.owner.clone(),
            term: author.term,
            ended_at: (!state.is_open()).then_some(now),
            ..self.clone()
        }
    }

    /// Says whether the slot may be started. Where the clock went back behind the record itself, the time to wait for means nothing.
    pub(crate) fn is_ready(&self, now: DateTime<Utc>) -> bool {
        let waits = matches!(
            self.state,
            SlotState::Due | SlotState::Queued | SlotState::Late | SlotState::Retrying
        );
        waits && (now >= self.not_before || now < self.at)
    }

    /// Returns how late the slot is, where that is more than the grace.
    pub(crate) fn lateness(&self, dag: &Dag, now: DateTime<Utc>) -> Option<i64> {
        let since = now - self.due;
        let allowed = dag.rules().grace.as_duration() + dag.rules().jitter.as_duration();
        (since > allowed).then_some(since.num_seconds())
    }
}

/// Writes a span of time for people, in its two largest units.
pub(crate) fn words(span: Duration) -> String {
    let minutes = span.num_minutes();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", span.num_seconds()),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
