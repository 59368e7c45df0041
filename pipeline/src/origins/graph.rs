//! The lineage of a project: SQL files by their plans, landing by its mappings, jobs by what they declare.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lineage::{ColumnId, Flow, Kind, Lineage, Maker, SourceField, TableLineage};
use schemas::{Action, Check, Contract, Layer, TableName};
use sql::Planner;

use crate::{
    jobs::{self, Job},
    project::Project,
};

/// Gathers the lineage of every table and column of a project.
pub(crate) async fn lineage(project: &Project) -> Result<Lineage> {
    let mut tables = landing(project)?;
    let catalog = project.catalog();
    for contract in catalog.layer(Layer::Landing) {
        tables.push(bronze(contract));
    }
    let planner = Planner::new(catalog.iter())?;
    for layer in [Layer::Silver, Layer::Gold] {
        for (table, select) in project.selects(layer)? {
            let contract = catalog.get(&table)?;
            let mut made = planner.lineage(contract, &select).await?;
            if layer == Layer::Silver {
                keep_by_contract(&mut made, contract);
            }
            tables.push(made);
        }
    }
    let known: BTreeSet<String> = tables.iter().map(|one| one.table.clone()).collect();
    for job in jobs::all(project)? {
        if !known.contains(&job.writes()) {
            tables.push(of_job(project, job.as_ref()));
        }
    }
    Ok(Lineage::new(tables))
}

fn names(contract: &Contract) -> Vec<String> {
    let names = contract.columns.iter().map(|column| column.name.clone());
    names.collect()
}

/// Landing tables, with what each source mapping makes of its files.
fn landing(project: &Project) -> Result<Vec<TableLineage>> {
    let mut tables = BTreeMap::new();
    for contract in project.catalog().layer(Layer::Landing) {
        let mut table = TableLineage::new(contract.table.to_string(), Maker::Landing);
        table.declared = names(contract);
        tables.insert(contract.table.name.clone(), table);
    }
    for set in project.mapping_sets()? {
        let mut mappings = project.mappings(&set)?;
        if set == "default" {
            mappings = project.with_identity(mappings);
        }
        for mapping in mappings {
            let Some(table) = tables.get_mut(mapping.table()) else {
                continue;
            };
            let declared = table.declared.clone();
            for told in mapping.told(declared.iter().map(String::as_str)) {
                let field = SourceField {
                    mapping: format!("{set}/{}", mapping.name()),
                    fields: told.fields,
                    steps: told.steps,
                };
                table.fields.entry(told.column).or_default().push(field);
            }
        }
    }
    Ok(tables.into_values().collect())
}

/// A bronze table: the landing columns as they are, and provenance.
fn bronze(landing: &Contract) -> TableLineage {
    let bronze = landing.with_provenance();
    let mut table = TableLineage::new(bronze.table.to_string(), Maker::Decoder);
    let source = landing.table.to_string();
    let flow = |name: &str| match landing.column(name) {
        Some(_) => Flow::of(ColumnId::new(&source, name), Kind::Identity),
        None => Flow::made(format!("provenance of the record: {name}")),
    };
    let columns = bronze.columns.iter();
    let columns = columns.map(|column| (column.name.clone(), flow(&column.name)));
    table.columns = Some(columns.collect());
    table.declared = names(&bronze);
    table.reads.insert(source);
    table
}

/// Adds what the contract of a silver table does after its SELECT: of each key the latest row stays, and rows that break a rule go.
fn keep_by_contract(made: &mut TableLineage, contract: &Contract) {
    let columns = made.columns.clone().unwrap_or_default();
    let mut shapes = std::mem::take(&mut made.shapes);
    let shape = |shapes: &mut BTreeMap<ColumnId, BTreeSet<Kind>>, name: &str, kind: Kind| {
        let flow = columns.get(name).cloned().unwrap_or_default();
        for (source, kinds) in flow.used_as(kind).from {
            shapes.entry(source).or_default().extend(kinds);
        }
    };
    let provenance = ["_file".to_owned(), "_line".to_owned()];
    let ranked = contract.key.iter().chain(&contract.latest_by);
    for column in ranked.chain(&provenance) {
        shape(&mut shapes, column, Kind::Window);
    }
    let rules = contract.rules.iter();
    for rule in rules.filter(|rule| rule.action == Action::Quarantine) {
        for column in &rule.columns {
            shape(&mut shapes, column, Kind::Filter);
        }
        if let Check::References { table, to } = &rule.check {
            for column in to {
                let id = ColumnId::new(table.to_string(), column);
                shapes.entry(id).or_default().insert(Kind::Filter);
            }
            if *table != contract.table {
                made.reads.insert(table.to_string());
            }
        }
    }
    made.shapes = shapes;
    // Provenance is not kept in silver; a row's origin is told by running its SELECT again.
    if let Some(columns) = &mut made.columns {
        columns.retain(|name, _| contract.column(name).is_some());
    }
}

/// What a job in Rust makes, as far as it says.
fn of_job(project: &Project, job: &dyn Job) -> TableLineage {
    let name = job.writes();
    let mut table = TableLineage::new(&name, Maker::Job);
    table.reads = job.reads().into_iter().collect();
    let contract = name.parse::<TableName>().ok();
    if let Some(contract) = contract.and_then(|one| project.catalog().get(&one).ok()) {
        table.declared = names(contract);
    }
    let declared = job.columns();
    if !declared.is_empty() {
        let mut columns: BTreeMap<String, Flow> = BTreeMap::new();
        for (column, sources, kind) in declared {
            let flow = columns.entry(column.to_owned()).or_default();
            for source in sources {
                let id = source
                    .rsplit_once('.')
                    .map(|(table, name)| ColumnId::new(table, name));
                id.into_iter().for_each(|id| flow.merge(Flow::of(id, kind)));
            }
        }
        table.columns = Some(columns);
    }
    table
}
