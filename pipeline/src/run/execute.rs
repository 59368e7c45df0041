//! One run of a DAG.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use chrono::{DateTime, Utc};
use lake::{Beginning, Ledger, Process, RunRecord, RunState};
use schemas::SnapshotId;

use super::{
    choose::{Choice, Choosing},
    compatibility,
    failing::Failure,
    gatekeeper::{Gatekeeper, tables_refused},
    one::{Bench, millis, now},
    together::Together,
};
use crate::{
    after::{self, Arrived, Live},
    context::Context,
    dag::{DagFile, order},
    jobs::{self, Job},
    memory,
    publish::{self, Standing},
};

/// Runs a DAG to its targets. What fails stops only what depends on it.
pub(crate) async fn run(
    context: &Arc<Context>,
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
    let choice = choose(context, name, dag, [&jobs, &order]).await?;
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
    let mut record = RunRecord {
        run: run.clone(),
        dag: name.to_owned(),
        slot: context.slot,
        state: RunState::Running,
        snapshot: None,
        elapsed_ms: 0,
        peak_memory_bytes: None,
        recorded: None,
        beginning,
    };
    let live = Live::begin(context, record.clone()).await.map(Arc::new);
    let bench = Bench {
        live: live.clone(),
        context: Arc::clone(context),
        ledger: ledger.clone(),
        run: run.clone(),
        retries: dag.retries,
        gatekeeper: Gatekeeper::open(&ledger, context.slot).await?,
    };
    let mut progress = Together::new(bench, &order, &choice, &last).all().await?;
    if !progress.has("snapshot")
        && let Some(refused) = tables_refused(progress.all())
    {
        context.reporter.note(&format!("{refused:#}"));
        progress.fail(Failure::Gate);
    }
    let failure = progress.failure();
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
    record.state = match failure {
        None => RunState::Succeeded,
        Some(Failure::Cancelled) => RunState::Cancelled,
        Some(_) => RunState::Failed,
    };
    (record.snapshot, record.recorded) = (snapshot, recorded);
    record.elapsed_ms = millis(started.elapsed());
    record.peak_memory_bytes = memory::peak_bytes();
    ledger.end(&record).await?;
    context
        .reporter
        .end(&record, progress.ran, progress.skipped);
    let arrived = match &live {
        Some(live) => live.end().await,
        None => Arrived::new(),
    };
    after::ended(context, &record, now(), &arrived).await;
    Ok(match failure {
        None => Ok(record.snapshot),
        Some(failure) => Err(failure),
    })
}

async fn choose(
    context: &Context,
    name: &str,
    dag: &DagFile,
    [jobs, order]: [&[Arc<dyn Job>]; 2],
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
