//! A project, and what runs said of its tables, as its site tells them.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{JobRecord, JobState, Lake, Ledger, RunId, RunRecord};
use lineage::{Lineage, SourceField};
use report::site::{Audit, AuditGate, Dag, Site, SourceMapping, Table};
use schemas::{Contract, Layer};

use crate::{artefact::Artefact, dag, jobs, origins, project::Project};

/// What a site is made of.
pub(crate) struct Gathered {
    lineage: Lineage,
    tables: Vec<Table>,
    dags: Vec<Dag>,
    mappings: Vec<SourceMapping>,
}

impl Gathered {
    /// Returns the site.
    pub(crate) fn site(&self) -> Site<'_> {
        Site {
            lineage: &self.lineage,
            tables: self.tables.clone(),
            dags: self.dags.clone(),
            mappings: self.mappings.clone(),
        }
    }
}

/// Gathers a project, and the last audit of each table from a lake, where there is one.
pub(crate) async fn gather(project: &Project, lake: Option<&Lake>) -> Result<Gathered> {
    let dags = dags(project)?;
    let audits = match lake {
        Some(lake) => audits(lake).await?,
        None => BTreeMap::new(),
    };
    let mut tables = Vec::new();
    for contract in project.catalog().iter() {
        tables.push(table(project, contract, &dags, &audits)?);
    }
    Ok(Gathered {
        lineage: origins::lineage(project).await?,
        tables,
        dags,
        mappings: mappings(project)?,
    })
}

fn table(
    project: &Project,
    contract: &Contract,
    dags: &[Dag],
    audits: &BTreeMap<String, Audit>,
) -> Result<Table> {
    let name = contract.table.to_string();
    let path = format!("dags/{}/{}.sql", contract.table.layer, contract.table.name);
    let sql = match std::fs::read_to_string(project.path(&path)) {
        Ok(text) => Some((path, text)),
        Err(_) => None,
    };
    // A landing table is told by the bronze table that is made of it.
    let made = match contract.table.layer {
        Layer::Landing => format!("bronze.{}", contract.table.name),
        _ => name,
    };
    let makes = |dag: &&Dag| dag.jobs.iter().any(|(_, writes)| *writes == made);
    Ok(Table {
        contract: contract.clone(),
        sql,
        audit: audits.get(&made).cloned(),
        dags: dags
            .iter()
            .filter(makes)
            .map(|dag| dag.name.clone())
            .collect(),
    })
}

fn dags(project: &Project) -> Result<Vec<Dag>> {
    let jobs = jobs::all(project)?;
    let mut dags = Vec::new();
    for name in project.dag_names()? {
        let file = project.dag(&name)?;
        let order = dag::order(&jobs, &file.targets)?;
        dags.push(Dag {
            name,
            description: file.description,
            schedule: file.schedule,
            time_zone: file.time_zone,
            freshness: file.freshness,
            sources: file.sources,
            targets: file.targets,
            jobs: order.iter().map(|job| (job.name(), job.writes())).collect(),
        });
    }
    Ok(dags)
}

fn mappings(project: &Project) -> Result<Vec<SourceMapping>> {
    let mut told = Vec::new();
    for set in project.mapping_sets()? {
        for mapping in project.mappings(&set)? {
            let table = mapping.table().to_owned();
            let landing = project.catalog().layer(Layer::Landing);
            let contract = landing.into_iter().find(|one| one.table.name == table);
            let names: Vec<&str> = contract
                .iter()
                .flat_map(|contract| contract.columns.iter().map(|column| column.name.as_str()))
                .collect();
            let columns = mapping.told(names).into_iter().map(|column| {
                let field = SourceField {
                    mapping: format!("{set}/{}", mapping.name()),
                    fields: column.fields,
                    steps: column.steps,
                };
                (column.column, field)
            });
            told.push(SourceMapping {
                set: set.clone(),
                name: mapping.name().to_owned(),
                description: mapping.description().unwrap_or_default().to_owned(),
                table,
                files: mapping.globs().to_vec(),
                columns: columns.collect(),
            });
        }
    }
    Ok(told)
}

/// Returns what the newest run that made or skipped a table said of it, by table.
async fn audits(lake: &Lake) -> Result<BTreeMap<String, Audit>> {
    let ledger = Ledger::new(lake.clone());
    let (mut audits, mut runs) = (BTreeMap::new(), BTreeMap::new());
    for (job, (run, said)) in ledger.last_jobs().await? {
        if !runs.contains_key(&run) {
            runs.insert(run.clone(), ledger.run(&run).await?);
        }
        let record = runs.get(&run).and_then(Option::as_ref);
        audits.insert(job, audit(lake, &run, record, &said).await);
    }
    Ok(audits)
}

async fn audit(lake: &Lake, run: &RunId, record: Option<&RunRecord>, said: &JobRecord) -> Audit {
    let path = Artefact::path(&said.job, &said.fingerprint);
    let made: Option<Artefact> = lake.read_json(&path).await.ok().flatten();
    let at = said
        .started_at
        .or_else(|| record.and_then(|record| record.beginning.started_at));
    let by_rule = made.iter();
    let by_rule =
        by_rule.flat_map(|made| made.quarantined_by_rule.iter().chain(&made.warned_by_rule));
    Audit {
        run: run.to_string(),
        at: match (at, record) {
            (Some(at), _) => at.format("%Y-%m-%d %H:%M UTC").to_string(),
            (None, Some(record)) => record.slot.to_string(),
            (None, None) => String::new(),
        },
        is_made: said.state == JobState::Made,
        rows: said.rows.get("rows").copied().unwrap_or(0),
        quarantined: said.rows.get("quarantined").copied().unwrap_or(0),
        gates: by_rule
            .map(|(rule, rows)| AuditGate {
                rule: rule.clone(),
                rows: *rows,
            })
            .collect(),
    }
}
