//! The scheduler: what happens at one heartbeat.

mod book;
mod outcome;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use lake::Lake;

use crate::{
    Dag, ScheduleError, SlotLedger, SlotRecord, SlotState, Span,
    lease::{Lease, Patience, Standing},
    record::Author,
    run::{Ended, Moment, Request, Run, Running},
};
use outcome::{after, guarded_poll, panicked};

/// What an operator may say of a scheduler.
#[derive(Debug, Clone)]
pub struct SchedulerSettings {
    /// Its name, in records.
    pub owner: String,
    /// How long the others wait for a sign of life before one takes its place.
    pub lease: Span,
    /// How it learns that another one is gone.
    pub patience: Patience,
}

/// What came of a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beat {
    /// This scheduler leads.
    Leads {
        /// What became of slots, in order.
        records: Vec<SlotRecord>,
        /// Whether nothing is running, and nothing could be started now.
        is_idle: bool,
    },
    /// Another one leads; this one does nothing.
    StandsBy {
        /// That one.
        leader: String,
    },
}

/// A run under way.
struct Active {
    record: SlotRecord,
    running: Box<dyn Running>,
    started: Duration,
    /// How it ended, kept until the lake has it.
    ended: Option<Ended>,
}

/// Runs each due slot of its DAGs once, one at a time: a lake has one run at a time.
pub struct Scheduler {
    lake: Lake,
    dags: Vec<Dag>,
    ledger: SlotLedger,
    lease: Lease,
    runner: Box<dyn Run>,
    active: Option<Active>,
    /// Runs that were told to end and have not yet.
    dying: Vec<Box<dyn Running>>,
    is_draining: bool,
}

impl Scheduler {
    /// Makes a scheduler of a lake's DAGs. It does nothing before its first heartbeat.
    #[must_use]
    pub fn new(
        lake: Lake,
        dags: Vec<Dag>,
        runner: Box<dyn Run>,
        settings: SchedulerSettings,
    ) -> Self {
        Self {
            ledger: SlotLedger::new(lake.clone()),
            lease: Lease::new(
                lake.clone(),
                settings.owner,
                settings.lease,
                settings.patience,
            ),
            lake,
            dags,
            runner,
            active: None,
            dying: Vec::new(),
            is_draining: false,
        }
    }

    /// Does what is to be done at a moment: renews or takes the lease, records what ended, what fell due, overlaps or is late, ends
    /// what takes too long, and starts the next run. It never waits for a run.
    ///
    /// # Errors
    /// The lake failed, or another scheduler took over in the middle. The next heartbeat goes on from what was recorded.
    pub async fn beat(&mut self, moment: Moment) -> Result<Beat, ScheduleError> {
        self.dying
            .retain_mut(|running| guarded_poll(running).is_none());
        let term = match self.lease.hold(moment).await? {
            Standing::Leads(term) => term,
            Standing::StandsBy { leader } => {
                self.abandon();
                return Ok(Beat::StandsBy { leader });
            }
        };
        let outcome = self.lead(term, moment).await;
        if matches!(outcome, Err(ScheduleError::Overtaken { .. })) {
            self.lease.forget();
            self.abandon();
        }
        outcome
    }

    /// Starts nothing from now on.
    pub fn drain(&mut self) {
        self.is_draining = true;
    }

    /// Ends what runs, to be run again by whoever leads next, and gives the lease up.
    ///
    /// # Errors
    /// The lake failed. Whoever leads next finds the run interrupted all the same.
    pub async fn stop(&mut self, moment: Moment) -> Result<Vec<SlotRecord>, ScheduleError> {
        let mut done = Vec::new();
        if let Some(active) = self.active.take() {
            let author = self.author(active.record.term);
            let mut record = active.record.then(
                SlotState::Retrying,
                "its scheduler was told to stop",
                moment.now,
                &author,
            );
            // It was no fault of the run.
            record.attempt -= 1;
            record.not_before = moment.now;
            self.end(active.running);
            self.append(record, &mut done).await?;
        }
        self.lease.release(moment).await?;
        Ok(done)
    }

    async fn lead(&mut self, term: u64, moment: Moment) -> Result<Beat, ScheduleError> {
        let author = self.author(term);
        let mut done = Vec::new();
        self.collect(moment, &author, &mut done).await?;
        let mut waiting = Vec::new();
        for dag in self.dags.clone() {
            waiting.extend(self.book(&dag, moment, &author, &mut done).await?);
        }
        waiting.sort_by(|a, b| (a.due, &a.dag).cmp(&(b.due, &b.dag)));
        let next = waiting.into_iter().next();
        let is_free = self.active.is_none() && self.dying.is_empty();
        if let Some(next) = next.clone().filter(|_| is_free && !self.is_draining) {
            self.start(next, moment, &author, &mut done).await?;
        }
        Ok(Beat::Leads {
            records: done,
            is_idle: is_free && (next.is_none() || self.is_draining),
        })
    }

    /// Records how the run under way ended, or ends it where it takes too long.
    async fn collect(
        &mut self,
        moment: Moment,
        author: &Author,
        done: &mut Vec<SlotRecord>,
    ) -> Result<(), ScheduleError> {
        let Some(active) = &mut self.active else {
            return Ok(());
        };
        if active.ended.is_none() {
            active.ended = guarded_poll(&mut active.running);
        }
        let dag = self.dags.iter().find(|dag| dag.name() == active.record.dag);
        let dag = dag.expect("only slots of known DAGs are started").clone();
        let next = match &active.ended {
            Some(ended) => after(&dag, &active.record, ended.clone(), moment.now, author),
            None => {
                let allowed = dag.rules().timeout;
                let allowed_seconds = allowed.as_seconds().unsigned_abs();
                if moment.elapsed.saturating_sub(active.started).as_secs() < allowed_seconds {
                    return Ok(());
                }
                let reason = format!("it took longer than {allowed}, and was ended");
                let record = &active.record;
                record.then(SlotState::TimedOut, reason, moment.now, author)
            }
        };
        // The record comes first: if the lake fails, the run is still there at the next heartbeat.
        self.append(next, done).await?;
        if let Some(active) = self.active.take()
            && active.ended.is_none()
        {
            self.end(active.running);
        }
        Ok(())
    }

    /// Ends the run under way where its slot was cancelled.
    fn cancel(&mut self, record: &SlotRecord) {
        let is_it = |active: &Active| {
            record.state == SlotState::Cancelled
                && (&active.record.dag, active.record.due) == (&record.dag, record.due)
        };
        if self.active.as_ref().is_some_and(is_it)
            && let Some(active) = self.active.take()
        {
            self.end(active.running);
        }
    }

    /// Starts a slot. That it runs is recorded before it does, so that whoever comes after a sudden end knows.
    async fn start(
        &mut self,
        slot: SlotRecord,
        moment: Moment,
        author: &Author,
        done: &mut Vec<SlotRecord>,
    ) -> Result<(), ScheduleError> {
        let now = moment.now;
        let dag = self.dags.iter().find(|dag| dag.name() == slot.dag);
        let dag = dag.expect("only slots of known DAGs are booked").clone();
        let mut record = slot.then(SlotState::Running, "", now, author);
        record.attempt += 1;
        record.started_at = slot.started_at.or(Some(now));
        if slot.attempt == 0 {
            record.late_seconds = record.lateness(&dag, now);
        }
        record.reason = format!("try {} of {}", record.attempt, dag.rules().retries + 1);
        let record = self.append(record, done).await?;
        if !self.lease.is_held().await? {
            return Err(overtaken(&record));
        }
        let request = Request {
            dag: record.dag.clone(),
            due: record.due,
            slot: record.slot,
            attempt: record.attempt,
        };
        let runner = &self.runner;
        let started = catch_unwind(AssertUnwindSafe(|| runner.start(&request)))
            .unwrap_or_else(|panic| Err(panicked(&*panic)));
        match started {
            Ok(running) => {
                self.active = Some(Active {
                    record,
                    running,
                    started: moment.elapsed,
                    ended: None,
                });
            }
            Err(reason) => {
                let failed = record.then(SlotState::Failed, reason, now, author);
                self.append(failed, done).await?;
            }
        }
        Ok(())
    }

    async fn append(
        &mut self,
        record: SlotRecord,
        done: &mut Vec<SlotRecord>,
    ) -> Result<SlotRecord, ScheduleError> {
        if !self.ledger.append(&record).await? {
            return Err(overtaken(&record));
        }
        done.push(record.clone());
        Ok(record)
    }

    /// Tells a run to end; it is looked after until it has.
    fn end(&mut self, mut running: Box<dyn Running>) {
        let killed = catch_unwind(AssertUnwindSafe(|| running.kill()));
        if killed.is_ok() && guarded_poll(&mut running).is_none() {
            self.dying.push(running);
        }
    }

    /// Ends what runs, because another scheduler leads.
    fn abandon(&mut self) {
        if let Some(active) = self.active.take() {
            self.end(active.running);
        }
    }

    fn author(&self, term: u64) -> Author {
        Author {
            owner: self.lease.owner().to_owned(),
            term,
        }
    }
}

fn overtaken(record: &SlotRecord) -> ScheduleError {
    ScheduleError::Overtaken {
        dag: record.dag.clone(),
        due: record.due,
    }
}
