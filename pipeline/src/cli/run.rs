//! `pipeline run` and `pipeline plan`.

use std::path::PathBuf;

use anyhow::Result;
use schemas::Slot;
use serde_json::json;

use super::{
    arguments::{Common, RunArguments},
    exit,
};
use crate::{
    after,
    project::Project,
    report::{Reporter, print_json},
    run::{self, Failure, RunSettings, prepare},
};

pub(super) async fn run(common: &Common, arguments: RunArguments) -> Result<u8> {
    let reporter = Reporter::new(common.output());
    let project = Project::open(common.project.as_deref())?;
    let settings = settings(arguments);
    let (dag, context) = prepare(project, &settings, reporter).await?;
    let outcome = run::run(&context, &settings.dag, &dag).await;
    if let Err(error) = &outcome {
        after::gave_up(&context, &settings.dag, error).await;
    }
    let snapshot = match outcome? {
        Ok(snapshot) => snapshot,
        Err(Failure::Job) => return Ok(exit::FAILED),
        Err(Failure::Gate) => return Ok(exit::REFUSED),
        Err(Failure::Store) => return Ok(exit::STORE),
    };
    if let (Some(id), Reporter::Plain | Reporter::Terminal) = (snapshot, reporter) {
        println!("snapshot {id} is announced in {}", settings.lake);
        println!("\nServe it, then ask (in another terminal):\n");
        println!("  {} --lake {}", node().display(), settings.lake);
        println!(
            "  curl -s localhost:8080/api/match -H 'content-type: application/json' \\\n       \
             -d '{{\"query\": \"usinage de précision 5 axes\", \"tenant\": \"tenant_demo\"}}'"
        );
    }
    Ok(0)
}

pub(super) async fn plan(common: &Common, arguments: RunArguments) -> Result<u8> {
    let reporter = Reporter::new(common.output());
    let project = Project::open(common.project.as_deref())?;
    let settings = settings(arguments);
    let (dag, context) = prepare(project, &settings, reporter).await?;
    let plan = run::plan(&context, &dag).await?;
    if reporter == Reporter::Json {
        for planned in &plan {
            print_json(&json!(planned));
        }
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
    for planned in &plan {
        let will = format!("{:?}", planned.will).to_lowercase();
        let last = planned.last_elapsed_ms.map_or_else(String::new, |ms| {
            format!(
                " (last: {} rows, {:.1} s)",
                planned.last_rows.get("rows").copied().unwrap_or(0),
                ms as f64 / 1000.0
            )
        });
        println!("{will:8} {:24} {}{last}", planned.job, planned.reason);
    }
    Ok(0)
}

/// Returns the node's program as the user can start it: the one beside this program, where there is one.
fn node() -> PathBuf {
    let beside = std::env::current_exe().map(|own| own.with_file_name("serve"));
    beside
        .ok()
        .filter(|program| program.exists())
        .unwrap_or_else(|| "serve".into())
}

fn settings(arguments: RunArguments) -> RunSettings {
    RunSettings {
        dag: arguments.dag,
        slot: arguments.slot.unwrap_or_else(today),
        lake: arguments.lake.lake,
        landing: arguments.landing,
        weights: arguments.weights,
        model: arguments.model,
        reranker: arguments.reranker,
        memory_bytes: arguments.memory_mib << 20,
        threads: arguments
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from)),
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
