//! What stands in for the jobs that a run leaves out.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{JobRecord, JobState, Lake, Ledger, RunId};

use crate::{artefact::Artefact, context::Context, jobs::Job, publish::Standing};

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
