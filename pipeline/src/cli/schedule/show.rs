//! What `pipeline schedule` prints: heartbeats, next slots, and what became of slots.

use anyhow::Result;
use chrono::{DateTime, Utc};
use lake::Lake;
use schedule::{Beat, Dag, SlotLedger, SlotRecord, SlotState, pauses};
use serde_json::json;

use crate::{cli::Output, report::print_json};

/// Which slots are asked for.
pub(super) struct Wanted<'a> {
    /// How many of each DAG.
    pub(super) count: usize,
    /// In which states; in all where none is named.
    pub(super) states: &'a [SlotState],
    /// Every record of each, and not the newest alone.
    pub(super) is_every_record: bool,
}

/// Prints what came of a heartbeat: nothing where nothing did.
pub(super) fn beat(beat: &Beat, output: Output) {
    match beat {
        Beat::Leads { records, .. } => {
            for record in records {
                match output {
                    Output::Json => print_json(&json!({ "event": "slot", "record": record })),
                    Output::Text => eprintln!("{}", line(record, &record.due.to_rfc3339())),
                }
            }
        }
        Beat::StandsBy { leader } => tracing::info!(leader, "another scheduler leads"),
    }
}

/// Prints when DAGs are due next.
pub(super) async fn next(
    lake: &Lake,
    dags: &[Dag],
    count: usize,
    now: DateTime<Utc>,
    output: Output,
) -> Result<()> {
    for dag in dags {
        let paused = paused(lake, dag).await?;
        if output == Output::Text {
            match &paused {
                Some(why) => println!("{} ({})", dag.name(), why),
                None => println!("{}", dag.name()),
            }
        }
        for due in dag.timetable().next(now, count) {
            let (local, slot) = (local(dag, due), dag.timetable().day(due));
            match output {
                Output::Json => print_json(&json!({
                    "dag": dag.name(), "due": due, "local": local, "slot": slot, "starts": dag.start_of(due),
                    "is_paused": paused.is_some(),
                })),
                Output::Text => println!("  {local:30} {}", due.format("%Y-%m-%d %H:%M UTC")),
            }
        }
    }
    Ok(())
}

/// Prints what became of slots.
pub(super) async fn status(
    lake: &Lake,
    dags: &[Dag],
    wanted: &Wanted<'_>,
    now: DateTime<Utc>,
    output: Output,
) -> Result<()> {
    let mut ledger = SlotLedger::new(lake.clone());
    for dag in dags {
        let since = ledger.scheduled_since(dag.name()).await?;
        if output == Output::Text {
            let since = match since {
                Some(since) => format!("scheduled since {}", local(dag, since)),
                None => "no scheduler has seen it yet".to_owned(),
            };
            let paused = paused(lake, dag).await?.map(|why| format!(", {why}"));
            println!("{}: {since}{}", dag.name(), paused.unwrap_or_default());
        }
        let Some(since) = since else { continue };
        let history = ledger.history(dag.name(), since, now).await?;
        let is_wanted =
            |slot: &&SlotRecord| wanted.states.is_empty() || wanted.states.contains(&slot.state);
        let slots = history.slots.values().rev().filter(is_wanted);
        for slot in slots.take(wanted.count) {
            let records = match wanted.is_every_record {
                true => ledger.records(dag.name(), slot.due).await?,
                false => vec![slot.clone()],
            };
            for record in records {
                match output {
                    Output::Json => print_json(&json!(record)),
                    Output::Text => println!("  {}", line(&record, &local(dag, record.due))),
                }
            }
        }
    }
    Ok(())
}

/// Returns why a DAG is paused; none where it is not.
async fn paused(lake: &Lake, dag: &Dag) -> Result<Option<String>> {
    let last = pauses(lake, dag.name()).await?.into_iter().next();
    Ok(match last {
        None => dag.rules().paused.then(|| "paused by its file".to_owned()),
        Some(pause) if pause.is_paused => {
            let note = pause.note.map(|note| format!(": {note}"));
            Some(format!(
                "paused since {}{}",
                local(dag, pause.at),
                note.unwrap_or_default()
            ))
        }
        Some(_) => None,
    })
}

fn local(dag: &Dag, instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&dag.timetable().zone());
    local.format("%a %Y-%m-%d %H:%M %Z").to_string()
}

fn line(record: &SlotRecord, due: &str) -> String {
    let late = record
        .late_seconds
        .map(|seconds| format!(" [{} min late]", seconds / 60));
    let run = record.run.as_ref().map(|run| format!(" (run {run})"));
    format!(
        "{:10} {:18} {due:28} {}{}{}",
        record.state,
        record.dag,
        record.reason,
        late.unwrap_or_default(),
        run.unwrap_or_default()
    )
}
