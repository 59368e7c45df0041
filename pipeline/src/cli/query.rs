//! `pipeline query`.

use std::collections::BTreeMap;

use anyhow::Result;
use arrow::util::pretty::pretty_format_batches;
use lake::Lake;
use schemas::{Layer, TableName};
use sql::{Engine, EngineSettings, Session, Source};

use super::arguments::{Common, Output, QueryArguments};
use crate::project::Project;

pub(super) async fn query(common: &Common, arguments: QueryArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let session = session(&project, &lake).await?;
    let batches = session.first_rows(&arguments.sql, arguments.limit).await?;
    match common.output() {
        Output::Text => println!("{}", pretty_format_batches(&batches)?),
        Output::Json => {
            let mut writer = arrow::json::LineDelimitedWriter::new(std::io::stdout().lock());
            batches.iter().try_for_each(|batch| writer.write(batch))?;
            writer.finish()?;
        }
    }
    Ok(0)
}

/// Opens a session over every table as last published, and the quarantine.
pub(crate) async fn session(project: &Project, lake: &Lake) -> Result<Session> {
    let mut sources = Vec::new();
    for contract in project.catalog().iter() {
        let table = match contract.table.layer {
            Layer::Landing => TableName::new(Layer::Bronze, contract.table.name.clone()),
            _ => contract.table.clone(),
        };
        let contract = match table.layer {
            Layer::Bronze => contract.with_provenance(),
            _ => contract.clone(),
        };
        let files = parquet_files(lake, &format!("{}/{}", table.layer, table.name)).await?;
        sources.push(Source {
            table,
            files,
            schema: schemas::arrow_schema(&contract),
        });
    }
    let session = Engine::new(&EngineSettings::default())?.session(lake.store(), &sources)?;
    let mut refused: BTreeMap<String, Vec<String>> = project
        .catalog()
        .layer(Layer::Landing)
        .map(|contract| (contract.table.name.clone(), Vec::new()))
        .collect();
    for file in parquet_files(lake, "quarantine").await? {
        if let Some(table) = file.split('/').nth(2) {
            refused.entry(table.to_owned()).or_default().push(file);
        }
    }
    session.register_quarantine(lake.store(), refused)?;
    Ok(session)
}

async fn parquet_files(lake: &Lake, folder: &str) -> Result<Vec<String>> {
    let entries = lake.list(folder).await?;
    Ok(entries
        .into_iter()
        .map(|entry| entry.path)
        .filter(|path| path.ends_with(".parquet"))
        .collect())
}
