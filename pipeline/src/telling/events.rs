//! A run as OpenLineage events.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{JobState, RunState};
use lineage::{
    Flow, Lineage, Maker,
    openlineage::{self, Assertion, DatasetFacts, End, Field, JobFacts, RunFacts},
};
use schemas::{Action, Check, Contract, Layer, TableName};
use serde_json::Value;

use super::story::{Story, Told, broken, instant};
use crate::{origins, project::Project};

/// Where the jobs of events stand, unless an operator says otherwise.
const NAMESPACE: &str = "marketlounge";

/// Returns the events of a run, one JSON object a line.
pub(crate) async fn events(project: &Project, story: &Story) -> Result<String> {
    let lineage = origins::lineage(project).await?;
    let facts = facts(project, &lineage, story);
    let events = openlineage::events(&facts);
    Ok(events.iter().map(|event| format!("{event}\n")).collect())
}

/// Returns the event of the start of a run that goes on.
pub(crate) fn run_starts(story: &Story) -> Value {
    openlineage::start_of_run(&run_facts(story))
}

/// Returns the event of a job's start, in a run that goes on.
pub(crate) fn job_starts(
    (project, lineage): (&Project, &Lineage),
    story: &Story,
    job: &Told,
) -> Value {
    let facts = Teller::new(project, lineage, story).job(story, job);
    openlineage::start_of_job(&run_facts(story), &facts)
}

/// Returns the event of a job's end, in a run that goes on; none where it says nothing, as of a job that was skipped.
pub(crate) fn job_ends(
    (project, lineage): (&Project, &Lineage),
    story: &Story,
    job: &Told,
) -> Option<Value> {
    let facts = Teller::new(project, lineage, story).job(story, job);
    openlineage::end_of_job(&run_facts(story), &facts)
}

fn facts(project: &Project, lineage: &Lineage, story: &Story) -> RunFacts {
    let teller = Teller::new(project, lineage, story);
    let ran = story.jobs.iter();
    let ran = ran.filter(|job| !matches!(job.record.state, JobState::Skipped | JobState::Held));
    let mut jobs: Vec<JobFacts> = ran.map(|job| teller.job(story, job)).collect();
    jobs.sort_by(|a, b| (&a.started_at, &a.job).cmp(&(&b.started_at, &b.job)));
    RunFacts {
        jobs,
        ..run_facts(story)
    }
}

/// Returns what is to be told of a run beside its jobs.
fn run_facts(story: &Story) -> RunFacts {
    let record = &story.record;
    let slot = record.slot.day();
    RunFacts {
        run: record.run.to_string(),
        dag: record.dag.clone(),
        description: story.description.clone(),
        source: story.source.clone(),
        slot: slot.to_string(),
        slot_end: slot.succ_opt().unwrap_or(slot).to_string(),
        started_at: instant(story.started_at()),
        ended_at: instant(story.ended_at()),
        end: match record.state {
            RunState::Succeeded => End::Complete,
            RunState::Failed => End::Failed(why(story)),
            RunState::Running if story.is_killed => {
                End::Aborted("the run never ended; a later one began".to_owned())
            }
            RunState::Cancelled => End::Aborted("somebody asked that it end".to_owned()),
            RunState::Running => End::Running,
        },
        namespace: NAMESPACE.to_owned(),
        lake: story.lake.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        jobs: Vec::new(),
    }
}

/// Says why a run failed: its failed jobs, each with its reason.
pub(crate) fn why(story: &Story) -> String {
    let failed = story.jobs.iter();
    let failed = failed.filter(|job| job.record.state == JobState::Failed);
    let said: Vec<String> = failed
        .map(|job| format!("{}: {}", job.record.job, job.record.reason))
        .collect();
    match said.is_empty() {
        true => "a job failed".to_owned(),
        false => said.join("; "),
    }
}

/// Tells jobs and datasets.
struct Teller<'a> {
    project: &'a Project,
    lineage: &'a Lineage,
    rows: BTreeMap<&'a str, &'a Told>,
}

impl<'a> Teller<'a> {
    fn new(project: &'a Project, lineage: &'a Lineage, story: &'a Story) -> Self {
        let rows = story.jobs.iter().map(|job| (job.writes.as_str(), job));
        Self {
            project,
            lineage,
            rows: rows.collect(),
        }
    }

    fn job(&self, story: &Story, job: &Told) -> JobFacts {
        let (start, end) = story.job_times(&job.record);
        let maker = self.lineage.table(&job.writes).map(|table| table.maker);
        let mut output = self.dataset(&job.writes);
        self.say_what_was_made(job, &mut output);
        if job.writes == "snapshot"
            && let Some(manifest) = &story.manifest
        {
            output.assertions = manifest.gates.iter().map(gate).collect();
        }
        JobFacts {
            job: job.record.job.clone(),
            kind: if maker == Some(Maker::Sql) {
                "QUERY"
            } else {
                "JOB"
            },
            sql: self.sql(&job.writes),
            started_at: instant(start),
            ended_at: instant(end),
            end: match job.record.state {
                JobState::Made | JobState::Skipped | JobState::Held => End::Complete,
                JobState::Failed | JobState::CarriedOver => End::Failed(job.record.reason.clone()),
                JobState::Blocked => End::Aborted(job.record.reason.clone()),
            },
            inputs: job.reads.iter().map(|read| self.input(read)).collect(),
            output,
        }
    }

    fn sql(&self, table: &str) -> Option<String> {
        let table = table.parse::<TableName>().ok()?;
        let path = format!("dags/{}/{}.sql", table.layer, table.name);
        std::fs::read_to_string(self.project.path(&path)).ok()
    }

    fn contract(&self, table: &str) -> Option<Contract> {
        let table = table.parse::<TableName>().ok()?;
        let catalog = self.project.catalog();
        match table.layer {
            Layer::Bronze => {
                let landing = TableName::new(Layer::Landing, table.name);
                Some(catalog.get(&landing).ok()?.with_provenance())
            }
            _ => catalog.get(&table).ok().cloned(),
        }
    }

    fn dataset(&self, name: &str) -> DatasetFacts {
        let mut told = DatasetFacts {
            name: name.to_owned(),
            ..DatasetFacts::default()
        };
        if let Some(contract) = self.contract(name) {
            told.description = contract.description;
            told.owner = contract.owner;
            let columns = contract.columns.into_iter();
            told.fields = columns
                .map(|column| Field {
                    name: column.name,
                    kind: format!("{:?}", column.kind).to_lowercase(),
                    description: column.description,
                })
                .collect();
        }
        told
    }

    fn input(&self, name: &str) -> DatasetFacts {
        let mut told = self.dataset(name);
        // What a job reads was told by the job that made it; of landing files the bronze job counts the rows.
        let landed = name
            .strip_prefix("landing.")
            .map(|own| format!("bronze.{own}"));
        told.rows = match &landed {
            Some(bronze) => self
                .rows
                .get(bronze.as_str())
                .and_then(|job| job.record.rows.get("read")),
            None => self
                .rows
                .get(name)
                .and_then(|job| job.record.rows.get("rows")),
        }
        .copied();
        told
    }

    fn say_what_was_made(&self, job: &Told, told: &mut DatasetFacts) {
        told.rows = job.record.rows.get("rows").copied();
        if let Some(made) = &job.made {
            told.version = Some(made.digest.clone());
            told.files = Some(made.files.len() as u64);
        }
        if let Some(known) = self.lineage.table(&job.writes) {
            told.columns = known.columns.clone().unwrap_or_default();
            told.shapes = Flow {
                from: known.shapes.clone(),
                ..Flow::default()
            };
        }
        let is_checked = job.made.is_some() && !job.writes.starts_with("bronze.");
        if let Some(contract) = self.contract(&job.writes).filter(|_| is_checked) {
            let broken = broken(job);
            let rules = contract.rules.iter();
            told.assertions = rules
                .map(|rule| {
                    let rows = broken.get(&rule.name).copied().unwrap_or(0);
                    Assertion {
                        assertion: sort(&rule.check).to_owned(),
                        name: rule.name.clone(),
                        column: match rule.columns.as_slice() {
                            [column] => Some(column.clone()),
                            _ => None,
                        },
                        is_success: rows == 0,
                        severity: if rule.action == Action::Warn {
                            "warn"
                        } else {
                            "error"
                        },
                        actual: format!("{rows} rows break it"),
                    }
                })
                .collect();
        }
    }
}

fn gate(gate: &schemas::GateResult) -> Assertion {
    Assertion {
        assertion: "gate".to_owned(),
        name: gate.name.clone(),
        column: None,
        is_success: gate.is_passed,
        severity: "error",
        actual: gate.detail.clone(),
    }
}

const fn sort(check: &Check) -> &'static str {
    match check {
        Check::NotNull => "not_null",
        Check::Unique => "unique",
        Check::Range { .. } => "range",
        Check::Regex { .. } => "regex",
        Check::Allowed { .. } => "accepted_values",
        Check::References { .. } => "relationships",
        Check::Siren => "siren",
        Check::Tenant => "tenant",
    }
}
