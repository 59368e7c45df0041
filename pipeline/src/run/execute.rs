//! One run of a DAG.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Error, Result};
use chrono::{DateTime, Utc};
use lake::{
    Beginning, JobRecord, JobState, Ledger, Process, RunId, RunRecord, RunState, store_failure,
};
use schemas::SnapshotId;
use snapshot::Store;

use super::{
    choose::{Choice, Choosing},
    compatibility,
    decide::decide,
    gatekeeper::{Gatekeeper, tables_refused},
};
use crate::{
    after,
    artefact::Artefact,
    cancel::Cancelled,
    context::{Context, Inputs},
    dag::{DagFile, order},
    jobs::{self, Job, SnapshotRefused},
    memory,
    publish::{self, Standing},
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
    /// Somebody asked that the run end.
    Cancelled,
}

/// Runs a DAG to its targets. What fails stops only what depends on it.
pub(crate) async fn run(
    context: &Context,
    name: &str,
    dag: &DagFile,
) -> Result<Result<Option<SnapshotId>, Failure>> {
    let (started, started_at) = (Instant::now(), now());
    let _lock = context.lake.lock().await?;
    compatibility::check(&context.lake, context.project.catalog()).await?;
    let jobs = jobs::all(&context.project)?;
    let order = order(&jobs, &dag.targets)?;
    let ledger = Ledger::new(context.lake.clone());
    let last = ledger.last_jobs().await?;
    let choice = choose(context, name, dag, (&jobs, &order)).await?;
    choice
        .notes
        .iter()
        .for_each(|note| context.reporter.note(&format!("note  {note}")));
    if choice.len() == 0 && context.retries.is_none() {
        context
            .reporter
            .note("nothing is selected: nothing is run or recorded");
        return Ok(Ok(None));
    }
    let beginning = beginning(context, &choice, started_at);
    let run = ledger.begin(name, context.slot, beginning.clone()).await?;
    let gatekeeper = Gatekeeper::open(&ledger, context.slot).await?;
    let mut progress = Progress::new(context, &ledger, &run, dag, gatekeeper);
    for job in order {
        if progress.is_cancelled().await {
            break;
        }
        match (choice.takes(&job.name()), choice.held(&job.name())) {
            (true, _) => progress.step(job, last.get(&job.name())).await?,
            (false, Some(held)) => progress.hold(job, held).await?,
            (false, None) => {}
        }
    }
    if !progress.made.contains_key("snapshot")
        && let Some(refused) = tables_refused(progress.made.values())
    {
        context.reporter.note(&format!("{refused:#}"));
        progress.failure = progress.failure.max(Some(Failure::Gate));
    }
    let failure = progress.failure;
    let own = progress.own();
    let snapshot = own
        .get("snapshot")
        .and_then(|made| made.digest.parse().ok());
    let (snapshot, recorded) = match context.announces {
        true => (snapshot, None),
        false => (None, snapshot),
    };
    if failure.is_none() && context.announces {
        let written = jobs.iter().map(|job| job.writes());
        let others = written.filter(|name| !own.contains_key(name));
        publish::publish_tables(&context.lake, &own, &others.collect()).await?;
        compatibility::record(&context.lake, context.project.catalog(), &own).await?;
        let mut standing = Standing::read(&context.lake).await?;
        standing.add(&own, &run, context.slot);
        standing.write(&context.lake).await?;
    }
    let record = RunRecord {
        run: run.clone(),
        dag: name.to_owned(),
        slot: context.slot,
        state: match failure {
            None => RunState::Succeeded,
            Some(Failure::Cancelled) => RunState::Cancelled,
            Some(_) => RunState::Failed,
        },
        snapshot,
        elapsed_ms: millis(started.elapsed()),
        peak_memory_bytes: memory::peak_bytes(),
        recorded,
        beginning,
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

async fn choose(
    context: &Context,
    name: &str,
    dag: &DagFile,
    (jobs, order): (&[Box<dyn Job>], &[&dyn Job]),
) -> Result<Choice> {
    let choosing = Choosing {
        context,
        name,
        dag,
        jobs,
        order,
        asked: &context.asked,
        retries: context.retries.as_ref(),
    };
    choosing.choose().await
}

fn beginning(context: &Context, choice: &Choice, started_at: DateTime<Utc>) -> Beginning {
    let mut asked = context.asked.clone();
    // What is taken up stays of the jobs that it was of.
    if choice.is_partial && context.retries.is_none() {
        asked.jobs = choice.names();
    }
    Beginning {
        started_at: Some(started_at),
        asked,
        process: Some(Process::own()),
        retries: context.retries.clone(),
        promotes: None,
    }
}

/// What a run has done so far.
pub(super) struct Progress<'a> {
    pub(super) context: &'a Context,
    ledger: &'a Ledger,
    run: &'a RunId,
    dag: &'a DagFile,
    gatekeeper: Gatekeeper,
    pub(super) made: Inputs,
    /// What stands in for jobs that are no part of the run.
    pub(super) held: BTreeSet<String>,
    missing: BTreeSet<String>,
    failure: Option<Failure>,
    ran: u64,
    skipped: u64,
}

impl<'a> Progress<'a> {
    fn new(
        context: &'a Context,
        ledger: &'a Ledger,
        run: &'a RunId,
        dag: &'a DagFile,
        gatekeeper: Gatekeeper,
    ) -> Self {
        let (made, missing) = (Inputs::new(), BTreeSet::new());
        Self {
            context,
            ledger,
            run,
            dag,
            gatekeeper,
            made,
            held: BTreeSet::new(),
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
            made_ms: last.and_then(|(_, record)| record.made_ms),
            gates: Vec::new(),
            carried_over: None,
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
        let outcome = match self.interruptible(job, &inputs, last, &mut record).await {
            Some(outcome) => {
                let gatekeeper = &self.gatekeeper;
                gatekeeper
                    .pass(self.context, job, outcome, &mut record)
                    .await?
            }
            None => Err(Cancelled.into()),
        };
        match outcome {
            Ok(made) => {
                record.rows.clone_from(&made.rows);
                self.made.insert(job.writes(), made.clone());
                self.record(record, started, Some(&made)).await
            }
            Err(error) => {
                let failure = match &error {
                    error if error.is::<Cancelled>() => Failure::Cancelled,
                    error if error.is::<SnapshotRefused>() => Failure::Gate,
                    error if store_failure(error.as_ref()).is_some() => Failure::Store,
                    _ => Failure::Job,
                };
                self.failure = self.failure.max(Some(failure));
                self.missing.insert(job.writes());
                record.state = match failure {
                    Failure::Cancelled => JobState::Blocked,
                    _ => JobState::Failed,
                };
                record.reason = reason(&error, self.context.lake.store());
                self.record(record, started, None).await
            }
        }
    }

    /// Does the same, unless somebody asks meanwhile that the run end: none then. What announces is not broken off, and looks itself.
    async fn interruptible(
        &self,
        job: &dyn Job,
        inputs: &Inputs,
        last: Option<&(RunId, JobRecord)>,
        record: &mut JobRecord,
    ) -> Option<Result<Artefact>> {
        let making = self.make(job, inputs, last, record);
        if job.writes() == "snapshot" {
            return Some(making.await);
        }
        tokio::select! {
            outcome = making => Some(outcome),
            () = self.context.cancel.asked(self.ledger, self.run) => None,
        }
    }

    /// Says whether the run is to end before its next job.
    async fn is_cancelled(&mut self) -> bool {
        let is_cancelled = self.context.cancel.look(self.ledger, self.run).await;
        if is_cancelled {
            self.failure = self.failure.max(Some(Failure::Cancelled));
        }
        is_cancelled
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
                Err(error) if tries < self.dag.retries && may_pass(&error) => {
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

    pub(super) async fn record(
        &mut self,
        mut record: JobRecord,
        started: Instant,
        made: Option<&Artefact>,
    ) -> Result<()> {
        record.elapsed_ms = millis(started.elapsed());
        if record.state == JobState::Made {
            record.made_ms = Some(record.elapsed_ms);
        }
        record.peak_memory_bytes = memory::peak_bytes();
        self.ran += u64::from(record.state == JobState::Made);
        self.skipped += u64::from(record.state == JobState::Skipped);
        self.ledger.record(self.run, &record).await?;
        self.context.reporter.job(&record, made);
        Ok(())
    }
}

/// Says whether the same may succeed a moment later: the store failed, not the data, and nobody needs to mend it.
fn may_pass(error: &Error) -> bool {
    store_failure(error.as_ref()).is_some_and(|failure| failure.may_pass)
}

/// Writes an error and, where the store failed, which lake that is and what mends it: engines often name no file.
fn reason(error: &Error, store: &Store) -> String {
    let place = match store.folder() {
        Some(folder) => folder.display().to_string(),
        None => store.url().to_string(),
    };
    match store_failure(error.as_ref()) {
        Some(failure) => format!("{error:#}; the lake is {place}; mend: {}", failure.mend),
        None => format!("{error:#}"),
    }
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
