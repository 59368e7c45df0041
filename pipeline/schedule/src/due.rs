//! Which slots are due, and what became of those that nobody was there for.

use chrono::{DateTime, Utc};

use crate::{CatchUp, Dag, History, SlotState, record::words};

/// Most slots of one outage that are recorded one by one.
const MOST_MISSED: usize = 1000;

/// What is to be recorded of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSlot {
    /// When it was due.
    pub due: DateTime<Utc>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// What becomes of a slot when it is first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is run: it was seen within its grace.
    OnTime,
    /// It was missed, and is run after all.
    CaughtUp,
    /// It was missed, and is not run.
    Missed,
}

/// Returns the slots to record at `now`, oldest first, which is the order to record them in: a record says that every earlier slot
/// has one.
///
/// A slot that has a record is left alone, whatever the clock does; except that one recorded as missed by a clock that was ahead
/// comes back when its time comes.
#[must_use]
pub fn due(dag: &Dag, history: &History, now: DateTime<Utc>) -> Vec<DueSlot> {
    if history.since > now {
        return Vec::new();
    }
    let last = history.slots.range(..=now).next_back().map(|(due, _)| *due);
    let from = last.unwrap_or(history.since).max(history.since);
    let fresh = now - dag.rules().grace.as_duration();
    let was_missed_ahead = |due: &DateTime<Utc>| {
        let record = &history.slots[due];
        record.state == SlotState::Missed && record.at > now && record.attempt == 0
    };
    let back = history
        .slots
        .range(fresh.max(history.since)..=now)
        .map(|(due, _)| *due)
        .filter(was_missed_ahead);
    let mut slots: Vec<DueSlot> = back
        .map(|due| DueSlot {
            due,
            verdict: Verdict::OnTime,
            reason: "it was recorded as missed by a clock that was ahead".to_owned(),
        })
        .collect();
    let unrecorded = dag.timetable().between(from, now);
    let (missed, on_time): (Vec<_>, Vec<_>) = unrecorded.into_iter().partition(|due| *due < fresh);
    slots.extend(judge_missed(dag, &missed, slots.len() + on_time.len(), now));
    slots.extend(on_time.into_iter().map(|due| DueSlot {
        due,
        verdict: Verdict::OnTime,
        reason: "it is time".to_owned(),
    }));
    slots.sort_by_key(|slot| slot.due);
    slots
}

/// Decides which of the missed slots are run after all.
fn judge_missed(
    dag: &Dag,
    missed: &[DateTime<Utc>],
    on_time: usize,
    now: DateTime<Utc>,
) -> Vec<DueSlot> {
    let rules = dag.rules();
    let most = usize::try_from(rules.catch_up_max).unwrap_or(usize::MAX);
    let (kept, refusal) = match rules.catch_up {
        CatchUp::All => (
            missed.len().min(most.saturating_sub(on_time)),
            format!("only the newest {most} are caught up"),
        ),
        CatchUp::Last => (
            usize::from(on_time == 0).min(missed.len()),
            "only the newest slot is caught up".to_owned(),
        ),
        CatchUp::None => (0, "this DAG catches nothing up".to_owned()),
    };
    let first_kept = missed.len() - kept;
    let first_listed = missed.len().saturating_sub(MOST_MISSED).min(first_kept);
    let judge = |(index, &due): (usize, &DateTime<Utc>)| {
        let late = words(now - due);
        let (verdict, mut reason) = match index >= first_kept {
            true => (Verdict::CaughtUp, format!("seen {late} late, caught up")),
            false => (Verdict::Missed, format!("seen {late} late; {refusal}")),
        };
        if index == first_listed && index > 0 {
            reason.push_str(&format!("; {index} earlier ones were missed as well"));
        }
        DueSlot {
            due,
            verdict,
            reason,
        }
    };
    missed
        .iter()
        .enumerate()
        .skip(first_listed)
        .map(judge)
        .collect()
}
