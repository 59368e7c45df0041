//! What a slot becomes when its run ends, and how a run is asked that may panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};

use crate::{
    Dag, SlotRecord, SlotState,
    record::Author,
    run::{Ended, Running},
};

/// Pause before a run that found another one at work is tried again.
const BUSY_PAUSE: chrono::Duration = chrono::Duration::seconds(30);

/// Returns what a slot becomes when its run ended.
pub(super) fn after(
    dag: &Dag,
    record: &SlotRecord,
    ended: Ended,
    now: DateTime<Utc>,
    author: &Author,
) -> SlotRecord {
    match ended {
        Ended::Succeeded { run } => SlotRecord {
            run,
            ..record.then(
                SlotState::Succeeded,
                "every target was reached",
                now,
                author,
            )
        },
        Ended::Busy => SlotRecord {
            attempt: record.attempt - 1,
            not_before: now + BUSY_PAUSE,
            ..record.then(
                SlotState::Queued,
                "another run is at work on the lake",
                now,
                author,
            )
        },
        Ended::Failed {
            reason,
            may_help: true,
            run,
        } => retry(dag, record, reason, run, now, author),
        Ended::Failed {
            reason,
            may_help: false,
            run,
        } => SlotRecord {
            run,
            ..record.then(SlotState::Failed, reason, now, author)
        },
    }
}

/// Returns what a slot becomes whose run failed, where trying again may help.
pub(super) fn retry(
    dag: &Dag,
    record: &SlotRecord,
    reason: String,
    run: Option<String>,
    now: DateTime<Utc>,
    author: &Author,
) -> SlotRecord {
    let is_last = record.attempt > dag.rules().retries;
    let state = match is_last {
        true => SlotState::Failed,
        false => SlotState::Retrying,
    };
    SlotRecord {
        run,
        not_before: now + dag.backoff(record.attempt),
        ..record.then(state, reason, now, author)
    }
}

/// Asks a run whether it has ended; one that panics has.
pub(super) fn guarded_poll(running: &mut Box<dyn Running>) -> Option<Ended> {
    catch_unwind(AssertUnwindSafe(|| running.poll())).unwrap_or_else(|panic| {
        Some(Ended::Failed {
            reason: panicked(&*panic),
            may_help: false,
            run: None,
        })
    })
}

pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("it panicked: {}", said.unwrap_or("without a word"))
}
