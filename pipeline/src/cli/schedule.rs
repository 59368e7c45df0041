//! `pipeline schedule`.

mod child;
mod show;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use lake::Lake;
use schedule::{
    Beat, Dag, Moment, Pace, Patience, Pause, Scheduler, SchedulerSettings, SlotState, Span, decide,
};
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::{project::Project, report::print_json};

/// Longest name of a machine in records.
const LONGEST_NAME: usize = 64;

/// Run DAGs when their files say; show what is next and what became of it; pause and resume.
///
/// Each file of dags/ says when its DAG is due, in the time of its own zone: through changes of the clock a nightly slot runs once, an
/// hourly one each hour. Without an action, `schedule` stays, runs each due slot as a `pipeline run` of its own, one at a time, and ends
/// on ctrl-c or SIGTERM. Start two on two machines: one leads, the other takes over when it is gone. What is missed, late, skipped,
/// cancelled or timed out is recorded on the lake, and `status` tells it:
///
///   pipeline schedule next --count 3
///   pipeline schedule
///   pipeline schedule status
///   pipeline schedule pause hourly --note "the disk is full"
///   pipeline schedule resume hourly
///
/// The table [slots] of a DAG's file says what is done about slots that were missed (catch_up, catch_up_max, grace), overlap (overlap),
/// hang (timeout), fail (retries, backoff), or should not start all at once (jitter); changed files are read at the next start. What
/// runs are told besides comes from the environment: MARKETLOUNGE_MODEL, MARKETLOUNGE_MEMORY_MIB and the others of `pipeline run --help`.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ScheduleArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    /// Only this DAG; may be said several times. All of dags/ unless said.
    #[arg(long = "dag", global = true, value_name = "NAME")]
    pub(crate) dags: Vec<String>,
    /// This scheduler's name in records. The machine's and the process's number unless said.
    #[arg(
        long,
        global = true,
        env = "MARKETLOUNGE_SCHEDULER",
        value_name = "NAME"
    )]
    pub(crate) name: Option<String>,
    /// How often to look what is due. Shorter starts slots sooner, and asks the store more often.
    #[arg(long, default_value = "10s", value_name = "SPAN")]
    pub(crate) heartbeat: Span,
    /// How long a leader may be silent before another scheduler takes its place. Shorter replaces a dead one sooner, and a slow one too.
    #[arg(long, global = true, default_value = "60s", value_name = "SPAN")]
    pub(crate) lease: Span,
    /// How long a run under way may go on after ctrl-c or SIGTERM; then it is ended, and run again by the next scheduler.
    #[arg(long, default_value = "30s", value_name = "SPAN")]
    pub(crate) drain: Span,
    #[command(subcommand)]
    pub(crate) action: Option<ScheduleAction>,
}

/// Actions on schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleAction {
    /// Show when DAGs are due next, in the time of their zone and in UTC.
    Next {
        /// How many slots of each DAG.
        #[arg(long, default_value_t = 5)]
        count: usize,
    },
    /// Show what became of slots, the newest first.
    Status {
        /// How many slots of each DAG.
        #[arg(long, default_value_t = 10)]
        count: usize,
        /// Only slots that stand so; may be said several times.
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Vec<SlotState>,
        /// Every record of each slot, not the newest alone: how it came to stand where it does.
        #[arg(long)]
        records: bool,
    },
    /// Start nothing of a DAG from now on; a run under way goes on.
    Pause {
        /// The DAG.
        name: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Start a DAG's slots again. Those that fell due meanwhile are caught up as its file says.
    Resume {
        /// The DAG.
        name: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Run what is due now, and end: for a cron table or a systemd timer. It does nothing while another scheduler leads.
    RunOnce,
}

pub(super) async fn schedule(common: &Common, arguments: ScheduleArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let dags = dags(&project, &arguments.dags)?;
    if let Some(env) = &arguments.lake.env {
        bail!(
            "schedules run for the lake itself, not for {env}: leave --env and MARKETLOUNGE_ENV out"
        );
    }
    let lake = Lake::open(&arguments.lake.lake)?;
    let output = common.output();
    match &arguments.action {
        Some(ScheduleAction::Next { count }) => {
            show::next(&lake, &dags, *count, now(), output).await?;
        }
        Some(ScheduleAction::Status {
            count,
            state,
            records,
        }) => {
            let wanted = show::Wanted {
                count: *count,
                states: state,
                is_every_record: *records,
            };
            show::status(&lake, &dags, &wanted, now(), output).await?;
        }
        Some(ScheduleAction::Pause { name, note }) => {
            pause(&project, &lake, name, true, note, output).await?;
        }
        Some(ScheduleAction::Resume { name, note }) => {
            pause(&project, &lake, name, false, note, output).await?;
        }
        Some(ScheduleAction::RunOnce) => {
            let scheduler = scheduler(
                common,
                &project,
                &arguments,
                (lake, dags, Patience::BelievesTheClock),
            )?;
            schedule::run_once(scheduler, clock(), |beat| show::beat(beat, output)).await?;
        }
        None => {
            let pace = Pace {
                period: positive("--heartbeat", arguments.heartbeat)?,
                drain: duration(arguments.drain),
            };
            if duration(arguments.lease) < pace.period * 3 {
                bail!(
                    "--lease must be three heartbeats at least: a leader that misses one is not gone"
                );
            }
            let scheduler = scheduler(
                common,
                &project,
                &arguments,
                (lake, dags, Patience::Watches),
            )?;
            let told = |beat: &Beat| show::beat(beat, output);
            schedule::run(scheduler, pace, clock(), told, told_to_stop()).await?;
        }
    }
    Ok(0)
}

/// Reads the DAGs that are named, or all.
fn dags(project: &Project, names: &[String]) -> Result<Vec<Dag>> {
    let names = match names {
        [] => project.dag_names()?,
        names => names.to_vec(),
    };
    names
        .iter()
        .map(|name| Ok(project.dag(name)?.scheduled(name)?))
        .collect()
}

fn scheduler(
    common: &Common,
    project: &Project,
    arguments: &ScheduleArguments,
    (lake, dags, patience): (Lake, Vec<Dag>, Patience),
) -> Result<Scheduler> {
    let runner = child::runner(common, project, &arguments.lake.lake)?;
    positive("--lease", arguments.lease)?;
    let settings = SchedulerSettings {
        owner: arguments.name.clone().unwrap_or_else(own_name),
        lease: arguments.lease,
        patience,
    };
    Ok(Scheduler::new(lake, dags, Box::new(runner), settings))
}

async fn pause(
    project: &Project,
    lake: &Lake,
    name: &str,
    is_paused: bool,
    note: &Option<String>,
    output: Output,
) -> Result<()> {
    // An unknown name is refused, with those that there are.
    project.dag(name)?;
    let pause = Pause {
        is_paused,
        at: now(),
        note: note.clone(),
    };
    decide(lake, name, &pause).await?;
    match (output, is_paused) {
        (Output::Json, _) => print_json(&json!({ "dag": name, "decision": pause })),
        (Output::Text, true) => {
            println!(
                "{name} is paused: nothing of it starts until `pipeline schedule resume {name}`"
            );
        }
        (Output::Text, false) => println!("{name} is resumed"),
    }
    Ok(())
}

fn state(text: &str) -> Result<SlotState, String> {
    let known = SlotState::ALL.map(|state| state.to_string());
    let position = known.iter().position(|state| state == text);
    let unknown = || format!("no such state: there is {}", known.join(", "));
    Ok(SlotState::ALL[position.ok_or_else(unknown)?])
}

fn positive(flag: &str, span: Span) -> Result<Duration> {
    match span.as_seconds() {
        0 => bail!("{flag} must be a second at least"),
        _ => Ok(duration(span)),
    }
}

fn duration(span: Span) -> Duration {
    Duration::from_secs(span.as_seconds().unsigned_abs())
}

/// Returns what others will know this process by.
fn own_name() -> String {
    let host = std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let host: String = host
        .as_deref()
        .map_or("scheduler", str::trim)
        .chars()
        .take(LONGEST_NAME)
        .collect();
    format!("{host}-{}", std::process::id())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn clock() -> impl Fn() -> Moment {
    let started = Instant::now();
    move || Moment {
        now: now(),
        elapsed: started.elapsed(),
    }
}

/// Waits for ctrl-c or SIGTERM.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    // Without a way to hear of it, the system's own way to end a process is left.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
