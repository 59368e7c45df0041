//! `pipeline backfill`.

use std::io::{IsTerminal, Write as _};

use anyhow::{Result, bail};
use chrono::{Days, NaiveTime};
use clap::Args;
use schemas::Slot;
use serde_json::json;

use super::{
    arguments::{Common, Output, RunArguments},
    run,
};
use crate::{
    backfill::{Backfill, Listed},
    project::Project,
    report::print_json,
    run::RunSettings,
};

/// Run a DAG for the slots of a stretch of days, oldest first, after saying exactly which and why.
///
/// The slots are those of the DAG's own schedule. Each is a run like any other, over all that has landed; a snapshot of an older slot than what is
/// announced is recorded and not announced, so that no node or BI tool goes back in time. Interrupted, the same command goes on where it
/// stopped.
///
///   pipeline backfill nightly --from 2026-11-01 --to 2026-11-07 --dry-run
///   pipeline backfill nightly --from 2026-11-01 --to 2026-11-07 --only-missing --yes
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct BackfillArguments {
    #[command(flatten)]
    run: RunArguments,
    /// The first day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Slot,
    /// The last day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Slot,
    /// Only slots for which no run of the DAG succeeded.
    #[arg(long)]
    only_missing: bool,
    /// Only say which.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask. Needed where there is no terminal to ask on.
    #[arg(long)]
    yes: bool,
}

pub(super) async fn backfill(common: &Common, arguments: BackfillArguments) -> Result<u8> {
    if arguments.from > arguments.to {
        bail!("--from {} is after --to {}", arguments.from, arguments.to);
    }
    if arguments.run.slot.is_some() {
        bail!("a backfill is for the slots from --from to --to: leave --slot out");
    }
    let output = common.output();
    let project = Project::open(common.project.as_deref())?;
    let slots = slots(&project, &arguments)?;
    if slots.is_empty() {
        bail!(
            "{} is not due from {} to {}: its schedule is in dags/{}.toml",
            arguments.run.dag,
            arguments.from,
            arguments.to,
            arguments.run.dag
        );
    }
    let is_only_missing = arguments.only_missing;
    let span = [arguments.from, arguments.to];
    let (is_dry, is_agreed) = (arguments.dry_run, arguments.yes);
    let lake = arguments.run.lake.clone();
    let mut settings = run::settings(arguments.run);
    settings.keeps_newer = true;
    let dag = settings.dag.clone();
    let lake = lake.open_existing()?;
    let mut backfill = Backfill::open(&lake, &settings, span, is_only_missing).await?;
    let listed = backfill.list(&slots).await?;
    listed.iter().for_each(|one| show(one, output));
    let todo: Vec<Slot> = listed
        .iter()
        .filter(|one| one.runs)
        .map(|one| one.slot)
        .collect();
    let total: u64 = listed
        .iter()
        .filter(|one| one.runs)
        .filter_map(|one| one.estimated_ms)
        .sum();
    match output {
        Output::Json => {
            print_json(&json!({ "dag": dag, "slots": todo.len(), "estimated_ms": total }))
        }
        Output::Text => println!(
            "\n{} of {} slots run, some {} at most, by the last runs",
            todo.len(),
            slots.len(),
            run::time(total)
        ),
    }
    if is_dry || todo.is_empty() {
        return Ok(0);
    }
    if !is_agreed && !agreed()? {
        println!("nothing was run");
        return Ok(0);
    }
    backfill.begin().await?;
    for slot in todo {
        let settings = RunSettings {
            slot,
            ..settings.clone()
        };
        let project = Project::open(common.project.as_deref())?;
        let (code, _) = run::execute(common, project, &settings).await?;
        if code != 0 {
            eprintln!(
                "slot {slot} did not succeed: mend what its run says; the same command then goes on here"
            );
            return Ok(code);
        }
        backfill.done(slot).await?;
    }
    backfill.end().await?;
    Ok(0)
}

/// Returns the slots of a DAG's schedule, each day once.
fn slots(project: &Project, arguments: &BackfillArguments) -> Result<Vec<Slot>> {
    let name = &arguments.run.dag;
    let dag = project.dag(name)?.scheduled(name)?;
    // A day more at both ends: days begin at other instants in other time zones.
    let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let first = arguments.from.day().checked_sub_days(Days::new(2));
    let last = arguments.to.day().checked_add_days(Days::new(2));
    let (Some(first), Some(last)) = (first, last) else {
        bail!("--from or --to is out of the calendar");
    };
    let table = dag.timetable();
    let mut slots: Vec<Slot> = table
        .between(midnight(first), midnight(last))
        .into_iter()
        .map(|due| table.day(due))
        .filter(|slot| arguments.from <= *slot && *slot <= arguments.to)
        .collect();
    slots.sort();
    slots.dedup();
    Ok(slots)
}

fn show(one: &Listed, output: Output) {
    if output == Output::Json {
        return print_json(&json!(one));
    }
    let will = if one.runs { "run " } else { "skip" };
    let time = one.estimated_ms.filter(|_| one.runs).map(run::time);
    println!(
        "{will}  {}  {:>9}  {}{}",
        one.slot,
        time.unwrap_or_else(|| "–".to_owned()),
        one.why,
        if one.runs {
            format!("; {}", one.announces)
        } else {
            String::new()
        }
    );
}

/// Asks on the terminal.
fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask on: say --yes, or --dry-run to see the list only");
    }
    print!("run them? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "o" | "oui"))
}
