//! A run as its report tells it.

use std::collections::BTreeSet;

use lake::{JobState, RunState};
use report::run::{Gate, Job, RuleRows, RunView, State, TableChange};

use super::{
    drift::drift,
    story::{Story, Told},
};

/// Makes the view of a run.
pub(crate) fn view(story: &Story) -> RunView {
    let record = &story.record;
    let by_rule =
        |of: fn(&crate::artefact::Artefact) -> &std::collections::BTreeMap<String, u64>| {
            let made = story
                .jobs
                .iter()
                .filter_map(|job| Some((job, job.made.as_ref()?)));
            made.flat_map(|(job, made)| {
                of(made).iter().map(|(rule, rows)| RuleRows {
                    table: job.writes.clone(),
                    rule: rule.clone(),
                    rows: *rows,
                })
            })
            .collect()
        };
    RunView {
        run: record.run.to_string(),
        dag: record.dag.clone(),
        description: story.description.clone(),
        slot: record.slot.to_string(),
        state: match record.state {
            RunState::Succeeded => State::Succeeded,
            RunState::Failed => State::Failed,
            RunState::Cancelled => State::Cancelled,
            RunState::Running => State::Running,
        },
        snapshot: record.snapshot.as_ref().map(ToString::to_string),
        started_at: record.beginning.started_at.map_or_else(
            || "not recorded".to_owned(),
            |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ),
        elapsed_ms: record.elapsed_ms,
        peak_memory_bytes: record.peak_memory_bytes,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        lake: story.lake.clone(),
        jobs: story.jobs.iter().map(|told| job(story, told)).collect(),
        gates: story
            .manifest
            .iter()
            .flat_map(|manifest| &manifest.gates)
            .map(|gate| Gate {
                name: gate.name.clone(),
                is_passed: gate.is_passed,
                detail: gate.detail.clone(),
            })
            .collect(),
        refused: by_rule(|made| &made.quarantined_by_rule),
        warned: by_rule(|made| &made.warned_by_rule),
        changes: changes(story),
        drift: drift(story),
        compared_with: story.compared_with.as_ref().map(ToString::to_string),
    }
}

fn job(story: &Story, told: &Told) -> Job {
    let record = &told.record;
    let layer = told
        .writes
        .split_once('.')
        .map_or("snapshot", |(layer, _)| layer);
    let since = record
        .started_at
        .map(|at| (at - story.started_at()).num_milliseconds());
    Job {
        job: record.job.clone(),
        layer: layer.to_owned(),
        state: match record.state {
            JobState::Made => State::Made,
            // Told by its reason; like what was skipped, it is nothing new.
            JobState::Skipped | JobState::Held => State::Skipped,
            JobState::Failed => State::Failed,
            JobState::Blocked => State::Blocked,
            JobState::CarriedOver => State::CarriedOver,
        },
        reason: record.reason.clone(),
        writes: told.writes.clone(),
        reads: told.reads.iter().cloned().collect(),
        started_ms: since.map(|ms| u64::try_from(ms).unwrap_or(0)),
        elapsed_ms: record.elapsed_ms,
        peak_memory_bytes: record.peak_memory_bytes,
        rows: record.rows.clone(),
        notes: told
            .made
            .iter()
            .flat_map(|made| made.notes.clone())
            .collect(),
    }
}

/// Compares the manifests of the run's snapshot and of the one before; none where one is missing.
fn changes(story: &Story) -> Option<Vec<TableChange>> {
    let (now, before) = (story.manifest.as_ref()?, story.parent.as_ref()?);
    let names: BTreeSet<&String> = now.tables.keys().chain(before.tables.keys()).collect();
    let changed = names.into_iter().filter(|name| {
        let digest = |of: &schemas::Manifest| of.tables.get(*name).map(|one| one.digest.clone());
        digest(now) != digest(before)
    });
    Some(
        changed
            .map(|name| TableChange {
                table: name.clone(),
                before: before.tables.get(name).map(|one| one.rows),
                now: now.tables.get(name).map(|one| one.rows),
            })
            .collect(),
    )
}
