//! All that is known of one run.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use lake::{JobRecord, Lake, Ledger, RunId, RunRecord, RunState};
use schemas::{Layer, Manifest, TableName};
use snapshot::Reader;

use super::drift;
use crate::{
    artefact::Artefact,
    dag,
    jobs::{self, Job},
    project::Project,
};

/// A job of a run, with what it made.
pub(crate) struct Told {
    pub(crate) record: JobRecord,
    pub(crate) writes: String,
    pub(crate) reads: BTreeSet<String>,
    /// The output, where it is still there.
    pub(crate) made: Option<Artefact>,
    /// What its gates compared it with, where they measured how far columns moved.
    pub(crate) before: Option<Artefact>,
}

/// A run, as far as the lake tells.
pub(crate) struct Story {
    pub(crate) record: RunRecord,
    /// What its DAG is for, and its file; empty where the project has it no more.
    pub(crate) description: String,
    pub(crate) source: String,
    /// Its jobs, each after what it reads.
    pub(crate) jobs: Vec<Told>,
    /// Whether it never ended, and a later run shows that it does not work any more.
    pub(crate) is_killed: bool,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) parent: Option<Manifest>,
    /// The run whose tables its gates compared with: the one that announced a snapshot before.
    pub(crate) compared_with: Option<RunId>,
    /// The lake's URL.
    pub(crate) lake: String,
}

impl Story {
    /// Reads a run.
    pub(crate) async fn read(project: &Project, lake: &Lake, run: &RunId) -> Result<Self> {
        let ledger = Ledger::new(lake.clone());
        let record = ledger.run(run).await?;
        let record = record.with_context(|| format!("the record of run {run} is gone"))?;
        let mut records = ledger.jobs(run).await?;
        let is_last = ledger.runs().await?.last() == Some(run);
        let mut jobs = Vec::new();
        // In the order of the DAG as it is; jobs that the project has no more come after.
        for (name, writes, reads) in in_order(project)? {
            if let Some(record) = records.remove(&name) {
                jobs.push(told(lake, record, writes, reads).await?);
            }
        }
        for (name, record) in records {
            jobs.push(told(lake, record, name, BTreeSet::new()).await?);
        }
        let compared_with = announced_before(&ledger, &record).await?;
        if let Some(run) = &compared_with {
            let before = ledger.jobs(run).await?;
            for job in &mut jobs {
                if drift::is_measured(&job.record.gates)
                    && let Some(record) = before.get(&job.record.job)
                {
                    let carried = record.carried_over.as_ref();
                    let fingerprint = carried.map_or(&record.fingerprint, |one| &one.fingerprint);
                    job.before = Artefact::recorded(lake, &job.writes, fingerprint).await?;
                }
            }
        }
        let manifest = manifest(lake, &record).await;
        let parent = match manifest.as_ref().and_then(|one| one.parent.clone()) {
            Some(parent) => Reader::new(lake.store().clone())
                .manifest(&parent, None)
                .await
                .ok(),
            None => None,
        };
        Ok(Self {
            jobs,
            is_killed: record.state == RunState::Running && !is_last,
            manifest,
            parent,
            compared_with,
            ..Self::begin(project, lake, record)
        })
    }

    /// Begins the story of a run that goes on: nothing is known of its jobs yet.
    pub(crate) fn begin(project: &Project, lake: &Lake, record: RunRecord) -> Self {
        let path = project.path(&format!("dags/{}.toml", record.dag));
        let dag = project.dag(&record.dag);
        Self {
            description: dag.map(|dag| dag.description).unwrap_or_default(),
            source: std::fs::read_to_string(path).unwrap_or_default(),
            jobs: Vec::new(),
            is_killed: false,
            manifest: None,
            parent: None,
            compared_with: None,
            lake: url(lake),
            record,
        }
    }

    /// Returns when the run started: as recorded, else at the beginning of its slot.
    pub(crate) fn started_at(&self) -> DateTime<Utc> {
        let slot = self.record.slot.day().and_time(chrono::NaiveTime::MIN);
        self.record
            .beginning
            .started_at
            .unwrap_or_else(|| slot.and_utc())
    }

    /// Returns when the run ended, or was last heard of.
    pub(crate) fn ended_at(&self) -> DateTime<Utc> {
        let ends = self.jobs.iter().map(|job| self.job_times(&job.record).1);
        let heard = ends.max().unwrap_or_else(|| self.started_at());
        heard.max(self.started_at() + millis(self.record.elapsed_ms))
    }

    /// Returns when a job was taken up and ended.
    pub(crate) fn job_times(&self, job: &JobRecord) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = job.started_at.unwrap_or_else(|| self.started_at());
        (start, start + millis(job.elapsed_ms))
    }
}

fn millis(of: u64) -> Duration {
    Duration::milliseconds(i64::try_from(of).unwrap_or(i64::MAX / 2))
}

/// An instant in RFC 3339, in UTC, to the millisecond.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn url(lake: &Lake) -> String {
    lake.store().url().as_str().trim_end_matches('/').to_owned()
}

/// Returns what a job reads, as it is told: of a bronze table also what landed.
pub(crate) fn reads(job: &dyn Job) -> BTreeSet<String> {
    let mut reads: BTreeSet<String> = job.reads().into_iter().collect();
    if let Ok(table) = job.writes().parse::<TableName>()
        && table.layer == Layer::Bronze
    {
        reads.insert(format!("landing.{}", table.name));
    }
    reads
}

/// Returns every job of the project, each after what it reads: name, what it writes, what it reads.
fn in_order(project: &Project) -> Result<Vec<(String, String, BTreeSet<String>)>> {
    let jobs = jobs::all(project)?;
    let targets: Vec<String> = jobs.iter().map(|job| job.writes()).collect();
    let order = dag::order(&jobs, &targets)?;
    let told = order.into_iter();
    let told = told.map(|job| (job.name(), job.writes(), reads(job.as_ref())));
    Ok(told.collect())
}

async fn told(
    lake: &Lake,
    record: JobRecord,
    writes: String,
    reads: BTreeSet<String>,
) -> Result<Told> {
    let path = Artefact::path(&writes, &record.fingerprint);
    let made = match record.fingerprint.is_empty() {
        true => None,
        // What is damaged or gone is left out: it is told of a past run, not relied on.
        false => lake.read_json(&path).await.ok().flatten(),
    };
    Ok(Told {
        record,
        writes,
        reads,
        made,
        before: None,
    })
}

/// Returns the newest run before this one, for its slot or an earlier one, that announced a snapshot: that which gates compare with.
async fn announced_before(ledger: &Ledger, record: &RunRecord) -> Result<Option<RunId>> {
    let runs = ledger.runs().await?.into_iter().rev();
    for run in runs.skip_while(|run| *run >= record.run) {
        let ended = ledger.ended(&run).await?;
        let is_it = ended.is_some_and(|one| {
            one.state == RunState::Succeeded && one.snapshot.is_some() && one.slot <= record.slot
        });
        if is_it {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Returns the manifest of the snapshot that a run announced, where it is still there.
async fn manifest(lake: &Lake, record: &RunRecord) -> Option<Manifest> {
    let id = record.snapshot.as_ref()?;
    Reader::new(lake.store().clone())
        .manifest(id, None)
        .await
        .ok()
}

/// Returns rows by rule, refused and warned, of what a job made.
pub(super) fn broken(job: &Told) -> BTreeMap<String, u64> {
    let made = job.made.iter();
    let mut broken = BTreeMap::new();
    for (rule, rows) in
        made.flat_map(|made| made.quarantined_by_rule.iter().chain(&made.warned_by_rule))
    {
        *broken.entry(rule.clone()).or_insert(0) += rows;
    }
    broken
}
