//! The jobs: one file each, saying what it reads, what it depends on besides, and how it makes its output.

mod abuse_cases;
mod bronze;
mod case_models;
mod collusion_tables;
mod concept_neighbours;
mod conduct_signals;
mod deal_tables;
mod detect_collusion;
mod embed_texts;
mod fit_models;
mod fit_ranking;
mod gold;
mod model_versions;
mod new_matches;
mod price_signals;
mod publish_snapshot;
mod run_summary;
mod silver;
mod table_job;
mod tainted_bids;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use arrow::record_batch::RecordBatch;
use deals::ModelKind;
use futures::future::BoxFuture;
use lake::version;
use schemas::{Contract, Layer, TableName};
use sql::Select;

use crate::{
    artefact::Artefact,
    context::{Context, EncoderChoice, Inputs},
    project::Project,
    publish,
};

pub(crate) use embed_texts::{TextVectors, text_key};
pub(crate) use publish_snapshot::SnapshotRefused;

/// What a job declares of one column: its name, its sources as `<table>.<column>`, and how they bear on it.
pub(crate) type Declared = (&'static str, Vec<String>, lineage::Kind);

/// A unit of work with declared reads and writes. It is a pure function of its inputs, its code, its parameters and the
/// slot: what it depends on decides whether its output is already there.
pub(crate) trait Job: Send + Sync {
    /// Returns the job's name.
    fn name(&self) -> String;

    /// Returns the names of the artefacts that it reads.
    fn reads(&self) -> Vec<String>;

    /// Returns the name of the artefact that it writes.
    fn writes(&self) -> String;

    /// Returns what columns of its output are made of, as far as it says: column, sources as `<table>.<column>`, and how.
    fn columns(&self) -> Vec<Declared> {
        Vec::new()
    }

    /// Returns what its output depends on besides its inputs, by name: contract, SQL, code version, parameters.
    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>>;

    /// Makes the output.
    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>>;

    /// Returns the path of the Rust type that does it: its module is the file that says how.
    fn module(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Says whether no other job is to be under way beside it: because it holds much memory that is not of the queries' common budget
    /// (`--memory-mib`), as what is decoded, fitted or indexed is. All jobs of a process share its memory, and each adds its peak to that
    /// of those beside it. That a job uses all cores is no reason: what runs beside it costs as much after it.
    fn is_alone(&self) -> bool {
        false
    }

    /// Names what it depends on that may change while its output stands, for a time that the DAG says; nothing may, of most jobs.
    fn outlives(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// Says whether an output that was made before still stands.
    fn stands<'a>(
        &'a self,
        _context: &'a Context,
        _made: &'a Artefact,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(true) })
    }
}

/// Returns the tables that a SQL file and its contract's references name.
fn reads(select: &Select, contract: &Contract) -> BTreeSet<String> {
    select
        .reads()
        .iter()
        .chain(contract.referenced_tables())
        .map(ToString::to_string)
        .collect()
}

/// Returns what a table made by SQL depends on besides its inputs.
fn said_by(code: &str, select: &Select, contract: &Contract) -> BTreeMap<String, String> {
    BTreeMap::from([
        (
            "code".to_owned(),
            match sql::functions_version(select) {
                none if none.is_empty() => code.to_owned(),
                functions => format!("{code}, {functions}"),
            },
        ),
        ("sql".to_owned(), select.digest()),
        ("contract".to_owned(), contract.digest()),
    ])
}

/// Returns what an output made of documents and their vectors depends on besides its inputs.
fn encoded_by(code: &str, context: &Context) -> BTreeMap<String, String> {
    let encoder = context.encoder.as_ref().map_or("none", EncoderChoice::id);
    BTreeMap::from([
        (
            "code".to_owned(),
            format!("{code}, {}", publish::TEXTS_CODE),
        ),
        ("encoder".to_owned(), encoder.to_owned()),
    ])
}

/// Writes rows that a job made, already in the order of their key, as a table's artefact.
async fn commit_table(
    context: &Context,
    table: &TableName,
    rows: &RecordBatch,
    fingerprint: &str,
) -> Result<Artefact> {
    let contract = context.contract(table)?;
    let scratch = context.lake.scratch()?;
    let made = scratch.file("table");
    let written = sql::write_table(&contract, rows, &made)?;
    let file = version(table, fingerprint, "parquet");
    context.lake.commit(&made, &file).await?;
    Ok(Artefact {
        name: table.to_string(),
        fingerprint: fingerprint.to_owned(),
        digest: written.digest,
        files: vec![file],
        rows: BTreeMap::from([("rows".to_owned(), written.rows)]),
        profile: Some(Arc::new(written.profile)),
        ..Default::default()
    })
}

/// Returns every job of a project.
pub(crate) fn all(project: &Project) -> Result<Vec<Arc<dyn Job>>> {
    let mut jobs: Vec<Arc<dyn Job>> = Vec::new();
    for contract in project.catalog().layer(Layer::Landing) {
        jobs.push(Arc::new(bronze::Bronze::new(&contract.table.name)));
    }
    for (table, select) in project.selects(Layer::Silver)? {
        let contract = project.catalog().get(&table)?;
        jobs.push(Arc::new(silver::Silver::new(contract, select)));
    }
    for (table, select) in project.selects(Layer::Gold)? {
        let contract = project.catalog().get(&table)?;
        jobs.push(Arc::new(gold::Gold::new(contract, select)));
    }
    jobs.push(Arc::new(concept_neighbours::ConceptNeighbours));
    jobs.push(Arc::new(table_job::TableJob(deal_tables::PriceReference)));
    jobs.push(Arc::new(table_job::TableJob(deal_tables::Likelihoods)));
    jobs.push(Arc::new(table_job::TableJob(model_versions::ModelVersions)));
    jobs.push(Arc::new(table_job::TableJob(collusion_tables::OfMarkets(
        collusion_tables::BidScreens,
    ))));
    jobs.push(Arc::new(table_job::TableJob(collusion_tables::OfMarkets(
        collusion_tables::CollusionPairs,
    ))));
    jobs.push(Arc::new(table_job::TableJob(collusion_tables::OfMarkets(
        collusion_tables::CollusionRings,
    ))));
    jobs.push(Arc::new(table_job::TableJob(collusion_tables::OfMarkets(
        collusion_tables::CollusionSignals,
    ))));
    jobs.push(Arc::new(table_job::TableJob(
        conduct_signals::ConductSignals,
    )));
    jobs.push(Arc::new(table_job::TableJob(tainted_bids::TaintedBids)));
    jobs.push(Arc::new(table_job::TableJob(price_signals::PriceSignals)));
    jobs.push(Arc::new(table_job::TableJob(abuse_cases::AbuseCases)));
    jobs.push(Arc::new(table_job::TableJob(case_models::CaseModels)));
    let tables = jobs.iter().map(|job| job.writes()).collect();
    let mut all: Vec<String> = jobs.iter().map(|job| job.writes()).collect();
    jobs.push(Arc::new(table_job::TableJob(run_summary::RunSummary::new(
        tables,
    ))));
    jobs.push(Arc::new(embed_texts::EmbedTexts));
    jobs.push(Arc::new(detect_collusion::DetectCollusion));
    all.extend(["gold.run_summary", "models.text_vectors"].map(str::to_owned));
    for says in ModelKind::ALL {
        jobs.push(Arc::new(fit_models::FitModels { says }));
        all.push(fit_models::artefact_of(says).to_owned());
    }
    jobs.push(Arc::new(publish_snapshot::PublishSnapshot::new(all)));
    jobs.push(Arc::new(table_job::TableJob(new_matches::NewMatches)));
    Ok(jobs)
}
