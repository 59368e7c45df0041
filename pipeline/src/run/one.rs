//! One job of a run: whether it must run, what it made or why it failed, and its record in the ledger.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use lake::{JobRecord, JobState, Ledger, RunId};

use super::{
    decide::{decide, stale},
    failing::{Failure, failure, lacks_memory, may_pass, reason},
    gatekeeper::Gatekeeper,
    held::Held,
    plan::said_of,
};
use crate::{
    after::Live,
    artefact::Artefact,
    cancel::Cancelled,
    context::{Context, Inputs},
    failpoint,
    jobs::Job,
    memory,
};

/// What the jobs of a run are done with.
pub(super) struct Bench {
    pub(super) context: Arc<Context>,
    pub(super) ledger: Ledger,
    pub(super) run: RunId,
    /// How often a job is tried again.
    pub(super) retries: u32,
    pub(super) gatekeeper: Gatekeeper,
    /// Who is told while the run goes on.
    pub(super) live: Option<Arc<Live>>,
}

/// What became of a job; its record is in the ledger.
pub(super) struct Ended {
    pub(super) record: JobRecord,
    /// Its output, or what stands in its place.
    pub(super) made: Option<Artefact>,
    /// Why there is none; nothing also where something that it reads is missing.
    pub(super) failure: Option<Failure>,
}

/// A job of a run, and what is known of it before.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) job: Arc<dyn Job>,
    /// Its place in the order of the DAG.
    pub(super) place: usize,
    pub(super) last: Option<(RunId, JobRecord)>,
    /// Whether other jobs may be under way beside it, and share the memory of queries with it.
    pub(super) is_beside_others: bool,
}

/// What a job came to.
pub(super) enum Came {
    To(Box<Ended>),
    /// It lacked the memory that queries beside it held: it is to be done again, alone.
    ToLackMemory,
}

impl Bench {
    /// Does a job whose inputs are all there; nothing is recorded of one that is to be done again.
    ///
    /// # Errors
    /// The run cannot go on: the ledger or an earlier record of a table failed.
    pub(super) async fn work(&self, task: &Task, inputs: &Inputs) -> Result<Came> {
        let started = Instant::now();
        let (run, job) = (&self.run, task.job.as_ref());
        tracing::info!(%run, job = job.name(), "a job starts");
        let mut record = begun(task);
        let making = AssertUnwindSafe(self.interruptible(task, inputs, &mut record));
        // A job that panics fails like any other: those beside it go on.
        let made = making.catch_unwind().await.unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(Err(anyhow!("it panicked: {}", said.unwrap_or("no words"))))
        });
        if task.is_beside_others
            && let Some(Err(error)) = &made
            && lacks_memory(error)
        {
            let note = format!("retry {} alone: {error:#}", job.name());
            self.context.reporter.note(&note);
            return Ok(Came::ToLackMemory);
        }
        let made = match made {
            Some(made) => {
                let gatekeeper = &self.gatekeeper;
                gatekeeper
                    .pass(&self.context, job, made, &mut record)
                    .await?
            }
            None => Err(Cancelled.into()),
        };
        let (made, failure) = match made {
            Ok(made) => {
                record.rows.clone_from(&made.rows);
                (Some(made), None)
            }
            Err(error) => {
                let failure = failure(&error);
                record.state = match failure {
                    Failure::Cancelled => JobState::Blocked,
                    _ => JobState::Failed,
                };
                record.reason = reason(&error, self.context.lake.store());
                (None, Some(failure))
            }
        };
        let ended = self.end(task, record, started, (made, failure)).await?;
        Ok(Came::To(Box::new(ended)))
    }

    /// Records a job that cannot run, for something that it reads is missing.
    pub(super) async fn block(&self, task: &Task, missing: &[String]) -> Result<Ended> {
        let mut record = begun(task);
        record.reason = format!("{} failed", missing.join(", "));
        self.end(task, record, Instant::now(), (None, None)).await
    }

    /// Lets an earlier output stand in for a job that is not selected.
    pub(super) async fn hold(&self, task: &Task, inputs: &Inputs, held: &Held) -> Result<Ended> {
        let started = Instant::now();
        let known = (&held.run, &held.artefact, held.record.as_ref());
        let stale = stale(&self.context, task.job.as_ref(), inputs, known)?;
        let reason = said_of(held, stale.as_deref());
        let mut artefact = held.artefact.clone();
        artefact.held = stale.map(|_| reason.clone());
        let before = held.record.as_ref();
        let record = JobRecord {
            state: JobState::Held,
            reason,
            fingerprint: held.artefact.fingerprint.clone(),
            depends_on: before.map(|one| one.depends_on.clone()).unwrap_or_default(),
            rows: held.artefact.rows.clone(),
            started_at: before.and_then(|one| one.started_at),
            made_ms: before.and_then(|one| one.made_ms),
            ..begun(task)
        };
        self.end(task, record, started, (Some(artefact), None))
            .await
    }

    /// Does the same, unless somebody asks meanwhile that the run end: none then. What announces is not broken off, and looks itself.
    async fn interruptible(
        &self,
        task: &Task,
        inputs: &Inputs,
        record: &mut JobRecord,
    ) -> Option<Result<Artefact>> {
        let making = self.make(task, inputs, record);
        if task.job.writes() == "snapshot" {
            return Some(making.await);
        }
        tokio::select! {
            outcome = making => Some(outcome),
            () = self.context.cancel.heard() => None,
        }
    }

    async fn make(&self, task: &Task, inputs: &Inputs, record: &mut JobRecord) -> Result<Artefact> {
        let job = task.job.as_ref();
        failpoint::point(&format!("job.{}", job.name()));
        let decision = decide(&self.context, job, inputs, task.last.as_ref()).await?;
        record.depends_on = decision.depends_on;
        record.fingerprint = decision.fingerprint;
        record.reason = decision.reason;
        if let Some(made) = decision.made {
            record.state = JobState::Skipped;
            return Ok(made);
        }
        if let Some(live) = &self.live {
            live.starts(job, record);
        }
        let made = self.attempt(job, inputs, &record.fingerprint).await?;
        made.record(&self.context.lake).await?;
        record.state = JobState::Made;
        Ok(made)
    }

    /// Makes a job's output; tries again, after a pause that doubles, while the error says that it may help.
    async fn attempt(&self, job: &dyn Job, inputs: &Inputs, fingerprint: &str) -> Result<Artefact> {
        let mut tries = 0;
        loop {
            match job.make(&self.context, inputs, fingerprint).await {
                Err(error) if tries < self.retries && may_pass(&error) => {
                    tries += 1;
                    let note = format!(
                        "retry {} ({tries} of {}): {error:#}",
                        job.name(),
                        self.retries
                    );
                    self.context.reporter.note(&note);
                    tokio::time::sleep(Duration::from_secs(1 << tries)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn end(
        &self,
        task: &Task,
        mut record: JobRecord,
        started: Instant,
        (made, failure): (Option<Artefact>, Option<Failure>),
    ) -> Result<Ended> {
        record.elapsed_ms = millis(started.elapsed());
        if record.state == JobState::Made {
            record.made_ms = Some(record.elapsed_ms);
        }
        record.peak_memory_bytes = memory::peak_bytes();
        self.ledger.record(&self.run, &record).await?;
        let (run, state, elapsed_ms) = (&self.run, record.state, record.elapsed_ms);
        tracing::info!(%run, job = record.job, ?state, elapsed_ms, "a job ended");
        if let Some(live) = &self.live {
            live.ended(task.job.as_ref(), &record, made.as_ref());
        }
        Ok(Ended {
            record,
            made,
            failure,
        })
    }
}

/// The record of a job of which nothing is known yet but that it is taken up.
fn begun(task: &Task) -> JobRecord {
    JobRecord {
        job: task.job.name(),
        state: JobState::Blocked,
        reason: String::new(),
        fingerprint: String::new(),
        depends_on: BTreeMap::new(),
        rows: BTreeMap::new(),
        elapsed_ms: 0,
        made_ms: task.last.as_ref().and_then(|(_, record)| record.made_ms),
        gates: Vec::new(),
        carried_over: None,
        started_at: Some(now()),
        peak_memory_bytes: None,
        place: Some(task.place as u64),
    }
}

/// When things happen goes into the ledger, for people and for lineage events, and into no table.
#[expect(
    clippy::disallowed_methods,
    reason = "the runner is where the clock is read"
)]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}

pub(super) fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
