//! What a run would do, and why, without doing it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use lake::{JobRecord, Ledger, RunId};
use schemas::SnapshotId;
use serde::Serialize;
use snapshot::{CURRENT, Reader};

use super::{
    choose::{Choice, Choosing},
    compatibility,
    decide::{decide, stale},
    held::Held,
    ready::{Expected, expected},
    together::entries,
};
use crate::{
    context::{Context, Inputs},
    dag::{DagFile, order},
    jobs::{self, Job},
};

/// How many inputs that may change are named before the rest is counted.
const NAMED: usize = 3;

/// What would become of one job.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Planned {
    pub(crate) job: String,
    pub(crate) will: Will,
    pub(crate) reason: String,
    /// What it took the last time, by count.
    pub(crate) last_rows: BTreeMap<String, u64>,
    /// What making its output took when that happened last.
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
    /// It is not selected: its output of an earlier run stands.
    Held,
}

/// What readers and nodes would see of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "announces")]
pub(crate) enum Announcement {
    /// A snapshot is assembled, and announced where the gates let it pass.
    Snapshot {
        /// The one announced now.
        before: Option<SnapshotId>,
        /// Whether that is sure; else it depends on whether what it reads comes out changed.
        is_sure: bool,
    },
    /// The announced snapshot stays, for nothing changes.
    Stays {
        /// Its id.
        snapshot: SnapshotId,
    },
    /// No snapshot is assembled; these many tables are published.
    Tables {
        /// Silver and gold tables that run, or perhaps do.
        count: usize,
        /// The snapshot that stays announced.
        snapshot: Option<SnapshotId>,
    },
    /// A snapshot of a newer slot stays announced; one is recorded beside it.
    Recorded {
        /// The snapshot that stays announced.
        snapshot: Option<SnapshotId>,
    },
}

/// What a run would do.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plan {
    #[serde(skip)]
    pub(crate) jobs: Vec<Planned>,
    /// Jobs by what would become of them.
    pub(crate) count: BTreeMap<&'static str, usize>,
    /// Rows of the tables that run, as they came out last.
    pub(crate) rows: u64,
    /// What the jobs that run took last, together.
    pub(crate) run_ms: u64,
    /// What those took that perhaps run.
    pub(crate) perhaps_ms: u64,
    /// How many jobs may be under way at one time.
    pub(crate) jobs_at_once: usize,
    /// What all that runs or perhaps does would take with so many at one time, if cores were enough for them.
    pub(crate) together_ms: u64,
    /// The longest way through what runs or perhaps does: what it would take at least with any number of cores.
    pub(crate) path_ms: u64,
    /// Jobs that run and of which no time is known.
    pub(crate) unknown: usize,
    #[serde(flatten)]
    pub(crate) announcement: Announcement,
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
}

/// Decides about every job as far as that can be said before any runs.
pub(crate) async fn plan(context: &Context, name: &str, dag: &DagFile) -> Result<Plan> {
    compatibility::check(&context.lake, context.project.catalog()).await?;
    let jobs = jobs::all(&context.project)?;
    let order = order(&jobs, &dag.targets)?;
    let choosing = Choosing {
        context,
        name,
        dag,
        jobs: &jobs,
        order: &order,
        asked: &context.asked,
        retries: context.retries.as_ref(),
    };
    let choice = choosing.choose().await?;
    let last = Ledger::new(context.lake.clone()).last_jobs().await?;
    let mut drawn = Drawn {
        context,
        made: Inputs::new(),
        plan: Vec::new(),
    };
    for job in &order {
        drawn
            .add(job.as_ref(), &choice, last.get(&job.name()))
            .await?;
    }
    let planned = drawn.plan;
    let sum = |will: Will| {
        let of = planned.iter().filter(|one| one.will == will);
        of.filter_map(|one| one.last_elapsed_ms).sum::<u64>()
    };
    let runs = |one: &&Planned| one.will == Will::Run;
    let together = together(&planned, &order, context.jobs_at_once);
    Ok(Plan {
        count: counts(&planned),
        rows: planned
            .iter()
            .filter(runs)
            .filter_map(|one| one.last_rows.get("rows"))
            .sum(),
        run_ms: sum(Will::Run),
        perhaps_ms: sum(Will::Perhaps),
        jobs_at_once: context.jobs_at_once,
        together_ms: together.together_ms,
        path_ms: together.path_ms,
        unknown: planned
            .iter()
            .filter(runs)
            .filter(|one| one.last_elapsed_ms.is_none())
            .count(),
        announcement: announcement(context, &planned).await?,
        notes: choice.notes,
        jobs: planned,
    })
}

/// A plan being drawn.
struct Drawn<'a> {
    context: &'a Context,
    made: Inputs,
    plan: Vec<Planned>,
}

impl Drawn<'_> {
    async fn add(
        &mut self,
        job: &dyn Job,
        choice: &Choice,
        last: Option<&(RunId, JobRecord)>,
    ) -> Result<()> {
        let (will, reason) = match (choice.takes(&job.name()), choice.held(&job.name())) {
            (true, _) => self.decide(job, last).await?,
            (false, Some(held)) => self.hold(job, held)?,
            (false, None) => return Ok(()),
        };
        self.plan.push(Planned {
            job: job.name(),
            will,
            reason,
            last_rows: last
                .map(|(_, record)| record.rows.clone())
                .unwrap_or_default(),
            last_elapsed_ms: last.and_then(|(_, record)| record.made_ms),
        });
        Ok(())
    }

    fn inputs(&self, job: &dyn Job) -> Inputs {
        let found = job.reads().into_iter();
        found
            .filter_map(|name| Some((name.clone(), self.made.get(&name)?.clone())))
            .collect()
    }

    async fn decide(
        &mut self,
        job: &dyn Job,
        last: Option<&(RunId, JobRecord)>,
    ) -> Result<(Will, String)> {
        let mut pending = job.reads();
        pending.retain(|read| !self.made.contains_key(read));
        if !pending.is_empty() {
            let mut named = pending.iter().take(NAMED).cloned().collect::<Vec<_>>();
            if pending.len() > NAMED {
                named.push(format!("or one of {} more", pending.len() - NAMED));
            }
            let reason = format!("if its input changes: {}", named.join(", "));
            return Ok((Will::Perhaps, reason));
        }
        let decision = decide(self.context, job, &self.inputs(job), last).await?;
        Ok(match decision.made {
            Some(artefact) => {
                self.made.insert(job.writes(), artefact);
                (Will::Skip, decision.reason)
            }
            None => (Will::Run, decision.reason),
        })
    }

    fn hold(&mut self, job: &dyn Job, held: &Held) -> Result<(Will, String)> {
        let known = (&held.run, &held.artefact, held.record.as_ref());
        let is_known = job.reads().iter().all(|read| self.made.contains_key(read));
        let stale = match is_known {
            true => stale(self.context, job, &self.inputs(job), known)?,
            false => None,
        };
        let mut artefact = held.artefact.clone();
        artefact.held.clone_from(&stale);
        self.made.insert(job.writes(), artefact);
        Ok((Will::Held, said_of(held, stale.as_deref())))
    }
}

/// Says what stands in for a job.
pub(crate) fn said_of(held: &Held, stale: Option<&str>) -> String {
    let of = match held.is_of_retried {
        true => format!("made by run {}, which is taken up", held.run),
        false => format!("not selected: its output of run {} stands", held.run),
    };
    match stale {
        Some(stale) => format!("{of}, though stale: {stale}"),
        None => of,
    }
}

fn counts(planned: &[Planned]) -> BTreeMap<&'static str, usize> {
    let of = |will: Will| planned.iter().filter(|one| one.will == will).count();
    BTreeMap::from([
        ("run", of(Will::Run)),
        ("perhaps", of(Will::Perhaps)),
        ("skip", of(Will::Skip)),
        ("held", of(Will::Held)),
    ])
}

/// Works out what those take together that run or perhaps do.
fn together(planned: &[Planned], order: &[Arc<dyn Job>], at_once: usize) -> Expected {
    let times: BTreeMap<&str, Option<u64>> = planned
        .iter()
        .filter(|one| matches!(one.will, Will::Run | Will::Perhaps))
        .map(|one| (one.job.as_str(), one.last_elapsed_ms))
        .collect();
    // The others cost nothing, and what reads them waits for what they read.
    let took = |job: &str| times.get(job).copied().unwrap_or(Some(0));
    expected(&entries(order, took), at_once)
}

async fn announcement(context: &Context, planned: &[Planned]) -> Result<Announcement> {
    let reader = Reader::new(context.lake.store().clone());
    let before = reader
        .pointer(CURRENT)
        .await
        .ok()
        .flatten()
        .map(|pointer| pointer.id);
    if !context.announces {
        return Ok(Announcement::Recorded { snapshot: before });
    }
    let publication = planned.iter().find(|one| one.job == "publish_snapshot");
    Ok(match (publication.map(|one| one.will), before) {
        (Some(Will::Skip), Some(snapshot)) => Announcement::Stays { snapshot },
        (Some(will @ (Will::Run | Will::Perhaps)), before) => Announcement::Snapshot {
            before,
            is_sure: will == Will::Run,
        },
        (_, snapshot) => {
            let is_table = |one: &&Planned| {
                let is_published = one.job.starts_with("silver.") || one.job.starts_with("gold.");
                is_published && matches!(one.will, Will::Run | Will::Perhaps)
            };
            let tables: BTreeSet<&str> = planned
                .iter()
                .filter(is_table)
                .map(|one| one.job.as_str())
                .collect();
            Announcement::Tables {
                count: tables.len(),
                snapshot,
            }
        }
    })
}
