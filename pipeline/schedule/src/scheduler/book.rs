//! Bringing a DAG's slots up to date.

use super::{Scheduler, outcome::retry};
use crate::{
    Dag, ScheduleError, SlotRecord, SlotState,
    due::{Verdict, due},
    overlap::settle,
    pause::pauses,
    record::Author,
    run::Moment,
};

impl Scheduler {
    /// Brings a DAG's slots up to date; returns the one to start next, where there is one and it may start.
    pub(super) async fn book(
        &mut self,
        dag: &Dag,
        moment: Moment,
        author: &Author,
        done: &mut Vec<SlotRecord>,
    ) -> Result<Option<SlotRecord>, ScheduleError> {
        let now = moment.now;
        let since = self.ledger.since(dag.name(), now).await?;
        let history = self.ledger.history(dag.name(), since, now).await?;
        let mut slots = history.slots.clone();
        for record in history.slots.values() {
            let is_ours = self.active.as_ref().is_some_and(|a| a.record == *record);
            if record.state == SlotState::Running && !is_ours {
                let reason = format!("its scheduler, {}, ended or lost the lease", record.owner);
                let next = retry(dag, record, reason, None, now, author);
                slots.insert(next.due, self.append(next, done).await?);
            }
        }
        let pauses = pauses(&self.lake, dag.name()).await?;
        let is_paused = pauses.first().map_or(dag.rules().paused, |p| p.is_paused);
        if !is_paused {
            let resumed = pauses.first().map(|pause| pause.at);
            for slot in due(dag, &history, now) {
                let mut record = match slots.get(&slot.due) {
                    Some(before) => before.then(SlotState::Due, "", now, author),
                    None => SlotRecord::first(dag, slot.due, now, author),
                };
                record.reason = slot.reason;
                if resumed
                    .is_some_and(|resumed| slot.due < resumed && slot.verdict != Verdict::OnTime)
                {
                    record.reason.push_str("; the DAG was paused");
                }
                match slot.verdict {
                    Verdict::OnTime => {}
                    Verdict::CaughtUp => record.late_seconds = record.lateness(dag, now),
                    Verdict::Missed => {
                        record.state = SlotState::Missed;
                        record.ended_at = Some(now);
                    }
                }
                slots.insert(slot.due, self.append(record, done).await?);
            }
        }
        let open: Vec<_> = slots
            .values()
            .filter(|s| s.state.is_open())
            .cloned()
            .collect();
        for record in settle(dag, open, now, author) {
            self.cancel(&record);
            slots.insert(record.due, self.append(record, done).await?);
        }
        let first = slots.into_values().find(|slot| slot.state.is_open());
        Ok(first.filter(|slot| !is_paused && slot.is_ready(now)))
    }
}
