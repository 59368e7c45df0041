//! The jobs of a project as selectors see them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Result, bail};
use schemas::{Contract, Layer, TableName};
use select::{Graph, Node};

use crate::{
    dag::{self, DagFile},
    jobs::Job,
    project::Project,
};

/// Returns the graph of all jobs of a project, whatever DAG they belong to. Tags of `dag` count; those of other DAGs do not.
pub(crate) fn graph(project: &Project, dag: &DagFile, jobs: &[Arc<dyn Job>]) -> Result<Graph> {
    let known: BTreeSet<String> = jobs.iter().map(|job| job.name()).collect();
    for (tag, names) in &dag.tags {
        if let Some(unknown) = names.iter().find(|name| !known.contains(*name)) {
            bail!("the DAG's tag {tag} names {unknown}, which is no job: mend [tags] in its file");
        }
    }
    let mut dags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in project.dag_names()? {
        for job in dag::order(jobs, &project.dag(&name)?.targets)? {
            dags.entry(job.name()).or_default().insert(name.clone());
        }
    }
    let node = |job: &dyn Job| {
        let name = job.name();
        let tagged = dag.tags.iter().filter(|(_, jobs)| jobs.contains(&name));
        let mut node = described(project, job);
        node.tags.extend(tagged.map(|(tag, _)| tag.clone()));
        node.dags = dags.remove(&name).unwrap_or_default();
        node
    };
    let mut node = node;
    Ok(Graph::new(
        jobs.iter().map(|job| node(job.as_ref())).collect(),
    ))
}

fn described(project: &Project, job: &dyn Job) -> Node {
    let writes = job.writes();
    let layer = match writes.split_once('.') {
        Some((layer, _)) => layer.to_owned(),
        None => "snapshots".to_owned(),
    };
    let table = writes.parse::<TableName>().ok();
    let contract = table.as_ref().and_then(|table| contract(project, table));
    let mut sources = BTreeSet::new();
    let mut paths: BTreeSet<String> = code(job.module()).into_iter().collect();
    if let Some(table) = &table {
        let landing = (table.layer == Layer::Bronze).then_some(Layer::Landing);
        let said_in = landing.unwrap_or(table.layer);
        paths.insert(format!("schemas/{said_in}/{}.toml", table.name));
        let sql = format!("dags/{}/{}.sql", table.layer, table.name);
        if project.path(&sql).exists() {
            paths.insert(sql);
        }
        sources.extend(landing.map(|_| table.name.clone()));
    }
    Node {
        name: job.name(),
        reads: job.reads(),
        resource_type: match (&table, layer.as_str()) {
            (Some(_), _) => "table",
            (None, "models") => "model",
            (None, _) => "snapshot",
        }
        .to_owned(),
        owner: contract.map(|contract| contract.owner.clone()),
        tags: contract
            .into_iter()
            .flat_map(|one| one.tags.clone())
            .collect(),
        dags: BTreeSet::new(),
        writes,
        layer,
        paths,
        sources,
    }
}

fn contract<'a>(project: &'a Project, table: &TableName) -> Option<&'a Contract> {
    let catalog = project.catalog();
    let landing = TableName::new(Layer::Landing, table.name.clone());
    match table.layer {
        Layer::Bronze => catalog.get(&landing).ok(),
        _ => catalog.get(table).ok(),
    }
}

/// Returns the source file of a job from the path of its type: of `TableJob<jobs::abuse_cases::AbuseCases>` that of the inner one.
fn code(module: &str) -> Option<String> {
    let (_, inner) = module.rsplit_once("::jobs::")?;
    let (file, _) = inner.split_once("::")?;
    Some(format!("pipeline/src/jobs/{file}.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_job_is_that_of_what_it_wraps() {
        let file = |module| code(module).unwrap();
        assert_eq!(
            file("pipeline::jobs::silver::Silver"),
            "pipeline/src/jobs/silver.rs"
        );
        assert_eq!(
            file("pipeline::jobs::table_job::TableJob<pipeline::jobs::abuse_cases::AbuseCases>"),
            "pipeline/src/jobs/abuse_cases.rs"
        );
    }
}
