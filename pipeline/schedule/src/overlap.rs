//! What becomes of slots of one DAG that are open at the same time.

use chrono::{DateTime, Utc};

use crate::{Dag, Overlap, SlotRecord, SlotState, record::Author};

/// Returns what the open slots of a DAG become, given oldest first: those that overlap an earlier one, those that are too many to
/// wait, and those whose grace is over.
pub(crate) fn settle(
    dag: &Dag,
    mut open: Vec<SlotRecord>,
    now: DateTime<Utc>,
    author: &Author,
) -> Vec<SlotRecord> {
    let mut settled = Vec::new();
    for index in 1..open.len() {
        let later = open[index].clone();
        // What was caught up together was recorded together, and does not overlap: it waits its turn.
        let overlapped = open[..index]
            .iter()
            .rposition(|earlier| earlier.state.is_open() && earlier.recorded_at < later.due);
        let Some(overlapped) = overlapped.filter(|_| is_fresh(&later)) else {
            continue;
        };
        let (earlier_due, is_running) = (
            open[overlapped].due,
            open[overlapped].state == SlotState::Running,
        );
        let doing = if is_running { "running" } else { "waiting" };
        let says = |state, reason: String| SlotRecord {
            overlaps: Some(earlier_due),
            ..later.then(state, reason, now, author)
        };
        let next = match dag.rules().overlap {
            Overlap::Queue => says(
                SlotState::Queued,
                format!("the slot {earlier_due} was still {doing}"),
            ),
            Overlap::Skip => says(
                SlotState::Skipped,
                format!("the slot {earlier_due} was still {doing}"),
            ),
            Overlap::Cancel => {
                for earlier in open[..index].iter_mut().filter(|e| e.state.is_open()) {
                    let reason = format!("the slot {} fell due", later.due);
                    *earlier = earlier.then(SlotState::Cancelled, reason, now, author);
                    settled.push(earlier.clone());
                }
                says(
                    SlotState::Due,
                    format!("it takes the place of the slot {earlier_due}"),
                )
            }
        };
        settled.push(next.clone());
        open[index] = next;
    }
    settled.extend(shorten(dag, &mut open, now, author));
    settled.extend(mark_late(dag, &open, now, author));
    settled
}

/// Says whether nothing has been decided about a slot yet.
fn is_fresh(record: &SlotRecord) -> bool {
    record.overlaps.is_none()
        && record.attempt == 0
        && matches!(record.state, SlotState::Due | SlotState::Late)
}

/// Gives up the oldest of more waiting slots than the DAG allows.
fn shorten(
    dag: &Dag,
    open: &mut [SlotRecord],
    now: DateTime<Utc>,
    author: &Author,
) -> Vec<SlotRecord> {
    let most = usize::try_from(dag.rules().catch_up_max).unwrap_or(usize::MAX);
    let waits = |record: &&mut SlotRecord| record.state.is_open() && record.attempt == 0;
    let mut waiting: Vec<_> = open.iter_mut().filter(waits).collect();
    let too_many = waiting.len().saturating_sub(most);
    let give_up = |record: &mut &mut SlotRecord| {
        let reason = format!("more than {most} slots waited, and it was the oldest");
        **record = record.then(SlotState::Missed, reason, now, author);
        record.clone()
    };
    waiting.iter_mut().take(too_many).map(give_up).collect()
}

/// Marks slots that wait and should have started.
fn mark_late(
    dag: &Dag,
    open: &[SlotRecord],
    now: DateTime<Utc>,
    author: &Author,
) -> Vec<SlotRecord> {
    let is_waiting = |record: &&SlotRecord| {
        matches!(record.state, SlotState::Due | SlotState::Queued)
            && record.attempt == 0
            && record.late_seconds.is_none()
    };
    let mark = |record: &SlotRecord| {
        let late_seconds = record.lateness(dag, now)?;
        let reason = match record.reason.is_empty() {
            true => "it has not started".to_owned(),
            false => format!("it has not started: {}", record.reason),
        };
        Some(SlotRecord {
            late_seconds: Some(late_seconds),
            ..record.then(SlotState::Late, reason, now, author)
        })
    };
    open.iter().filter(is_waiting).filter_map(mark).collect()
}
