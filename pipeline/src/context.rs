//! What every job of a run works with.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail};
use encoder::{Encoder, EncoderSettings};
use lake::{Asked, Lake, RunId};
use schemas::{Contract, Layer, Manifest, Slot, TableName};
use sql::{Engine, Source};
use tokio::sync::Semaphore;

use crate::{
    after::After, artefact::Artefact, cancel::Cancel, dag::Refit, landing::Landing,
    project::Project, report::Reporter,
};

/// The things of one run that jobs share.
pub(crate) struct Context {
    pub(crate) project: Project,
    pub(crate) lake: Lake,
    pub(crate) landing: Landing,
    pub(crate) engine: Engine,
    pub(crate) slot: Slot,
    pub(crate) encoder: Option<EncoderChoice>,
    /// The id of the cross-encoder that nodes are to rerank with.
    pub(crate) reranker: Option<String>,
    /// The snapshot that was announced before the slot, where there was one.
    pub(crate) before: Option<Manifest>,
    pub(crate) reporter: Reporter,
    /// What the run was told.
    pub(crate) asked: Asked,
    /// The run that it takes up.
    pub(crate) retries: Option<RunId>,
    /// Whether somebody asked that the run end.
    pub(crate) cancel: Cancel,
    /// Whether what is made is announced and published; not where a newer slot's stands and was to be kept.
    pub(crate) announces: bool,
    /// When models are fitted anew; whenever anything that they learn from changed where it does not say.
    pub(crate) refit: Option<Refit>,
    /// What follows a run.
    pub(crate) after: After,
    /// How many jobs may be under way at one time.
    pub(crate) jobs_at_once: usize,
    /// Lets as many landing files be decoded at one time as there are threads, whatever jobs they are of: what is decoded is memory
    /// outside the budget of queries.
    pub(crate) decoders: Semaphore,
}

/// The encoder of a run: its identity at once, its weights only when a text needs them.
pub(crate) struct EncoderChoice {
    folder: PathBuf,
    id: String,
    loaded: Mutex<Option<Arc<Encoder>>>,
}

impl EncoderChoice {
    /// Chooses the encoder in a folder; its id comes from the folder's name and the bytes of its weights.
    pub(crate) fn new(folder: PathBuf) -> Result<Self> {
        let encoder = Encoder::load(&folder, &EncoderSettings::default())?;
        let id = encoder.id().to_owned();
        Ok(Self {
            folder,
            id,
            loaded: Mutex::new(Some(Arc::new(encoder))),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the encoder, loading it where that has not happened yet.
    pub(crate) fn get(&self) -> Result<Arc<Encoder>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoder) = loaded.as_ref() {
            return Ok(Arc::clone(encoder));
        }
        let encoder = Arc::new(Encoder::load(&self.folder, &EncoderSettings::default())?);
        *loaded = Some(Arc::clone(&encoder));
        Ok(encoder)
    }
}

/// The artefacts that a job reads, by name.
pub(crate) type Inputs = BTreeMap<String, Artefact>;

impl Context {
    /// Returns the contract of a table; that of a bronze table is the landing one with provenance.
    pub(crate) fn contract(&self, table: &TableName) -> Result<Contract> {
        let catalog = self.project.catalog();
        if table.layer == Layer::Bronze {
            let landing = TableName::new(Layer::Landing, table.name.clone());
            return Ok(catalog.get(&landing)?.with_provenance());
        }
        Ok(catalog.get(table)?.clone())
    }

    /// Opens a SQL session over artefacts that are tables.
    pub(crate) fn session(&self, inputs: &Inputs) -> Result<sql::Session> {
        let mut sources = Vec::new();
        for (name, artefact) in inputs {
            let Ok(table) = name.parse::<TableName>() else {
                continue;
            };
            let schema = schemas::arrow_schema(&self.contract(&table)?);
            sources.push(Source {
                table,
                files: artefact.files.clone(),
                schema,
            });
        }
        Ok(self.engine.session(self.lake.store(), &sources)?)
    }

    /// Returns an input that a job declared.
    pub(crate) fn input<'a>(&self, inputs: &'a Inputs, name: &str) -> Result<&'a Artefact> {
        inputs
            .get(name)
            .with_context(|| format!("{name} is not among the inputs"))
    }

    /// Returns the files of an input table, in the order of its key.
    pub(crate) async fn input_files(
        &self,
        inputs: &Inputs,
        name: &str,
    ) -> Result<Vec<lake::LocalFile>> {
        let mut files = Vec::new();
        for file in &self.input(inputs, name)?.files {
            files.push(self.lake.local(file).await?);
        }
        Ok(files)
    }

    /// Returns the single file of an input table.
    pub(crate) async fn input_file(&self, inputs: &Inputs, name: &str) -> Result<lake::LocalFile> {
        match self.input(inputs, name)?.files.as_slice() {
            [file] => Ok(self.lake.local(file).await?),
            files => bail!("{name} has {} files where one was expected", files.len()),
        }
    }
}
