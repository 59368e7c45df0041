//! `pipeline query`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use arrow::util::pretty::pretty_format_batches;
use lake::Lake;
use schemas::{Layer, TableName};
use sql::{Engine, EngineSettings, Session, Source};

use super::arguments::{Common, Output, QueryArguments};
use crate::{environments, project::Project, publish::Standing, published::published_paths};

pub(super) async fn query(common: &Common, arguments: QueryArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = arguments.lake.open_existing()?;
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
    let published = Published::read(lake).await?;
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
        let files = published.files(lake, &table).await?;
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
    for file in published.quarantine(lake).await? {
        if let Some(table) = file.split('/').nth(2) {
            refused.entry(table.to_owned()).or_default().push(file);
        }
    }
    session.register_quarantine(lake.store(), refused)?;
    Ok(session)
}

/// Which files are whose, where environments share the folders of bronze and quarantine.
struct Published {
    own: Standing,
    /// Files that only other environments name.
    foreign: BTreeSet<String>,
}

impl Published {
    async fn read(lake: &Lake) -> Result<Self> {
        let own = Standing::read(lake).await?;
        let mut foreign = BTreeSet::new();
        for other in environments::every(lake).await? {
            if other.store().environment() != lake.store().environment() {
                let standing = Standing::read(&other).await?;
                foreign.extend(standing.files(&other, Layer::Bronze.as_str()).await?);
                foreign.extend(standing.files(&other, Layer::Silver.as_str()).await?);
            }
        }
        for layer in [Layer::Bronze, Layer::Silver] {
            for file in own.files(lake, layer.as_str()).await? {
                foreign.remove(&file);
            }
        }
        Ok(Self { own, foreign })
    }

    /// Returns the files of a table: what stands, or what is there where nothing was published yet.
    async fn files(&self, lake: &Lake, table: &TableName) -> Result<Vec<String>> {
        if matches!(table.layer, Layer::Silver | Layer::Gold) {
            return Ok(published_paths(lake, table).await?.unwrap_or_default());
        }
        if let Some(made) = self.own.artefact(lake, &table.to_string()).await? {
            return Ok(made.files);
        }
        let folder = lake.own(&format!("{}/{}", table.layer, table.name));
        let mut files = parquet_files(lake, &folder).await?;
        files.retain(|file| !self.foreign.contains(file));
        Ok(files)
    }

    async fn quarantine(&self, lake: &Lake) -> Result<Vec<String>> {
        let mut files = match lake.store().environment() {
            None => parquet_files(lake, "quarantine").await?,
            Some(_) => {
                let mut own = self.own.files(lake, Layer::Bronze.as_str()).await?;
                own.extend(self.own.files(lake, Layer::Silver.as_str()).await?);
                own.retain(|file| file.starts_with("quarantine/"));
                own
            }
        };
        files.retain(|file| !self.foreign.contains(file));
        Ok(files)
    }
}

async fn parquet_files(lake: &Lake, folder: &str) -> Result<Vec<String>> {
    let entries = lake.list(folder).await?;
    Ok(entries
        .into_iter()
        .map(|entry| entry.path)
        .filter(|path| path.ends_with(".parquet"))
        .collect())
}
