//! `pipeline run` and `pipeline plan`.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use anyhow::Result;
use clap::Args;
use schemas::{Slot, SnapshotId};
use serde_json::json;

use super::{
    arguments::{Common, RunArguments},
    exit,
};
use crate::{
    after, environments,
    project::Project,
    report::{Reporter, print_json},
    run::{self, Announcement, ChoiceSettings, Failure, Plan, RunSettings, Will, prepare},
};

/// Which jobs of the DAG.
#[derive(Debug, Clone, Args)]
pub(crate) struct ChoiceArguments {
    /// Only these jobs, in dbt's grammar: `gold.offers`, `silver.*`, `+gold.offers` (with all it needs), `gold.offers+` (with all made of it),
    /// `2+x`, `@x`; `tag:`, `owner:`, `layer:`, `path:`, `source:`, `dag:`; `state:modified` (`.sql`, `.contract`, `.code`, `.config`), `state:new`,
    /// `result:error`, `source_status:fresher`. A space is "or", a comma "and". What they read and is not selected stands as the last run that
    /// succeeded left it; tables are published together once all succeeded; a snapshot is announced only where it is selected.
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    pub(crate) select: Vec<String>,
    /// Not these jobs, in the same grammar.
    #[arg(long, value_name = "SELECTOR", num_args = 1..)]
    pub(crate) exclude: Vec<String>,
    /// What `state:`, `result:` and `source_status:` compare with: another lake, or a run of this one. Its last run unless named.
    #[arg(long, value_name = "LAKE_OR_RUN")]
    pub(crate) state: Option<String>,
}

pub(super) async fn run(common: &Common, arguments: RunArguments) -> Result<u8> {
    let settings = settings(arguments);
    let project = Project::open(common.project.as_deref())?;
    let (code, snapshot) = execute(common, project, &settings).await?;
    if let Some(id) = snapshot
        && Reporter::new(common.output()) != Reporter::Json
    {
        announce(&id, &settings);
    }
    Ok(code)
}

/// Runs a DAG; returns the exit code, and the snapshot that was announced.
pub(super) async fn execute(
    common: &Common,
    project: Project,
    settings: &RunSettings,
) -> Result<(u8, Option<SnapshotId>)> {
    let reporter = Reporter::new(common.output());
    let (dag, context) = prepare(project, settings, reporter).await?;
    let context = Arc::new(context);
    context.cancel.listen();
    let outcome = run::run(&context, &settings.dag, &dag).await;
    if let Err(error) = &outcome {
        after::gave_up(&context, &settings.dag, error).await;
    }
    Ok(match outcome? {
        Ok(snapshot) => (0, snapshot),
        Err(Failure::Job) => (exit::FAILED, None),
        Err(Failure::Gate) => (exit::REFUSED, None),
        Err(Failure::Store) => (exit::STORE, None),
        Err(Failure::Cancelled) => (exit::CANCELLED, None),
    })
}

fn announce(id: &SnapshotId, settings: &RunSettings) {
    let (of, more) = match &settings.environment {
        Some(name) => (format!(" for {name}"), format!(" --env {name}")),
        None => (String::new(), String::new()),
    };
    println!("snapshot {id} is announced{of} in {}", settings.lake);
    println!("\nServe it, then ask (in another terminal):\n");
    println!("  {} --lake {}{more}", node().display(), settings.lake);
    println!(
        "  curl -s localhost:8080/api/match -H 'content-type: application/json' \\\n       \
         -d '{{\"query\": \"usinage de précision 5 axes\", \"tenant\": \"tenant_demo\"}}'"
    );
}

pub(super) async fn plan(common: &Common, arguments: RunArguments) -> Result<u8> {
    let reporter = Reporter::new(common.output());
    let project = Project::open(common.project.as_deref())?;
    let lake = arguments.lake.clone();
    let mut settings = settings(arguments);
    if let Some(name) = lake.env.as_ref()
        && !environments::is_made(&lake.open_existing()?).await?
    {
        // A plan makes nothing: the run will make it from the lake as it stands.
        reporter.note(&format!(
            "note  {name} is not there yet: planned from what the lake announces"
        ));
        settings.environment = None;
    }
    let (dag, context) = prepare(project, &settings, reporter).await?;
    let plan = run::plan(&context, &settings.dag, &dag).await?;
    if reporter == Reporter::Json {
        for planned in &plan.jobs {
            print_json(&json!(planned));
        }
        print_json(
            &json!({ "plan": plan, "dag": settings.dag, "slot": settings.slot, "notes": plan.notes }),
        );
        return Ok(0);
    }
    println!(
        "{} for slot {}: {}",
        settings.dag, settings.slot, dag.description
    );
    println!(
        "schedule {} ({}), fresh within {}\n",
        dag.schedule, dag.time_zone, dag.freshness
    );
    show(&plan);
    Ok(0)
}

/// Prints a plan: what runs before what may, and what is skipped last.
fn show(plan: &Plan) {
    if plan.jobs.is_empty() {
        println!("nothing is selected: nothing would run");
        return;
    }
    println!(
        "{:8} {:30} {:>10} {:>9}  why",
        "will", "job", "last rows", "last time"
    );
    for planned in &plan.jobs {
        let rows = planned.last_rows.get("rows").map(ToString::to_string);
        let took = planned.last_elapsed_ms.map(time);
        println!(
            "{:8} {:30} {:>10} {:>9}  {}",
            word(planned.will),
            planned.job,
            rows.unwrap_or_else(|| "–".to_owned()),
            took.unwrap_or_else(|| "–".to_owned()),
            planned.reason
        );
    }
    let count = |will: &str| plan.count.get(will).copied().unwrap_or(0);
    println!(
        "\n{} run, {} perhaps, {} skipped, {} held",
        count("run"),
        count("perhaps"),
        count("skip"),
        count("held")
    );
    println!(
        "as they were last: {} rows and {} for those that run{}, {} more for those that perhaps do; together some {} with {} at one time, and \
         no less than {} along the longest way",
        plan.rows,
        time(plan.run_ms),
        match plan.unknown {
            0 => String::new(),
            unknown => format!(" ({unknown} never timed)"),
        },
        time(plan.perhaps_ms),
        time(plan.together_ms),
        match plan.jobs_at_once {
            1 => "one job".to_owned(),
            jobs => format!("{jobs} jobs"),
        },
        time(plan.path_ms)
    );
    println!("{}", said(&plan.announcement));
    plan.notes.iter().for_each(|note| println!("{note}"));
}

const fn word(will: Will) -> &'static str {
    match will {
        Will::Run => "run",
        Will::Skip => "skip",
        Will::Perhaps => "perhaps",
        Will::Held => "held",
    }
}

/// Writes a time as people read it.
pub(super) fn time(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{} min", ms / 60_000),
    }
}

/// Writes what would be announced as a sentence.
pub(super) fn said(announcement: &Announcement) -> String {
    let name = |id: &Option<SnapshotId>| {
        id.as_ref()
            .map_or("no snapshot".to_owned(), |id| format!("snapshot {id}"))
    };
    match announcement {
        Announcement::Snapshot { before, is_sure } => {
            let sure = if *is_sure {
                ""
            } else {
                " if its input changes"
            };
            format!(
                "announces a snapshot{sure}; announced now: {}",
                name(before)
            )
        }
        Announcement::Stays { snapshot } => format!("nothing changes: snapshot {snapshot} stays"),
        Announcement::Tables { count, snapshot } => format!(
            "publishes {count} tables together and announces nothing: {} stays",
            name(snapshot)
        ),
        Announcement::Recorded { snapshot } => format!(
            "records what it makes and announces nothing: {} of a newer slot stays",
            name(snapshot)
        ),
    }
}

/// Returns the node's program as the user can start it: the one beside this program, where there is one.
fn node() -> PathBuf {
    let beside = std::env::current_exe().map(|own| own.with_file_name("serve"));
    beside
        .ok()
        .filter(|program| program.exists())
        .unwrap_or_else(|| "serve".into())
}

pub(super) fn settings(arguments: RunArguments) -> RunSettings {
    let threads = arguments
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    RunSettings {
        dag: arguments.dag,
        slot: arguments.slot.unwrap_or_else(today),
        environment: arguments.lake.env,
        lake: arguments.lake.lake,
        landing: arguments.landing,
        weights: arguments.weights,
        model: arguments.model,
        reranker: arguments.reranker,
        memory_bytes: arguments.memory_mib << 20,
        threads,
        jobs_at_once: arguments.jobs.map_or(threads.max(1), NonZeroUsize::get),
        choice: ChoiceSettings {
            select: arguments.choice.select,
            exclude: arguments.choice.exclude,
            state: arguments.choice.state,
            ..ChoiceSettings::default()
        },
        keeps_newer: false,
        refits: arguments.refit,
        after: arguments.after.settings(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn today() -> Slot {
    Slot::new(chrono::Utc::now().date_naive())
}
