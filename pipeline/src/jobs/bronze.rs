//! `bronze.<table>`: each landing file of a table, decoded and typed once.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use lake::{bronze_file, quarantine_file};
use schemas::{Contract, Layer, TableName};
use serde::{Deserialize, Serialize};

use super::Job;
use crate::{
    artefact::{Artefact, fingerprint},
    context::{Context, Inputs},
    failpoint,
    landing::LandingFile,
};

/// Raise it when the meaning of a bronze row changes: every file is then ingested again.
const CODE: &str = "bronze 1";

/// Ingests the landing files of one table; a file ingested before is not ingested again.
pub(super) struct Bronze {
    table: TableName,
}

impl Bronze {
    pub(super) fn new(table: &str) -> Self {
        Self {
            table: TableName::new(Layer::Bronze, table),
        }
    }
}

impl Job for Bronze {
    fn name(&self) -> String {
        self.table.to_string()
    }

    fn reads(&self) -> Vec<String> {
        Vec::new()
    }

    fn writes(&self) -> String {
        self.table.to_string()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let landing = TableName::new(Layer::Landing, self.table.name.clone());
        let contract = context.project.catalog().get(&landing)?.digest();
        let files = context.landing.files(&self.table.name).iter();
        let mappings = files.clone().map(|file| {
            let mapping = context.landing.mapping(file);
            (format!("mapping {}", mapping.name()), mapping.digest())
        });
        Ok(files
            .map(|file| {
                let name = context.landing.name(&self.table.name, file);
                let parts = parts(&contract, context, file, &name);
                (format!("landing file {name}"), fingerprint(&parts))
            })
            .chain(mappings)
            .chain([
                ("contract".to_owned(), contract.clone()),
                ("code".to_owned(), CODE.to_owned()),
            ])
            .collect())
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        _inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let landing = TableName::new(Layer::Landing, self.table.name.clone());
            let contract = Arc::new(context.project.catalog().get(&landing)?.clone());
            let files = context.landing.files(&self.table.name);
            let bytes = files.iter().map(|file| file.bytes).sum();
            let progress = context.reporter.bytes(&self.name(), bytes);
            let threads = std::thread::available_parallelism().map_or(2, usize::from);
            let ingesting = files.iter().cloned().map(|file| {
                let (contract, progress) = (Arc::clone(&contract), &progress);
                async move {
                    let ingested = self.ingest(context, contract, &file).await;
                    progress.advance(file.bytes);
                    ingested
                }
                .boxed()
            });
            let outcomes: Vec<Ingested> = stream::iter(ingesting.collect::<Vec<_>>())
                .buffered(threads)
                .try_collect()
                .await?;
            Ok(self.gather(fingerprint, outcomes))
        })
    }
}

/// Returns the bronze file of each landing file of a table, by the name that its rows carry.
pub(super) fn files_by_name(context: &Context, table: &str) -> Result<BTreeMap<String, String>> {
    let landing = TableName::new(Layer::Landing, table);
    let contract = context.project.catalog().get(&landing)?.digest();
    let files = context.landing.files(table).iter();
    let named = files.map(|file| {
        let name = context.landing.name(table, file);
        let key = fingerprint(&parts(&contract, context, file, &name));
        (name, bronze_file(table, &key, "parquet"))
    });
    Ok(named.collect())
}

/// What became of one landing file, as recorded beside its bronze file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Ingested {
    file: String,
    key: String,
    rows_read: u64,
    rows_accepted: u64,
    rows_rejected: u64,
    rows_not_selected: u64,
    rejected_by_rule: BTreeMap<String, u64>,
    notes: Vec<String>,
    /// Why the whole file was refused, where it was.
    refused: Option<String>,
}

/// Returns what the bronze rows of a file depend on.
fn parts(
    contract: &str,
    context: &Context,
    file: &LandingFile,
    name: &str,
) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("code".to_owned(), CODE.to_owned()),
        ("contract".to_owned(), contract.to_owned()),
        ("mapping".to_owned(), context.landing.mapping(file).digest()),
        ("file".to_owned(), name.to_owned()),
        ("digest".to_owned(), file.digest.clone()),
    ])
}

impl Bronze {
    async fn ingest(
        &self,
        context: &Context,
        contract: Arc<Contract>,
        file: &LandingFile,
    ) -> Result<Ingested> {
        let table = &self.table.name;
        let name = context.landing.name(table, file);
        let key = fingerprint(&parts(&contract.digest(), context, file, &name));
        let record = bronze_file("_files", &format!("{table}/{key}"), "json");
        if let Some(ingested) = context.lake.read_json::<Ingested>(&record).await? {
            let rows = bronze_file(table, &key, "parquet");
            if ingested.refused.is_some() || context.lake.exists(&rows).await? {
                return Ok(ingested);
            }
        }
        let scratch = context.lake.scratch()?;
        let (accepted, rejected) = (scratch.file("accepted"), scratch.file("rejected"));
        let local = context.landing.place(file).local(&file.path).await?;
        let (mapping, landed) = (context.landing.mapping(file).clone(), file.clone());
        let (slot, out) = (context.slot, (accepted.clone(), rejected.clone()));
        let named = name.clone();
        let decoder = context.decoders.acquire().await?;
        let report = tokio::task::spawn_blocking(move || {
            bronze::ingest(&bronze::Ingest {
                contract: &contract,
                mapping: &mapping,
                path: local.path(),
                file: &named,
                file_digest: &landed.digest,
                slot,
                accepted: &out.0,
                rejected: &out.1,
            })
        })
        .await?;
        drop(decoder);
        let mut ingested = Ingested {
            file: name.clone(),
            key: key.clone(),
            ..Default::default()
        };
        match report {
            Ok(report) => {
                context
                    .lake
                    .commit(&accepted, &bronze_file(table, &key, "parquet"))
                    .await?;
                let quarantine = quarantine_file(Layer::Bronze, table, &key);
                if report.rows_rejected > 0 {
                    context.lake.commit(&rejected, &quarantine).await?;
                }
                ingested.rows_read = report.rows_read;
                ingested.rows_accepted = report.rows_accepted;
                ingested.rows_rejected = report.rows_rejected;
                ingested.rows_not_selected = report.rows_not_selected;
                ingested.rejected_by_rule = report.rejected_by_rule;
                ingested.notes = notes(&name, &report.unknown_columns, &report.missing_columns);
            }
            Err(error @ bronze::BronzeError::Undecodable { .. }) => {
                ingested.refused = Some(error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        failpoint::point("bronze.before_record");
        context.lake.write_json(&record, &ingested).await?;
        Ok(ingested)
    }

    fn gather(&self, key: &str, files: Vec<Ingested>) -> Artefact {
        let table = &self.table.name;
        let sum = |count: fn(&Ingested) -> u64| files.iter().map(count).sum::<u64>();
        let mut artefact = Artefact {
            name: self.name(),
            fingerprint: key.to_owned(),
            // Bronze rows are a function of their files' keys: the artefact's fingerprint says all there is to say.
            digest: key.to_owned(),
            rows: BTreeMap::from([
                ("read".to_owned(), sum(|f| f.rows_read)),
                ("rows".to_owned(), sum(|f| f.rows_accepted)),
                ("quarantined".to_owned(), sum(|f| f.rows_rejected)),
                ("not_selected".to_owned(), sum(|f| f.rows_not_selected)),
                ("files".to_owned(), files.len() as u64),
                (
                    "files_refused".to_owned(),
                    files.iter().filter(|f| f.refused.is_some()).count() as u64,
                ),
            ]),
            ..Default::default()
        };
        for file in files {
            if file.refused.is_none() {
                artefact
                    .files
                    .push(bronze_file(table, &file.key, "parquet"));
            }
            if file.rows_rejected > 0 {
                artefact
                    .quarantine
                    .push(quarantine_file(Layer::Bronze, table, &file.key));
            }
            for (rule, rows) in file.rejected_by_rule {
                *artefact.quarantined_by_rule.entry(rule).or_default() += rows;
            }
            artefact
                .notes
                .extend(file.refused.map(|reason| format!("file refused: {reason}")));
            artefact.notes.extend(file.notes);
        }
        artefact
    }
}

fn notes(file: &str, unknown: &[String], missing: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    if !unknown.is_empty() {
        notes.push(format!(
            "{file}: columns not in the contract, left out: {}",
            unknown.join(", ")
        ));
    }
    if !missing.is_empty() {
        notes.push(format!(
            "{file}: required columns missing: {}",
            missing.join(", ")
        ));
    }
    notes
}
