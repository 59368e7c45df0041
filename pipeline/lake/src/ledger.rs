//! The append-only record of runs: one object when a run starts, one per job, one when it ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, Utc};
use schemas::{CarriedOver, GateReading, Slot, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::{Asked, Lake, LakeError, Process};

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
    /// It was not selected: its output of an earlier run stands.
    Held,
    /// It failed, or a gate refused its output, and an earlier output stands in its place.
    CarriedOver,
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
    /// What making its output took when that happened last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_ms: Option<u64>,
    /// What the gates of its table read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateReading>,
    /// What stands in the place of its output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_over: Option<CarriedOver>,
    /// When it was taken up; records of old do not say.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    /// Largest resident memory of the program so far when it ended, in bytes: of all that was under way beside it and before it, too.
    #[serde(default)]
    pub peak_memory_bytes: Option<u64>,
    /// Its place in the order of the run's DAG; jobs side by side may end in another. Records of old do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
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
    /// Somebody asked that it end.
    Cancelled,
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
    /// The snapshot that it made and did not announce, for a newer slot's is announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<SnapshotId>,
    /// What it was told, and by what it was begun.
    #[serde(flatten)]
    pub beginning: Beginning,
}

/// What is known of a run when it begins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// When it started; records of old do not say.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    /// What it was told, so that it can be told again.
    #[serde(default)]
    pub asked: Asked,
    /// The process that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The run that it takes up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<RunId>,
    /// The environment whose state it made the lake's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotes: Option<String>,
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

    /// Starts a run of which nothing more is to be told; see [`Ledger::begin`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn start(&self, dag: &str, slot: Slot) -> Result<RunId, LakeError> {
        self.begin(dag, slot, Beginning::default()).await
    }

    /// Starts a run: takes the next number of the slot, so that two processes never share one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin(
        &self,
        dag: &str,
        slot: Slot,
        beginning: Beginning,
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
                recorded: None,
                beginning: beginning.clone(),
            };
            if self
                .lake
                .create_json(&self.path(&run, "start.json"), &record)
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
            .write_json(&self.path(run, &format!("jobs/{}.json", job.job)), job)
            .await
    }

    /// Records the end of a run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end(&self, record: &RunRecord) -> Result<(), LakeError> {
        self.lake
            .write_json(&self.path(&record.run, "end.json"), record)
            .await
    }

    /// Returns the runs, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn runs(&self) -> Result<Vec<RunId>, LakeError> {
        let folder = self.lake.own("runs");
        let entries = self.lake.list(&folder).await?;
        let start = |path: &str| {
            let run = path.strip_prefix(&folder)?.strip_suffix("/start.json")?;
            // Folders of runs are named by their slots; those below `_` hold other records.
            let run = run.trim_start_matches('/');
            (!run.contains('/') && !run.starts_with('_')).then(|| RunId(run.to_owned()))
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
            None => self.lake.read_json(&self.path(run, "start.json")).await,
        }
    }

    /// Returns what a run said of its jobs, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn jobs(&self, run: &RunId) -> Result<BTreeMap<String, JobRecord>, LakeError> {
        let mut jobs = BTreeMap::new();
        for entry in self.lake.list(&self.path(run, "jobs")).await? {
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
        self.lake.read_json(&self.path(run, "end.json")).await
    }

    /// Asks that a run end; it looks between jobs. Says whether this call was the first to ask.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel(&self, run: &RunId, why: &str) -> Result<bool, LakeError> {
        let asked = BTreeMap::from([("why", why)]);
        let path = self.path(run, "cancel.json");
        self.lake.create_json(&path, &asked).await
    }

    /// Says whether somebody asked that a run end.
    ///
    /// # Errors
    /// The store failed.
    pub async fn is_cancelled(&self, run: &RunId) -> Result<bool, LakeError> {
        self.lake.exists(&self.path(run, "cancel.json")).await
    }

    /// Returns the newest run of the latest earlier slot that succeeded and made a snapshot: where things stood before `slot`,
    /// however often the slot itself is run. Where an environment has none of its own, the lake's own is.
    ///
    /// # Errors
    /// The store failed.
    pub async fn last_before(&self, slot: Slot) -> Result<Option<RunRecord>, LakeError> {
        let own = self.last_own_before(slot).await?;
        let Some(base) = self.base() else {
            return Ok(own);
        };
        let below = base.last_own_before(slot).await?;
        Ok(own.into_iter().chain(below).max_by_key(|run| run.slot))
    }

    async fn last_own_before(&self, slot: Slot) -> Result<Option<RunRecord>, LakeError> {
        for run in self.runs().await?.into_iter().rev() {
            let ended = self.ended(&run).await?;
            let is_before = |record: &RunRecord| {
                record.slot < slot
                    && record.state == RunState::Succeeded
                    && (record.snapshot.is_some() || record.recorded.is_some())
            };
            if ended.as_ref().is_some_and(is_before) {
                return Ok(ended);
            }
        }
        Ok(None)
    }

    /// Returns what the newest run that made or skipped a job said of it, by job, however few jobs that run was of. What an environment
    /// has not run itself it knows from the lake's own runs.
    ///
    /// # Errors
    /// The store failed.
    pub async fn last_jobs(&self) -> Result<BTreeMap<String, (RunId, JobRecord)>, LakeError> {
        let mut last = match self.base() {
            Some(base) => base.last_own_jobs().await?,
            None => BTreeMap::new(),
        };
        last.extend(self.last_own_jobs().await?);
        Ok(last)
    }

    async fn last_own_jobs(&self) -> Result<BTreeMap<String, (RunId, JobRecord)>, LakeError> {
        let folder = self.lake.own("runs");
        // One listing says which run has a record of which job: only the newest of each is read.
        let mut recorded: BTreeMap<String, BTreeSet<RunId>> = BTreeMap::new();
        for entry in self.lake.list(&folder).await? {
            let below = entry.path[folder.len()..].trim_start_matches('/');
            let parts: Vec<&str> = below.split('/').collect();
            if let [run, "jobs", file] = parts[..]
                && let Some(job) = file.strip_suffix(".json")
            {
                let runs = recorded.entry(job.to_owned()).or_default();
                runs.insert(RunId(run.to_owned()));
            }
        }
        let mut last = BTreeMap::new();
        for (job, runs) in recorded {
            for run in runs.into_iter().rev() {
                let path = self.path(&run, &format!("jobs/{job}.json"));
                let record: Option<JobRecord> = self.lake.read_json(&path).await?;
                let is_whole = |one: &JobRecord| {
                    matches!(
                        one.state,
                        JobState::Made | JobState::Skipped | JobState::CarriedOver
                    )
                };
                if let Some(record) = record.filter(is_whole) {
                    last.insert(job, (run, record));
                    break;
                }
            }
        }
        Ok(last)
    }

    /// The ledger that an environment began from.
    fn base(&self) -> Option<Self> {
        self.lake.store().environment()?;
        Some(Self::new(self.lake.clone().in_environment(None)))
    }

    fn path(&self, run: &RunId, file: &str) -> String {
        self.lake.own(&format!("runs/{run}/{file}"))
    }
}
