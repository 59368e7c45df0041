//! What stands in for the jobs that a run leaves out.

use std::{collections::BTreeMap, time::Instant};

use anyhow::Result;
use lake::{JobRecord, JobState, Lake, Ledger, RunId};

use super::{decide::stale, execute::Progress, plan::said_of};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    jobs::Job,
    publish::Standing,
};

/// What stands in for a job that does not run.
pub(crate) struct Held {
    /// The run that left it.
    pub(crate) run: RunId,
    pub(crate) artefact: Artefact,
    /// What that run said of the job.
    pub(crate) record: Option<JobRecord>,
    /// Whether it is of the run that is taken up, and so to be published with what this one makes.
    pub(crate) is_of_retried: bool,
}

/// Where outputs that stand are found: first those of the run that is taken up, then those that were published, then those recorded.
pub(super) struct Sources {
    retried: BTreeMap<String, JobRecord>,
    run: Option<RunId>,
    standing: Standing,
    last: BTreeMap<String, (RunId, JobRecord)>,
}

impl Sources {
    pub(super) async fn open(
        ledger: &Ledger,
        lake: &Lake,
        retries: Option<&RunId>,
    ) -> Result<Self> {
        Ok(Self {
            retried: match retries {
                Some(run) => ledger.jobs(run).await?,
                None => BTreeMap::new(),
            },
            run: retries.cloned(),
            standing: Standing::read(lake).await?,
            last: ledger.last_jobs().await?,
        })
    }

    /// Says whether the run that is taken up made a job's output, or found that it stands.
    pub(super) fn has_made(&self, job: &str) -> bool {
        let record = self.retried.get(job);
        record.is_some_and(|one| matches!(one.state, JobState::Made | JobState::Skipped))
    }

    pub(super) async fn find(&self, context: &Context, job: &dyn Job) -> Result<Option<Held>> {
        let (name, writes) = (job.name(), job.writes());
        let last = self.last.get(&name);
        if let (Some(run), Some(record)) = (&self.run, self.retried.get(&name))
            && !record.fingerprint.is_empty()
            && let Some(artefact) =
                Artefact::find(&context.lake, &writes, &record.fingerprint).await?
        {
            return Ok(Some(Held {
                run: run.clone(),
                artefact,
                record: Some(record.clone()),
                is_of_retried: record.state != JobState::Held,
            }));
        }
        let (run, fingerprint) = match (self.standing.artefacts.get(&writes), last) {
            (Some(stands), _) => (stands.run.clone(), stands.fingerprint.clone()),
            (None, Some((run, record))) => (run.clone(), record.fingerprint.clone()),
            (None, None) => return Ok(None),
        };
        let artefact = Artefact::find(&context.lake, &writes, &fingerprint).await?;
        Ok(artefact.map(|artefact| Held {
            record: last
                .map(|(_, record)| record.clone())
                .filter(|one| one.fingerprint == fingerprint),
            run,
            artefact,
            is_of_retried: false,
        }))
    }
}

impl Progress<'_> {
    /// Lets an earlier output stand in for a job that is not selected.
    pub(super) async fn hold(&mut self, job: &dyn Job, held: &Held) -> Result<()> {
        let started = Instant::now();
        let inputs: Inputs = job
            .reads()
            .into_iter()
            .filter_map(|name| Some((name.clone(), self.made.get(&name)?.clone())))
            .collect();
        let known = (&held.run, &held.artefact, held.record.as_ref());
        let stale = stale(self.context, job, &inputs, known)?;
        let reason = said_of(held, stale.as_deref());
        let mut artefact = held.artefact.clone();
        artefact.held = stale.map(|_| reason.clone());
        if !held.is_of_retried {
            self.held.insert(job.writes());
        }
        let before = held.record.as_ref();
        let record = JobRecord {
            job: job.name(),
            state: JobState::Held,
            reason,
            fingerprint: held.artefact.fingerprint.clone(),
            depends_on: before.map(|one| one.depends_on.clone()).unwrap_or_default(),
            rows: held.artefact.rows.clone(),
            elapsed_ms: 0,
            started_at: before.and_then(|one| one.started_at),
            peak_memory_bytes: None,
            made_ms: before.and_then(|one| one.made_ms),
            gates: Vec::new(),
            carried_over: None,
        };
        self.made.insert(job.writes(), artefact);
        self.record(record, started, None).await
    }

    /// Returns what the run is to be published with: all but what stood before.
    pub(super) fn own(&self) -> Inputs {
        let own = self
            .made
            .iter()
            .filter(|(name, _)| !self.held.contains(*name));
        own.map(|(name, made)| (name.clone(), made.clone()))
            .collect()
    }
}
