//! One run of a DAG.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Error, Result};
use chrono::{DateTime, Utc};
use lake::{JobRecord, JobState, LakeError, Ledger, RunId, RunRecord, RunState};
use schemas::SnapshotId;

use super::{compatibility, decide::decide};
use crate::{
    after,
    artefact::Artefact,
    context::{Context, Inputs},
    dag::{DagFile, order},
    jobs::{self, Job, SnapshotRefused},
    memory, publish,
};

/// How a run that did not succeed failed; of several failures the one that matters most, which comes last here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// The store failed under a job: the same run again may succeed.
    Store,
    /// A gate refused the snapshot.
    Gate,
    /// A job failed.
    Job,
}

/// Runs a DAG to its targets. What fails stops only what depends on it.
pub(crate) async fn run(
    context: &Context,
    name: &str,
    dag: &DagFile,
) -> Result<Result<Option<SnapshotId>, Failure>> {
    let (started, started_at) = (Instant::now(), now());
    let _lock = context.lake.lock()?;
    compatibility::check(&context.lake, context.project.catalog()).await?;
    let jobs = jobs::all(&context.project)?;
    let order = order(&jobs, &dag.targets)?;
    let ledger = Ledger::new(context.lake.clone());
    let last = ledger.last_jobs().await?;
    let run = ledger.start(name, context.slot, started_at).await?;
    let mut progress = Progress::new(context, &ledger, &run, dag);
    for job in order {
        progress.step(job, last.get(&job.name())).await?;
    }
    let failure = progress.failure;
    let snapshot = progress
        .made
        .get("snapshot")
        .and_then(|made| made.digest.parse().ok());
    if failure.is_none() {
        let written = jobs.iter().map(|job| job.writes());
        let others = written.filter(|name| !progress.made.contains_key(name));
        publish::publish_tables(&context.lake, &progress.made, &others.collect()).await?;
        compatibility::record(&context.lake, context.project.catalog()).await?;
    }
    let record = RunRecord {
        run: run.clone(),
        dag: name.to_owned(),
        slot: context.slot,
        state: if failure.is_none() {
            RunState::Succeeded
        } else {
            RunState::Failed
        },
        snapshot,
        elapsed_ms: millis(started.elapsed()),
        peak_memory_bytes: memory::peak_bytes(),
        started_at: Some(started_at),
    };
    ledger.end(&record).await?;
    context
        .reporter
        .end(&record, progress.ran, progress.skipped);
    after::ended(context, &record, now()).await;
    Ok(match failure {
        None => Ok(record.snapshot),
        Some(failure) => Err(failure),
    })
}

/// What a run has done so far.
struct Progress<'a> {
    context: &'a Context,
    ledger: &'a Ledger,
    run: &'a RunId,
    dag: &'a DagFile,
    made: Inputs,
    missing: BTreeSet<String>,
    failure: Option<Failure>,
    ran: u64,
    skipped: u64,
}

impl<'a> Progress<'a> {
    fn new(context: &'a Context, ledger: &'a Ledger, run: &'a RunId, dag: &'a DagFile) -> Self {
        let (made, missing) = (Inputs::new(), BTreeSet::new());
        Self {
            context,
            ledger,
            run,
            dag,
            made,
            missing,
            failure: None,
            ran: 0,
            skipped: 0,
        }
    }

    async fn step(&mut self, job: &dyn Job, last: Option<&(RunId, JobRecord)>) -> Result<()> {
        let started = Instant::now();
        let mut record = JobRecord {
            job: job.name(),
            state: JobState::Blocked,
            reason: String::new(),
            fingerprint: String::new(),
            depends_on: BTreeMap::new(),
            rows: BTreeMap::new(),
            elapsed_ms: 0,
            started_at: Some(now()),
            peak_memory_bytes: None,
        };
        let reads = job.reads();
        let failed: Vec<_> = reads
            .iter()
            .filter(|r| self.missing.contains(*r))
            .map(String::as_str)
            .collect();
        if !failed.is_empty() {
            record.reason = format!("{} failed", failed.join(", "));
            self.missing.insert(job.writes());
            return self.record(record, started, None).await;
        }
        let inputs: Inputs = reads
            .iter()
            .filter_map(|name| Some((name.clone(), self.made.get(name)?.clone())))
            .collect();
        let outcome = self.make(job, &inputs, last, &mut record).await;
        match outcome {
            Ok(made) => {
                record.rows.clone_from(&made.rows);
                self.made.insert(job.writes(), made.clone());
                self.record(record, started, Some(&made)).await
            }
            Err(error) => {
                let failure = match &error {
                    error if error.is::<SnapshotRefused>() => Failure::Gate,
                    error if may_help(error) => Failure::Store,
                    _ => Failure::Job,
                };
                self.failure = self.failure.max(Some(failure));
                self.missing.insert(job.writes());
                record.state = JobState::Failed;
                record.reason = format!("{error:#}");
                self.record(record, started, None).await
            }
        }
    }

    async fn make(
        &self,
        job: &dyn Job,
        inputs: &Inputs,
        last: Option<&(RunId, JobRecord)>,
        record: &mut JobRecord,
    ) -> Result<Artefact> {
        let decision = decide(self.context, job, inputs, last).await?;
        record.depends_on = decision.depends_on;
        record.fingerprint = decision.fingerprint;
        record.reason = decision.reason;
        if let Some(made) = decision.made {
            record.state = JobState::Skipped;
            return Ok(made);
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
            match job.make(self.context, inputs, fingerprint).await {
                Err(error) if tries < self.dag.retries && may_help(&error) => {
                    tries += 1;
                    let note = format!(
                        "retry {} ({tries} of {}): {error:#}",
                        job.name(),
                        self.dag.retries
                    );
                    self.context.reporter.note(&note);
                    tokio::time::sleep(Duration::from_secs(1 << tries)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn record(
        &mut self,
        mut record: JobRecord,
        started: Instant,
        made: Option<&Artefact>,
    ) -> Result<()> {
        record.elapsed_ms = millis(started.elapsed());
        record.peak_memory_bytes = memory::peak_bytes();
        self.ran += u64::from(record.state == JobState::Made);
        self.skipped += u64::from(record.state == JobState::Skipped);
        self.ledger.record(self.run, &record).await?;
        self.context.reporter.job(&record, made);
        Ok(())
    }
}

/// Says whether trying again may help: the store failed, not the data.
pub(crate) fn may_help(error: &Error) -> bool {
    error
        .chain()
        .any(|cause| matches!(cause.downcast_ref(), Some(LakeError::Store { .. })))
}

/// When things happen goes into the ledger, for people and for lineage events, and into no table.
#[expect(
    clippy::disallowed_methods,
    reason = "the runner is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
