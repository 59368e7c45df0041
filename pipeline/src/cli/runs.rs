//! `pipeline runs`.

mod take_up;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use lake::{JobRecord, JobState, Ledger, RunId, RunRecord, RunState};
use schemas::Slot;
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::report::print_json;

/// What to look at.
///
/// Every run leaves a record of itself and of each of its jobs: how it ended, on what its output depended, rows by what became of them. Nothing
/// is ever changed in it. A run is named as its last line names it, such as 2026-11-20.0003, or `last`:
///
///   pipeline runs list
///   pipeline runs show last
///   pipeline runs explain last gold.offers
///   pipeline runs gaps nightly --from 2026-11-01 --to 2026-11-20
///
/// A failed run is taken up by `pipeline runs retry last`, which does what it left; one under way ends by `pipeline runs cancel last`.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct RunsArguments {
    #[command(flatten)]
    lake: LakeArguments,
    #[command(subcommand)]
    action: RunsAction,
}

/// Views of the ledger.
#[derive(Debug, Subcommand)]
enum RunsAction {
    /// List runs, the newest first.
    List {
        /// Only of this DAG.
        #[arg(long, value_name = "DAG")]
        dag: Option<String>,
        /// So many at most.
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
    },
    /// Show a run: each job in the order of the DAG, how it ended, why, its rows and its time; the slowest are marked.
    Show {
        /// The run, or `last`.
        run: String,
    },
    /// Say which input, code, parameter or upstream digest made a job run or skip: what its output depended on, against the run before.
    Explain {
        /// The run, or `last`.
        run: String,
        /// The job, such as `gold.offers` or `fit_prices`.
        job: String,
    },
    /// Take a run up that failed, was cancelled or was killed: with its DAG, slot and settings, from the jobs that it did not bring to an end, over
    /// what it made. Where a newer slot was published since, nothing older is announced in its place.
    Retry {
        /// The run, or `last`.
        run: String,
    },
    /// Ask that a run end: it does before its next job, or in the middle of one that announces nothing. What it made stays for the next run; what
    /// is announced stays announced. Of a run that was killed, it is recorded that it ended.
    Cancel {
        /// The run, or `last`.
        run: String,
    },
    /// Make a run's OpenLineage events again from the ledger, one JSON object a line: those of `<lake>/lineage/<run>.jsonl`, byte for byte
    /// while the project is as it was.
    Openlineage {
        /// The run, or `last`.
        run: String,
    },
    /// List the days for which no run of a DAG succeeded.
    Gaps {
        /// The DAG.
        dag: String,
        /// The first day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Slot,
        /// The last day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Slot,
    },
}

pub(super) async fn runs(common: &Common, arguments: RunsArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let ledger = Ledger::new(lake.clone());
    let output = common.output();
    match arguments.action {
        RunsAction::List { dag, limit } => list(output, &ledger, dag.as_deref(), limit).await?,
        RunsAction::Show { run } => show(output, &ledger, &run).await?,
        RunsAction::Explain { run, job } => explain(output, &ledger, &run, &job).await?,
        RunsAction::Retry { run } => {
            return take_up::retry(common, &arguments.lake, &ledger, &run).await;
        }
        RunsAction::Cancel { run } => take_up::cancel(output, &lake, &ledger, &run).await?,
        RunsAction::Openlineage { run } => {
            super::openlineage::print(common, &lake, &find(&ledger, &run).await?.run).await?;
        }
        RunsAction::Gaps { dag, from, to } => gaps(output, &ledger, &dag, [from, to]).await?,
    }
    Ok(0)
}

fn state(record: &RunRecord) -> &'static str {
    match record.state {
        RunState::Running => "not ended",
        RunState::Succeeded => "succeeded",
        RunState::Failed => "failed",
        RunState::Cancelled => "cancelled",
    }
}

async fn list(output: Output, ledger: &Ledger, dag: Option<&str>, limit: usize) -> Result<()> {
    let mut told = 0;
    for run in ledger.runs().await?.into_iter().rev() {
        if told == limit {
            break;
        }
        let Some(record) = ledger.run(&run).await? else {
            continue;
        };
        if dag.is_some_and(|dag| dag != record.dag) {
            continue;
        }
        told += 1;
        match output {
            Output::Json => print_json(&json!(record)),
            Output::Text => println!("{}", line(&record)),
        }
    }
    if told == 0 && output == Output::Text {
        println!("no run is recorded: `pipeline run nightly` makes the first");
    }
    Ok(())
}

fn line(record: &RunRecord) -> String {
    let recorded = record
        .recorded
        .as_ref()
        .map(|id| format!("{id} (recorded, not announced)"));
    let snapshot = record
        .snapshot
        .as_ref()
        .map(ToString::to_string)
        .or(recorded);
    let memory = record
        .peak_memory_bytes
        .map_or_else(String::new, |bytes| format!("{:>6} MiB", bytes >> 20));
    format!(
        "{}  {:10} {:10} {:>8.1} s {memory}  {}",
        record.run,
        record.dag,
        state(record),
        record.elapsed_ms as f64 / 1000.0,
        snapshot.unwrap_or_default()
    )
}

/// Finds a run by its name, or the newest.
pub(super) async fn find(ledger: &Ledger, named: &str) -> Result<RunRecord> {
    let runs = ledger.runs().await?;
    let run = match named {
        "last" => runs.last(),
        _ => runs.iter().find(|run| run.as_str() == named),
    };
    let run = run.with_context(|| {
        format!(
            "no run is called {named}: `pipeline runs list` shows them, and `last` is the newest"
        )
    })?;
    let record = ledger.run(run).await?;
    record.with_context(|| format!("the record of run {run} is gone"))
}

async fn show(output: Output, ledger: &Ledger, named: &str) -> Result<()> {
    let record = find(ledger, named).await?;
    let mut jobs: Vec<JobRecord> = ledger.jobs(&record.run).await?.into_values().collect();
    jobs.sort_by(|a, b| (a.place, &a.job).cmp(&(b.place, &b.job)));
    if output == Output::Json {
        print_json(&json!({ "run": record, "jobs": jobs }));
        return Ok(());
    }
    println!("{}", line(&record));
    let mut slowest: Vec<u64> = jobs.iter().map(|job| job.elapsed_ms).collect();
    slowest.sort_unstable();
    let slow = slowest.iter().rev().nth(4).copied().unwrap_or(0).max(100);
    for job in &jobs {
        let rows: Vec<String> = job
            .rows
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let mark = if job.elapsed_ms >= slow { "*" } else { " " };
        println!(
            "{} {mark} {:28} {:>8} ms  {}",
            word(job.state),
            job.job,
            job.elapsed_ms,
            if rows.is_empty() {
                job.reason.clone()
            } else {
                rows.join(", ")
            }
        );
    }
    Ok(())
}

fn word(state: JobState) -> &'static str {
    match state {
        JobState::Made => "made   ",
        JobState::Skipped => "skipped",
        JobState::Failed => "FAILED ",
        JobState::Blocked => "blocked",
        JobState::Held => "held   ",
        JobState::CarriedOver => "kept   ",
    }
}

/// How one thing that an output depends on stands against the run before.
fn change(before: Option<&String>, now: Option<&String>) -> &'static str {
    match (before, now) {
        (Some(before), Some(now)) if before == now => "same",
        (Some(_), Some(_)) => "changed",
        (None, _) => "new",
        (_, None) => "gone",
    }
}

async fn explain(output: Output, ledger: &Ledger, named: &str, job: &str) -> Result<()> {
    let record = find(ledger, named).await?;
    let jobs = ledger.jobs(&record.run).await?;
    let Some(now) = jobs.get(job) else {
        let like: Vec<&str> = jobs
            .keys()
            .map(String::as_str)
            .filter(|name| name.contains(job))
            .collect();
        let hint = match like.is_empty() {
            true => format!("`pipeline runs show {named}` lists its jobs"),
            false => format!("did you mean {}?", like.join(", ")),
        };
        bail!("run {} has no job {job}: {hint}", record.run);
    };
    let before = before(ledger, &record.run, job).await?;
    let empty = BTreeMap::new();
    let known = before.as_ref().map_or(&empty, |(_, one)| &one.depends_on);
    let names: std::collections::BTreeSet<&String> =
        known.keys().chain(now.depends_on.keys()).collect();
    let parts = names.into_iter().map(|name| {
        let (old, new) = (known.get(name), now.depends_on.get(name));
        (name, change(old, new), old, new)
    });
    let parts: Vec<_> = parts.collect();
    let against = before.as_ref().map(|(run, _)| run.to_string());
    if output == Output::Json {
        let parts: Vec<_> = parts
            .iter()
            .map(|(name, change, old, new)| json!({ "name": name, "change": change, "before": old, "now": new }))
            .collect();
        print_json(&json!({
            "run": record.run, "job": now.job, "state": now.state, "reason": now.reason, "rows": now.rows,
            "elapsed_ms": now.elapsed_ms, "against": against, "depends_on": parts,
        }));
        return Ok(());
    }
    println!(
        "{} of run {}: {}, {}",
        now.job,
        record.run,
        word(now.state).trim(),
        now.reason
    );
    match &against {
        Some(run) => println!("what its output depends on, against run {run}:"),
        None => println!("what its output depends on; no earlier run made or skipped it:"),
    }
    for (name, change, old, new) in parts {
        let short = |digest: Option<&String>| {
            let text = digest.map(String::as_str).unwrap_or("–").replace('\n', " ");
            text.chars().take(44).collect::<String>()
        };
        match change {
            "same" => println!("  same     {name:40} {}", short(new)),
            _ => println!("  {change:8} {name:40} {} → {}", short(old), short(new)),
        }
    }
    Ok(())
}

/// The newest run before one that made or skipped a job, and what it said of it.
async fn before(ledger: &Ledger, run: &RunId, job: &str) -> Result<Option<(RunId, JobRecord)>> {
    for earlier in ledger
        .runs()
        .await?
        .into_iter()
        .rev()
        .filter(|one| one < run)
    {
        let found = ledger.jobs(&earlier).await?.remove(job);
        let is_whole = |one: &JobRecord| {
            matches!(
                one.state,
                JobState::Made | JobState::Skipped | JobState::CarriedOver
            )
        };
        if let Some(found) = found.filter(is_whole) {
            return Ok(Some((earlier, found)));
        }
    }
    Ok(None)
}

async fn gaps(output: Output, ledger: &Ledger, dag: &str, [from, to]: [Slot; 2]) -> Result<()> {
    if from > to {
        bail!("--from {from} is after --to {to}");
    }
    let mut done = std::collections::BTreeSet::new();
    for run in ledger.runs().await? {
        let record = ledger.ended(&run).await?;
        let is_done = |record: &RunRecord| record.dag == dag && record.state == RunState::Succeeded;
        done.extend(record.filter(is_done).map(|record| record.slot.day()));
    }
    let days = from.day().iter_days().take_while(|day| *day <= to.day());
    let missing: Vec<NaiveDate> = days.filter(|day| !done.contains(day)).collect();
    for day in &missing {
        match output {
            Output::Json => print_json(&json!({ "dag": dag, "slot": day })),
            Output::Text => println!("{day}  pipeline run {dag} --slot {day}"),
        }
    }
    if missing.is_empty() && output == Output::Text {
        println!("no day is missing: {dag} succeeded for each from {from} to {to}");
    }
    Ok(())
}
