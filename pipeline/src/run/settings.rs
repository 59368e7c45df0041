//! What a run is told, and the context made from it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use encoder::{ModelList, find_model};
use lake::Lake;
use schemas::Slot;
use sql::{Engine, EngineSettings};

use crate::{
    context::{Context, EncoderChoice},
    dag::DagFile,
    landing::Landing,
    project::Project,
    report::Reporter,
};

/// What an operator may say of a run.
#[derive(Debug, Clone)]
pub(crate) struct RunSettings {
    pub(crate) dag: String,
    pub(crate) slot: Slot,
    pub(crate) lake: String,
    /// The landing area; `<lake>/landing` where none is named.
    pub(crate) landing: Option<String>,
    /// The folder of encoders; `<project>/models/weights` where none is named.
    pub(crate) weights: Option<PathBuf>,
    /// The encoder's name; the default of `models/models.toml` where none is named, and no encoder where it is `none`.
    pub(crate) model: Option<String>,
    pub(crate) memory_bytes: usize,
    pub(crate) threads: usize,
}

/// Opens all that a run works with.
pub(crate) async fn prepare(
    project: Project,
    settings: &RunSettings,
    reporter: Reporter,
) -> Result<(DagFile, Context)> {
    let dag = project.dag(&settings.dag)?;
    let lake = Lake::open(&settings.lake)?;
    let area = match &settings.landing {
        Some(landing) => Lake::open_existing(landing)?,
        None => Lake::open(&format!("{}/landing", settings.lake.trim_end_matches('/')))?,
    };
    let mappings = project.mappings(&dag.sources)?;
    let landing = Landing::scan(area, mappings)
        .await
        .context("cannot read the landing area")?;
    landing
        .duplicates()
        .iter()
        .for_each(|twin| reporter.note(&format!("skip  landing file: {twin}")));
    let encoder = choose_encoder(&project, settings, reporter)?;
    let scratch = lake.scratch()?;
    let engine = Engine::new(&EngineSettings {
        memory_bytes: settings.memory_bytes,
        threads: settings.threads,
        spill_folder: scratch.path().parent().map(|folder| folder.join("spill")),
    })?;
    let slot = settings.slot;
    Ok((
        dag,
        Context {
            project,
            lake,
            landing,
            engine,
            slot,
            encoder,
            reporter,
        },
    ))
}

fn choose_encoder(
    project: &Project,
    settings: &RunSettings,
    reporter: Reporter,
) -> Result<Option<EncoderChoice>> {
    let weights = settings
        .weights
        .clone()
        .unwrap_or_else(|| project.path("models/weights"));
    let name = match &settings.model {
        Some(name) if name == "none" => return Ok(None),
        Some(name) => name.clone(),
        None => ModelList::read(&project.path("models/models.toml"))?.default,
    };
    match find_model(&weights, &name) {
        Some(folder) => Ok(Some(EncoderChoice::new(folder)?)),
        None if settings.model.is_some() => {
            anyhow::bail!(
                "no encoder {name} in {}: see `make model`",
                weights.display()
            )
        }
        None => {
            reporter.note(&format!(
                "note  no encoder {name} in {}: the match will be lexical only (`make model` fetches it)",
                weights.display()
            ));
            Ok(None)
        }
    }
}
