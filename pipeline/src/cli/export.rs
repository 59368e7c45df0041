//! `pipeline export`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use lake::Lake;
use retrieval::read_vectors;
use schemas::Section;
use serde_json::json;
use snapshot::Reader;

use super::arguments::{Common, LakeArguments, Output};
use crate::{mlflow, models::Models, npy::NpyWriter, report::print_json};

/// Name of the matrix.
const VECTORS: &str = "vectors.npy";
/// Name of the list of whose vector each row is.
const IDS: &str = "ids.json";

/// What to export.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    #[command(subcommand)]
    pub(crate) action: ExportAction,
}

/// Formats of an export.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportAction {
    /// Write the announced snapshot's vectors as `vectors.npy` (float32, rows × dimension, C order, unit length), which
    /// numpy and faiss open, and `ids.json` beside it: the tenant and identifier of each row, in the same order.
    ///
    /// All tenants' rows are in it: keep the files where all of them may be read.
    Npy {
        /// Whose vectors.
        #[arg(long, value_name = "TABLE")]
        table: VectorTable,
        /// Where to write the two files; what is there under their names is replaced.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Write every model version as a run of MLflow, below FOLDER/mlruns: an experiment for each model, with settings, measures, tags and, as
    /// artifacts, card, model and plot. Look at it with
    /// `MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri FOLDER/mlruns`: MLflow 3 wants to be told that files are meant.
    ///
    /// Identifiers are derived from names and versions: exporting again replaces the same runs.
    Mlflow {
        /// Where to write it.
        #[arg(value_name = "FOLDER")]
        out: PathBuf,
    },
}

/// Search collections that have vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VectorTable {
    /// One row per tenant and company.
    Companies,
    /// One row per concept.
    Concepts,
    /// One row per tenant and offer.
    Offers,
}

pub(super) async fn export(common: &Common, arguments: ExportArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    match arguments.action {
        ExportAction::Npy { table, out } => npy(common, &lake, section(table), &out).await,
        ExportAction::Mlflow { out } => mlflow(common, &lake, &out).await,
    }
}

async fn mlflow(common: &Common, lake: &Lake, out: &Path) -> Result<u8> {
    let runs = mlflow::export(&Models::new(lake), out).await?;
    let mlruns = out.join("mlruns");
    match common.output() {
        Output::Json => print_json(&json!({ "runs": runs, "mlruns": mlruns })),
        Output::Text => println!(
            "{runs} runs in {}: `MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri {}` shows them",
            mlruns.display(),
            mlruns.display()
        ),
    }
    Ok(0)
}

const fn section(table: VectorTable) -> Section {
    match table {
        VectorTable::Companies => Section::Companies,
        VectorTable::Concepts => Section::Concepts,
        VectorTable::Offers => Section::Offers,
    }
}

async fn npy(common: &Common, lake: &Lake, section: Section, out: &Path) -> Result<u8> {
    let reader = Reader::new(lake.store().clone());
    let pointer = reader.announced().await?;
    let pointer = pointer.context("no snapshot is announced in this lake yet")?;
    let cache = lake.scratch()?;
    let snapshot = reader.materialise(&pointer, cache.path()).await?;
    let Some(encoder) = &snapshot.manifest.encoder else {
        bail!(
            "snapshot {} holds no vectors: it was made without an encoder (`make model`, then run again)",
            pointer.id
        );
    };
    let folder = snapshot.dir.join(section.as_str());
    let rows = write(&folder, encoder.dimension, out)
        .await
        .with_context(|| {
            format!(
                "cannot export the vectors of {} to {}",
                section.as_str(),
                out.display()
            )
        })?;
    match common.output() {
        Output::Json => print_json(&json!({
            "snapshot_id": pointer.id, "table": section.as_str(), "encoder": encoder.id, "rows": rows,
            "dimension": encoder.dimension, "vectors": out.join(VECTORS), "ids": out.join(IDS),
        })),
        Output::Text => println!(
            "{rows} × {} vectors of {} ({}, snapshot {}) in {}",
            encoder.dimension,
            section.as_str(),
            encoder.id,
            pointer.id,
            out.display()
        ),
    }
    Ok(0)
}

/// Writes both files beside their names, then under them: no reader finds half of one.
async fn write(collection: &Path, dimension: usize, out: &Path) -> Result<usize> {
    fs::create_dir_all(out)?;
    let unfinished = |name: &str| -> PathBuf { out.join(format!(".{name}.part")) };
    let mut matrix = NpyWriter::create(&unfinished(VECTORS), dimension)?;
    let mut ids = Vec::new();
    let mut failed = None;
    let has_vectors = collection.join("vectors.lance").exists();
    if has_vectors {
        read_vectors(collection, |tenant, id, row| {
            // The reader knows its own failures only: ours is kept for after.
            if failed.is_none() {
                failed = matrix.push(row).err();
                ids.push(json!({ "tenant": tenant, "id": id }));
            }
            Ok(())
        })
        .await?;
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    let rows = matrix.finish()?;
    fs::write(unfinished(IDS), serde_json::to_vec(&ids)?)?;
    for name in [IDS, VECTORS] {
        fs::rename(unfinished(name), out.join(name))?;
    }
    Ok(rows)
}
