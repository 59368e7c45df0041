//! `pipeline contracts`.

use anyhow::{Context as _, Result, bail};
use schemas::{Catalog, Contract, Layer, TableName, compare, render};
use serde_json::json;

use super::arguments::{Common, ContractsAction, ContractsArguments, Output};
use crate::{dag, jobs, project::Project, report::print_json, sql_tests::read_all};

pub(super) fn contracts(common: &Common, arguments: &ContractsArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    match &arguments.action {
        ContractsAction::List => list(&project, common.output()),
        ContractsAction::Check { against } => {
            check(&project)?;
            if let Some(before) = against {
                check_against(&project, &Catalog::load(before)?)?;
            }
            println!(
                "{} contracts fit together",
                project.catalog().iter().count()
            );
        }
        ContractsAction::Render { table } => render_all(&project, table.as_ref(), common.output())?,
    }
    Ok(0)
}

fn list(project: &Project, output: Output) {
    for contract in project.catalog().iter() {
        let (table, version) = (contract.table.to_string(), &contract.version);
        let (columns, rules) = (contract.columns.len(), contract.rules.len());
        match output {
            Output::Json => print_json(&json!({
                "table": table, "version": version, "key": contract.key, "columns": columns,
                "rules": rules, "gates": contract.gates, "on_failure": contract.on_failure, "owner": contract.owner, "freshness": contract.freshness,
            })),
            Output::Text => println!(
                "{table:26} {version:8} {columns:3} columns {rules:3} rules  key {}",
                contract.key.join(", ")
            ),
        }
    }
}

/// Checks what the catalog alone cannot see: every silver and gold table is made once, every DAG has an order.
fn check(project: &Project) -> Result<()> {
    let jobs = jobs::all(project)?;
    let made: Vec<String> = jobs.iter().map(|job| job.writes()).collect();
    for layer in [Layer::Silver, Layer::Gold] {
        for contract in project.catalog().layer(layer) {
            if !made.contains(&contract.table.to_string()) {
                bail!(
                    "{} has a contract, but neither a SQL file nor a job makes it",
                    contract.table
                );
            }
        }
    }
    for contract in project.catalog().layer(Layer::Silver) {
        let landing = TableName::new(Layer::Landing, contract.table.name.clone());
        project.catalog().get(&landing)?;
    }
    for test in read_all(project, None)? {
        project
            .catalog()
            .get(test.table()?)
            .with_context(|| format!("{}: {}", test.path.display(), test.name))?;
    }
    for name in project.dag_names()? {
        let dag = project.dag(&name)?;
        dag.scheduled(&name)?;
        project.mappings(&dag.sources)?;
        dag::order(&jobs, &dag.targets)?;
    }
    Ok(())
}

fn check_against(project: &Project, before: &Catalog) -> Result<()> {
    let mut broken = Vec::new();
    for old in before.iter() {
        match project.catalog().get(&old.table) {
            Ok(new) => {
                let reasons = compare(old, new).into_iter().map(|b| b.reason);
                broken.extend(reasons.map(|reason| format!("{}: {reason}", old.table)));
            }
            Err(_) => broken.push(format!("{}: the table is gone", old.table)),
        }
    }
    if !broken.is_empty() {
        bail!(
            "readers break; raise the major version or undo the change:\n  {}",
            broken.join("\n  ")
        );
    }
    Ok(())
}

fn render_all(project: &Project, table: Option<&TableName>, output: Output) -> Result<()> {
    let show = |contract: &Contract| match output {
        Output::Json => print_json(&json!(contract)),
        Output::Text => println!("{}", render(contract)),
    };
    if let Some(table) = table {
        show(project.catalog().get(table)?);
        return Ok(());
    }
    if output == Output::Text {
        println!("# Data dictionary\n");
    }
    project.catalog().iter().for_each(show);
    Ok(())
}
