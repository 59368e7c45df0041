//! What a run would do, and why, without doing it.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{JobState, Ledger};
use serde::Serialize;

use super::{compatibility, decide::decide};
use crate::{
    context::{Context, Inputs},
    dag::{DagFile, order},
    jobs,
};

/// What would become of one job.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Planned {
    pub(crate) job: String,
    pub(crate) will: Will,
    pub(crate) reason: String,
    /// What it took the last time, by count.
    pub(crate) last_rows: BTreeMap<String, u64>,
    pub(crate) last_elapsed_ms: Option<u64>,
}

/// Whether a job would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Will {
    /// It runs.
    Run,
    /// It is skipped.
    Skip,
    /// That depends on whether what it reads comes out changed.
    Perhaps,
}

/// Decides about every job as far as that can be said before any runs.
pub(crate) async fn plan(context: &Context, dag: &DagFile) -> Result<Vec<Planned>> {
    compatibility::check(&context.lake, context.project.catalog()).await?;
    let jobs = jobs::all(&context.project)?;
    let order = order(&jobs, &dag.targets)?;
    let last = Ledger::new(context.lake.clone()).last_jobs().await?;
    let mut made = Inputs::new();
    let mut plan = Vec::new();
    for job in order {
        let last = last.get(&job.name());
        let reads = job.reads();
        let pending: Vec<_> = reads
            .iter()
            .filter(|read| !made.contains_key(*read))
            .map(String::as_str)
            .collect();
        let (will, reason) = if pending.is_empty() {
            let inputs: Inputs = reads
                .iter()
                .map(|name| (name.clone(), made[name].clone()))
                .collect();
            let decision = decide(context, job, &inputs, last).await?;
            match decision.made {
                Some(artefact) => {
                    made.insert(job.writes(), artefact);
                    (Will::Skip, decision.reason)
                }
                None => (Will::Run, decision.reason),
            }
        } else {
            (
                Will::Perhaps,
                format!("if its input changes: {}", pending.join(", ")),
            )
        };
        plan.push(Planned {
            job: job.name(),
            will,
            reason,
            last_rows: last
                .map(|(_, record)| record.rows.clone())
                .unwrap_or_default(),
            last_elapsed_ms: last
                .filter(|(_, record)| record.state == JobState::Made)
                .map(|(_, record)| record.elapsed_ms),
        });
    }
    Ok(plan)
}
