//! The append-only record of runs: one object when a run starts, one per job, one when it ends.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use schemas::{Slot, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError};

/// Names one run: its slot and a number that grows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a job of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It made its output.
    Made,
    /// Its output was already there: nothing that it depends on changed.
    Skipped,
    /// It failed.
    Failed,
    /// Something it reads failed, so it did not run.
    Blocked,
}

/// What a run says of one job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobRecord {
    /// The job.
    pub job: String,
    /// How it ended.
    pub state: JobState,
    /// Why it ran or was skipped, or why it failed.
    pub reason: String,
    /// The digest of all that its output depends on.
    pub fingerprint: String,
    /// What went into the fingerprint, by name: inputs' digests, code, contract, parameters.
    pub depends_on: BTreeMap<String, String>,
    /// Rows in, by kind (`read`, `bronze`, `kept`, `superseded`, `quarantined` …).
    pub rows: BTreeMap<String, u64>,
    /// Wall time.
    pub elapsed_ms: u64,
    /// When it was taken up; records of old do not say.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    /// Largest resident memory of the program when it ended, in bytes.
    #[serde(default)]
    pub peak_memory_bytes: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It started and has not ended, or was killed.
    Running,
    /// Every target was reached.
    Succeeded,
    /// A job failed or a gate refused the snapshot.
    Failed,
}

/// What a run says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run.
    pub run: RunId,
    /// The DAG.
    pub dag: String,
    /// The slot.
    pub slot: Slot,
    /// How it ended.
    pub state: RunState,
    /// The snapshot announced at its end.
    pub snapshot: Option<SnapshotId>,
    /// Wall time.
    pub elapsed_ms: u64,
    /// Largest resident memory, in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// When it started; records of old do not say.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
}

/// The ledger of a lake.
#[derive(Debug, Clone)]
pub struct Ledger {
    lake: Lake,
}

impl Ledger {
    /// Opens the ledger of a lake.
    #[must_use]
    pub fn new(lake: Lake) -> Self {
        Self { lake }
    }

    /// Starts a run: takes the next number of the slot, so that two processes never share one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn start(
        &self,
        dag: &str,
        slot: Slot,
        at: DateTime<Utc>,
    ) -> Result<RunId, LakeError> {
        let last = self
            .runs()
            .await?
            .into_iter()
            .filter_map(|run| run.0.strip_prefix(&format!("{slot}."))?.parse::<u32>().ok());
        let mut number = last.max().unwrap_or(0) + 1;
        loop {
            let run = RunId(format!("{slot}.{number:04}"));
            let record = RunRecord {
                run: run.clone(),
                dag: dag.to_owned(),
                slot,
                state: RunState::Running,
                snapshot: None,
                elapsed_ms: 0,
                peak_memory_bytes: None,
                started_at: Some(at),
            };
            if self
                .lake
                .create_json(&format!("runs/{run}/start.json"), &record)
                .await?
            {
                return Ok(run);
            }
            number += 1;
        }
    }

    /// Records a job of a run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn record(&self, run: &RunId, job: &JobRecord) -> Result<(), LakeError> {
        self.lake
            .write_json(&format!("runs/{run}/jobs/{}.json", job.job), job)
            .await
    }

    /// Records the end of a run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end(&self, record: &RunRecord) -> Result<(), LakeError> {
        self.lake
            .write_json(&format!("runs/{}/end.json", record.run), record)
            .await
    }

    /// Returns the runs, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs(&self) -> Result<Vec<RunId>, LakeError> {
        let entries = self.lake.list("runs").await?;
        let start = |path: &str| {
            let run = path.strip_prefix("runs/")?.strip_suffix("/start.json")?;
            Some(RunId(run.to_owned()))
        };
        let mut runs: Vec<_> = entries
            .iter()
            .filter_map(|entry| start(&entry.path))
            .collect();
        runs.sort();
        Ok(runs)
    }

    /// Returns what a run said of itself, last: at its end, else at its start; none where there is no such run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run(&self, run: &RunId) -> Result<Option<RunRecord>, LakeError> {
        match self.ended(run).await? {
            Some(ended) => Ok(Some(ended)),
            None => self.lake.read_json(&format!("runs/{run}/start.json")).await,
        }
    }

    /// Returns what a run said of its jobs, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn jobs(&self, run: &RunId) -> Result<BTreeMap<String, JobRecord>, LakeError> {
        let mut jobs = BTreeMap::new();
        for entry in self.lake.list(&format!("runs/{run}/jobs")).await? {
            if let Some(record) = self.lake.read_json::<JobRecord>(&entry.path).await? {
                jobs.insert(record.job.clone(), record);
            }
        }
        Ok(jobs)
    }

    /// Returns what a run said of itself when it ended; none where it has not.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ended(&self, run: &RunId) -> Result<Option<RunRecord>, LakeError> {
        self.lake.read_json(&format!("runs/{run}/end.json")).await
    }

    /// Returns the newest run of the latest earlier slot that succeeded and announced a snapshot: where things stood before `slot`,
    /// however often the slot itself is run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn last_before(&self, slot: Slot) -> Result<Option<RunRecord>, LakeError> {
        for run in self.runs().await?.into_iter().rev() {
            let ended = self.ended(&run).await?;
            let is_before = |record: &RunRecord| {
                record.slot < slot
                    && record.state == RunState::Succeeded
                    && record.snapshot.is_some()
            };
            if ended.as_ref().is_some_and(is_before) {
                return Ok(ended);
            }
        }
        Ok(None)
    }

    /// Returns what the newest run that made or skipped a job said of it, by job. Runs before the newest one that
    /// succeeded are not looked at: that one speaks of every job of its DAG.
    ///
    /// # Errors
    /// The store failed.
    pub async fn last_jobs(&self) -> Result<BTreeMap<String, (RunId, JobRecord)>, LakeError> {
        let mut last = BTreeMap::new();
        for run in self.runs().await?.into_iter().rev() {
            for (job, record) in self.jobs(&run).await? {
                if matches!(record.state, JobState::Made | JobState::Skipped) {
                    last.entry(job).or_insert_with(|| (run.clone(), record));
                }
            }
            let ended = self.ended(&run).await?;
            if ended.is_some_and(|record| record.state == RunState::Succeeded) {
                break;
            }
        }
        Ok(last)
    }
}
