//! Runs a test in a lake of its own.

use std::{collections::BTreeMap, fs::File, path::Path};

use anyhow::{Context as _, Result, bail};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use schemas::{Contract, Layer, TableName, arrow_schema};
use serde_json::{Map, Value, json};
use snapshot::Store;
use sql::{Engine, EngineSettings, GoldRequest, Select, SilverRequest, Source};

use super::{
    compare::{differences, refusals},
    fixture::{Fixture, Rows},
};
use crate::{
    project::Project,
    rows::{self, Row},
};

/// How a test ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How what came out differs from what was expected; nothing where it passed.
    pub(crate) differences: Vec<String>,
}

/// What a table's SQL made of given rows.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) rows: Rows,
    pub(super) quarantine: Rows,
    error: Option<String>,
}

/// Runs a test.
pub(crate) async fn run(project: &Project, test: &Fixture) -> Result<Outcome> {
    let contract = project.catalog().get(test.table()?)?;
    let made = make(project, test).await?;
    let mut told = Vec::new();
    match (&test.expect.error, &made.error) {
        (None, Some(error)) => told.push(format!("the job failed: {error}")),
        (Some(wanted), None) => told.push(format!("the job did not fail; expected {wanted:?}")),
        (Some(wanted), Some(error)) if !error.contains(wanted.as_str()) => {
            told.push(format!(
                "the job failed with {error:?}, expected {wanted:?}"
            ));
        }
        (_, Some(_)) => {}
        (None, None) => {
            if let Some(expected) = &test.expect.rows {
                told.extend(differences(contract, expected, &made.rows)?);
            }
            if let Some(expected) = &test.expect.quarantine {
                told.extend(refusals(expected, &made.quarantine));
            }
        }
    }
    Ok(Outcome { differences: told })
}

/// Makes the table of a test from the rows that it gives.
pub(super) async fn make(project: &Project, test: &Fixture) -> Result<Made> {
    let table = test.table()?;
    let contract = project.catalog().get(table)?;
    let select = Select::read(&project.path(&format!("dags/{}/{}.sql", table.layer, table.name)))
        .with_context(|| {
        format!("{table} is made by no SQL file: a job's own tests are beside its code")
    })?;
    let folder = lake::Lake::open(
        &std::env::temp_dir()
            .join("marketlounge-sql-tests")
            .display()
            .to_string(),
    )?;
    let scratch = folder.scratch()?;
    let dir = scratch.path();
    let bronze = TableName::new(Layer::Bronze, table.name.clone());
    let mut reads: Vec<TableName> = select.reads().iter().cloned().collect();
    reads.extend(contract.referenced_tables().cloned());
    if table.layer == Layer::Silver {
        reads.push(bronze.clone());
    }
    reads.sort();
    reads.dedup();
    if let Some(other) = test.given.keys().find(|given| !reads.contains(given)) {
        let known: Vec<String> = reads.iter().map(ToString::to_string).collect();
        bail!(
            "{table} does not read {other}: it reads {}",
            known.join(", ")
        );
    }
    let mut sources = Vec::new();
    let mut counts = BTreeMap::new();
    for read in reads {
        let of_read = contract_of(project, &read)?;
        let given = test.given.get(&read).cloned().unwrap_or_default();
        counts.insert(read.clone(), given.len() as u64);
        let mut files = Vec::new();
        if !given.is_empty() {
            let file = format!("{read}.parquet");
            let batch =
                batch(&of_read, given, test).with_context(|| format!("rows given of {read}"))?;
            write(&batch, &dir.join(&file))?;
            files.push(file);
        }
        let schema = arrow_schema(&of_read);
        sources.push(Source {
            table: read,
            files,
            schema,
        });
    }
    let settings = EngineSettings {
        threads: 1,
        ..EngineSettings::default()
    };
    let store = Store::open(&dir.display().to_string())?;
    let session = Engine::new(&settings)?.session(&store, &sources)?;
    let (segments, quarantined) = (dir.join("kept"), dir.join("quarantined.parquet"));
    std::fs::create_dir_all(&segments)?;
    // A table of tests is one segment.
    let kept = segments.join("00000");
    let built = match table.layer {
        Layer::Silver => {
            let request = SilverRequest {
                contract,
                bronze: &contract_of(project, &bronze)?,
                bronze_rows: counts.get(&bronze).copied().unwrap_or(0),
                select: &select,
                segment_rows: u64::MAX,
                kept: &segments,
                quarantined: &quarantined,
            };
            session.build_silver(&request).await.map(|_| ())
        }
        _ => {
            let request = GoldRequest {
                contract,
                select: &select,
                file: &kept,
            };
            session.build_gold(&request).await.map(|_| ())
        }
    };
    if let Err(error) = built {
        return Ok(Made {
            error: Some(format!("{:#}", anyhow::Error::new(error))),
            ..Made::default()
        });
    }
    Ok(Made {
        rows: read(&kept)?,
        quarantine: if table.layer == Layer::Silver {
            read(&quarantined)?
        } else {
            Rows::new()
        },
        error: None,
    })
}

pub(super) fn contract_of(project: &Project, table: &TableName) -> Result<Contract> {
    if table.layer == Layer::Bronze {
        let landing = TableName::new(Layer::Landing, table.name.clone());
        return Ok(project.catalog().get(&landing)?.with_provenance());
    }
    Ok(project.catalog().get(table)?.clone())
}

/// Returns given rows as the table's; those of bronze have the provenance of one file, a line each, unless they say theirs.
fn batch(contract: &Contract, mut given: Rows, test: &Fixture) -> Result<RecordBatch> {
    if contract.table.layer == Layer::Bronze {
        let slot = test.slot()?.to_string();
        for (place, row) in given.iter_mut().enumerate() {
            let provenance = [
                ("_file", json!("given")),
                ("_line", json!(place + 1)),
                ("_file_digest", json!("given")),
                ("_slot", json!(slot)),
            ];
            for (name, value) in provenance {
                row.entry(name).or_insert(value);
            }
        }
    }
    for row in &given {
        if let Some(name) = row.keys().find(|name| contract.column(name).is_none()) {
            let known: Vec<&str> = contract.columns.iter().map(|c| c.name.as_str()).collect();
            bail!("there is no column {name}: there are {}", known.join(", "));
        }
    }
    let texts: Vec<Map<String, Value>> = given
        .into_iter()
        .map(|row| as_text(contract, row))
        .collect();
    rows::batch(contract, &texts)
}

/// A number or list in a column of texts is that text: `postal_code: 69003` is what people write.
fn as_text(contract: &Contract, row: Map<String, Value>) -> Map<String, Value> {
    let is_text = |name: &str| {
        let kind = contract.column(name).map(|column| column.kind);
        matches!(
            kind,
            Some(schemas::ColumnKind::String | schemas::ColumnKind::Json)
        )
    };
    row.into_iter()
        .map(|(name, value)| match value {
            Value::Number(_) | Value::Array(_) | Value::Object(_) if is_text(&name) => {
                (name, Value::String(value.to_string()))
            }
            value => (name, value),
        })
        .collect()
}

fn write(batch: &RecordBatch, path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None)?;
    writer.write(batch)?;
    writer.close()?;
    Ok(())
}

fn read(path: &Path) -> Result<Rows> {
    let mut found = Rows::new();
    for batch in rows::open(path)? {
        found.extend(Row::all(&batch?).map(Row::json));
    }
    Ok(found)
}
