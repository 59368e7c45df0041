//! Which jobs of a DAG a run is of, and what stands in for the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Result, bail};
use lake::{Asked, JobState, Ledger, RunId};
use select::Selection;

use super::{
    facts::facts,
    held::{Held, Sources},
    nodes,
};
use crate::{artefact::Artefact, context::Context, dag::DagFile, jobs::Job, publish::Standing};

/// What a run is of.
pub(crate) struct Choice {
    /// The jobs that run, by name.
    selected: BTreeSet<String>,
    /// Whether jobs of the DAG are left out.
    pub(crate) is_partial: bool,
    /// What stands in for jobs that are left out and read, by name of the job.
    held: BTreeMap<String, Held>,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
}

/// What is to be chosen from.
pub(crate) struct Choosing<'a> {
    pub(crate) context: &'a Context,
    pub(crate) name: &'a str,
    pub(crate) dag: &'a DagFile,
    /// Every job of the project.
    pub(crate) jobs: &'a [Arc<dyn Job>],
    /// Those of the DAG, in order.
    pub(crate) order: &'a [Arc<dyn Job>],
    pub(crate) asked: &'a Asked,
    /// The run to take up.
    pub(crate) retries: Option<&'a RunId>,
}

impl Choice {
    /// Says whether a job runs.
    pub(crate) fn takes(&self, job: &str) -> bool {
        self.selected.contains(job)
    }

    /// Says how many jobs run.
    pub(crate) fn len(&self) -> usize {
        self.selected.len()
    }

    /// Returns the names of the jobs that run.
    pub(crate) fn names(&self) -> Vec<String> {
        self.selected.iter().cloned().collect()
    }

    /// Returns what stands in for a job, where something that runs is made of it.
    pub(crate) fn held(&self, job: &str) -> Option<&Held> {
        self.held.get(job)
    }
}

impl Choosing<'_> {
    /// Works out which jobs run, and finds what stands in for the others.
    ///
    /// # Errors
    /// The selection is malformed or names what is not there, none of what it selects belongs to the DAG, or a selected job reads
    /// something that never was made.
    pub(crate) async fn choose(&self) -> Result<Choice> {
        let known: BTreeSet<String> = self.order.iter().map(|job| job.name()).collect();
        let mut notes = Vec::new();
        let selected = match self.retries {
            Some(run) => self.left_of(run, &known).await?,
            None => self.selected(&known, &mut notes).await?,
        };
        let is_partial = selected.len() < known.len();
        let mut choice = Choice {
            selected,
            is_partial,
            held: BTreeMap::new(),
            notes,
        };
        if is_partial {
            choice.held = self.hold(&choice).await?;
            choice.notes.extend(self.left_behind(&choice));
        }
        Ok(choice)
    }

    /// Returns the DAG's jobs without those that it leaves to another DAG and whose output stands.
    async fn all_but_held(&self, known: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        if self.dag.holds.is_empty() {
            return Ok(known.clone());
        }
        let selection = Selection::parse(&[], &self.dag.holds)?;
        let graph = nodes::graph(&self.context.project, self.dag, self.jobs)?;
        let needs = selection.needs();
        let facts = facts(self.context, self.name, self.jobs, None, needs).await?;
        let named = selection.of(&graph, &facts)?;
        let standing = Standing::read(&self.context.lake).await?;
        let runs = |job: &&Arc<dyn Job>| {
            named.contains(&job.name()) || !standing.artefacts.contains_key(&job.writes())
        };
        Ok(self
            .order
            .iter()
            .filter(runs)
            .map(|job| job.name())
            .collect())
    }

    async fn selected(
        &self,
        known: &BTreeSet<String>,
        notes: &mut Vec<String>,
    ) -> Result<BTreeSet<String>> {
        let asked = self.asked;
        let selection = Selection::parse(&asked.select, &asked.exclude)?;
        if selection.is_all() {
            return self.all_but_held(known).await;
        }
        let graph = nodes::graph(&self.context.project, self.dag, self.jobs)?;
        let needs = selection.needs();
        let facts = facts(
            self.context,
            self.name,
            self.jobs,
            asked.state.as_deref(),
            needs,
        )
        .await?;
        let named = selection.of(&graph, &facts)?;
        let (inside, outside): (BTreeSet<String>, BTreeSet<String>) =
            named.into_iter().partition(|name| known.contains(name));
        if inside.is_empty() && !outside.is_empty() {
            let dags: BTreeSet<&String> = graph
                .nodes()
                .iter()
                .filter(|node| outside.contains(&node.name))
                .flat_map(|node| &node.dags)
                .collect();
            let dags: Vec<&str> = dags.into_iter().map(String::as_str).collect();
            bail!(
                "none of the jobs selected belongs to the DAG {}: {}; {}",
                self.name,
                listed(&outside),
                match dags.is_empty() {
                    true => "no DAG has them".to_owned(),
                    false => format!("they belong to {}", dags.join(", ")),
                }
            );
        }
        if !outside.is_empty() && !asked.select.is_empty() {
            notes.push(format!(
                "selected, but no part of the DAG {}, and left out: {}",
                self.name,
                listed(&outside)
            ));
        }
        Ok(inside)
    }

    /// Returns the jobs that a run was of and did not bring to an end.
    async fn left_of(&self, run: &RunId, known: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let of_run: BTreeSet<String> = match self.asked.jobs.is_empty() {
            true => known.clone(),
            false => known
                .iter()
                .filter(|job| self.asked.jobs.contains(job))
                .cloned()
                .collect(),
        };
        let mut left = of_run;
        for (name, record) in self.ledger().jobs(run).await? {
            let is_done = matches!(record.state, JobState::Made | JobState::Skipped);
            let job = self.order.iter().find(|job| job.name() == name);
            if let Some(job) = job.filter(|_| is_done) {
                let lake = &self.context.lake;
                let made = Artefact::find(lake, &job.writes(), &record.fingerprint).await?;
                // What is announced must be announced again where it is no more.
                let stands = match &made {
                    Some(made) => job.stands(self.context, made).await?,
                    None => false,
                };
                if stands {
                    left.remove(&name);
                }
            }
        }
        Ok(left)
    }

    fn ledger(&self) -> Ledger {
        Ledger::new(self.context.lake.clone())
    }

    /// Finds what stands in for each job that is left out and on whose output, through whatever others, something selected depends.
    async fn hold(&self, choice: &Choice) -> Result<BTreeMap<String, Held>> {
        let mut needed: BTreeSet<String> = BTreeSet::new();
        let mut direct: BTreeMap<String, String> = BTreeMap::new();
        for job in self.order.iter().rev() {
            let is_selected = choice.takes(&job.name());
            if is_selected || needed.contains(&job.writes()) {
                needed.extend(job.reads());
            }
            if is_selected {
                direct.extend(job.reads().into_iter().map(|read| (read, job.name())));
            }
        }
        let sources = Sources::open(&self.ledger(), &self.context.lake, self.retries).await?;
        let mut held = BTreeMap::new();
        let mut never = Vec::new();
        for job in self.order.iter().filter(|job| !choice.takes(&job.name())) {
            let writes = job.writes();
            // What the run that is taken up made is published with what it left.
            if !needed.contains(&writes) && !sources.has_made(&job.name()) {
                continue;
            }
            match sources.find(self.context, job.as_ref()).await? {
                Some(found) => {
                    held.insert(job.name(), found);
                }
                None => never.extend(
                    direct
                        .get(&writes)
                        .map(|reader| (writes.clone(), reader.clone())),
                ),
            }
        }
        if let Some((read, reader)) = never.first() {
            bail!(
                "{reader} reads {read}, which is not selected and which no run that succeeded left here{}: select it too, as in \
                 `--select +{reader}`, or run the DAG whole once",
                match never.len() {
                    1 => String::new(),
                    more => format!(" (nor {} more that selected jobs read)", more - 1),
                }
            );
        }
        Ok(held)
    }

    /// Says what is made of selected jobs and stays as it was.
    fn left_behind(&self, choice: &Choice) -> Option<String> {
        let written: BTreeSet<String> = self
            .order
            .iter()
            .filter(|job| choice.takes(&job.name()))
            .map(|job| job.writes())
            .collect();
        let behind: BTreeSet<String> = self
            .order
            .iter()
            .filter(|job| !choice.takes(&job.name()))
            .filter(|job| job.reads().iter().any(|read| written.contains(read)))
            .map(|job| job.name())
            .collect();
        (!behind.is_empty() && self.retries.is_none()).then(|| {
            format!(
                "made of selected jobs and not selected, so as they were until the next whole run: {}",
                listed(&behind)
            )
        })
    }
}

/// How many names are told before the rest is counted.
const NAMED: usize = 6;

fn listed(names: &BTreeSet<String>) -> String {
    let said: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len() {
        count if count > NAMED => format!("{} and {} more", said.join(", "), count - NAMED),
        _ => said.join(", "),
    }
}
