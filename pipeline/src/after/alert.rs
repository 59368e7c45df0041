//! What is told of a run's end.

use anyhow::Result;
use chrono::{DateTime, SecondsFormat, Utc};
use lake::{JobState, Ledger, RunRecord, RunState};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{report_path, tell};
use crate::context::Context;

/// What may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A run failed, or could not go on.
    Failed,
    /// A gate refused the snapshot; the announced one stays.
    Refused,
    /// The first good run of a DAG after one that was not.
    Recovered,
    /// Every good run.
    Succeeded,
    /// Somebody tries whether alerts arrive.
    Test,
}

/// What is told.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Alert {
    pub(crate) event: Event,
    /// One line for people.
    pub(crate) text: String,
    pub(crate) dag: String,
    pub(crate) slot: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<String>,
    /// Failed jobs, each with its reason.
    pub(crate) reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<String>,
    /// The run's report, below the lake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
}

impl Alert {
    /// Tells that a run could not go on before it ended.
    pub(crate) fn gave_up(dag: &str, slot: &str, why: &str) -> Self {
        Self {
            event: Event::Failed,
            text: format!("{dag} for {slot} could not go on: {why}"),
            dag: dag.to_owned(),
            slot: slot.to_owned(),
            run: None,
            reasons: vec![why.to_owned()],
            snapshot: None,
            report: None,
        }
    }

    /// Tells nothing but that it arrives.
    pub(crate) fn test() -> Self {
        Self {
            event: Event::Test,
            text: "MarketLounge: alerts arrive here".to_owned(),
            dag: String::new(),
            slot: String::new(),
            run: None,
            reasons: Vec::new(),
            snapshot: None,
            report: None,
        }
    }
}

/// Tells how a run ended, and writes the dead man's file after a good one.
pub(super) async fn after_run(
    context: &Context,
    record: &RunRecord,
    at: DateTime<Utc>,
) -> Result<()> {
    let alerts = &context.after.alerts;
    let is_good = record.state == RunState::Succeeded;
    if let Some(dead_man) = alerts.dead_man.as_ref().filter(|_| is_good)
        && (dead_man.dags.is_empty() || dead_man.dags.contains(&record.dag))
    {
        let said = json!({
            "run": record.run, "dag": record.dag, "slot": record.slot, "snapshot": record.snapshot,
            "at": at.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        std::fs::write(&dead_man.file, format!("{said}\n")).map_err(|error| {
            anyhow::anyhow!("cannot write {}: {error}", dead_man.file.display())
        })?;
    }
    if alerts.webhook.is_empty() && alerts.command.is_empty() && alerts.mail.is_empty() {
        return Ok(());
    }
    let ledger = Ledger::new(context.lake.clone());
    let mut reasons = Vec::new();
    let mut is_refused = false;
    for job in ledger.jobs(&record.run).await?.into_values() {
        if job.state == JobState::Failed {
            is_refused |= job.job == "snapshot" || job.job == "publish_snapshot";
            reasons.push(format!("{}: {}", job.job, job.reason));
        }
    }
    let event = match (is_good, is_refused && reasons.len() == 1) {
        (true, _) if was_bad_before(&ledger, record).await? => Event::Recovered,
        (true, _) => Event::Succeeded,
        (false, true) => Event::Refused,
        (false, false) => Event::Failed,
    };
    let said = match event {
        Event::Refused => "a gate refused the snapshot, the announced one stays",
        Event::Failed => "failed",
        Event::Recovered => "is well again",
        Event::Succeeded | Event::Test => "succeeded",
    };
    let first = reasons
        .first()
        .map_or_else(String::new, |reason| format!(": {reason}"));
    let alert = Alert {
        event,
        text: format!(
            "{} {} (slot {}) {said}{first}",
            record.dag, record.run, record.slot
        ),
        dag: record.dag.clone(),
        slot: record.slot.to_string(),
        run: Some(record.run.to_string()),
        reasons,
        snapshot: record.snapshot.as_ref().map(ToString::to_string),
        report: Some(report_path(&context.lake, &record.run)),
    };
    tell(&context.after, context.reporter, &alert).await;
    Ok(())
}

/// Says whether the run of the same DAG before this one was not good.
async fn was_bad_before(ledger: &Ledger, record: &RunRecord) -> Result<bool> {
    for run in ledger.runs().await?.into_iter().rev() {
        if run == record.run {
            continue;
        }
        match ledger.run(&run).await? {
            Some(before) if before.dag == record.dag => {
                return Ok(before.state != RunState::Succeeded);
            }
            _ => {}
        }
    }
    Ok(false)
}
