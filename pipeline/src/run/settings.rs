//! What a run is told, and the context made from it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use encoder::{CrossEncoder, EncoderError, EncoderSettings, ModelList, find_model};
use lake::{Asked, Lake, Ledger, RunId, RunRecord};
use schemas::{Environment, Manifest, Slot};
use snapshot::{Reader, SnapshotError};
use sql::{Engine, EngineSettings};
use tokio::sync::Semaphore;

use crate::{
    after::{After, AfterSettings},
    cancel::Cancel,
    context::{Context, EncoderChoice},
    dag::DagFile,
    environments,
    landing::{Area, Landing},
    project::Project,
    publish::Standing,
    report::Reporter,
};

/// The source mappings of files in the project's own shapes.
const DEFAULT_SOURCES: &str = "default";

/// What an operator may say of a run.
#[derive(Debug, Clone)]
pub(crate) struct RunSettings {
    pub(crate) dag: String,
    pub(crate) slot: Slot,
    pub(crate) lake: String,
    /// A landing area beside `<lake>/landing`, read through the DAG's source mappings.
    pub(crate) landing: Option<String>,
    /// The folder of encoders; `<project>/models/weights` where none is named.
    pub(crate) weights: Option<PathBuf>,
    /// The encoder's name; the default of `models/models.toml` where none is named, and no encoder where it is `none`.
    pub(crate) model: Option<String>,
    /// The cross-encoder's name; that of `models/models.toml` where none is named and its folder is there, and none where it is `none`.
    pub(crate) reranker: Option<String>,
    pub(crate) memory_bytes: usize,
    pub(crate) threads: usize,
    /// How many jobs may be under way at one time.
    pub(crate) jobs_at_once: usize,
    /// What follows the run: who is told.
    pub(crate) after: AfterSettings,
    /// The environment whose pointers move; those of the lake itself where none is named.
    pub(crate) environment: Option<Environment>,
    /// Which jobs.
    pub(crate) choice: ChoiceSettings,
    /// Whether what a newer slot announced and published stays.
    pub(crate) keeps_newer: bool,
    /// Whether models are fitted anew, however little is new.
    pub(crate) refits: bool,
}

/// Which jobs of a DAG a run is of.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChoiceSettings {
    pub(crate) select: Vec<String>,
    pub(crate) exclude: Vec<String>,
    /// The lake or run that states are compared with.
    pub(crate) state: Option<String>,
    /// The jobs that this came to, where a run is taken up.
    pub(crate) jobs: Vec<String>,
    /// The run that is taken up.
    pub(crate) retries: Option<RunId>,
}

impl RunSettings {
    /// Returns the landing area of the lake itself.
    fn own_landing(&self) -> String {
        format!("{}/landing", self.lake.trim_end_matches('/'))
    }

    /// Returns what a run was told, to be told again.
    pub(crate) fn again(record: &RunRecord, lake: &str, environment: Option<Environment>) -> Self {
        let asked = record.beginning.asked.clone();
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            dag: record.dag.clone(),
            slot: record.slot,
            lake: lake.to_owned(),
            landing: asked.landing,
            weights: asked.weights.map(PathBuf::from),
            model: asked.model,
            reranker: asked.reranker,
            memory_bytes: count(asked.memory_bytes),
            threads: count(asked.threads),
            jobs_at_once: match asked.jobs_at_once {
                0 => count(asked.threads),
                jobs => count(jobs),
            },
            environment,
            choice: ChoiceSettings {
                select: asked.select,
                exclude: asked.exclude,
                state: asked.state,
                jobs: asked.jobs,
                retries: Some(record.run.clone()),
            },
            keeps_newer: true,
            refits: asked.refits,
            after: AfterSettings::default(),
        }
    }

    /// Returns what the ledger keeps of them.
    fn asked(&self) -> Asked {
        let choice = self.choice.clone();
        Asked {
            select: choice.select,
            exclude: choice.exclude,
            jobs: choice.jobs,
            state: choice.state,
            landing: self.landing.clone(),
            weights: self
                .weights
                .as_ref()
                .map(|folder| folder.display().to_string()),
            model: self.model.clone(),
            reranker: self.reranker.clone(),
            memory_bytes: self.memory_bytes as u64,
            threads: self.threads as u64,
            jobs_at_once: self.jobs_at_once as u64,
            keeps_newer: self.keeps_newer,
            refits: self.refits,
        }
    }

    /// Returns the folder of models.
    fn weights_folder(&self, project: &Project) -> PathBuf {
        let own = || project.path("models/weights");
        self.weights.clone().unwrap_or_else(own)
    }
}

/// Opens all that a run works with.
pub(crate) async fn prepare(
    project: Project,
    settings: &RunSettings,
    reporter: Reporter,
) -> Result<(DagFile, Context)> {
    let dag = project.dag(&settings.dag)?;
    // What an operator wrote is checked before hours of work, not after.
    project.experiment()?;
    let after = After::read(&project, &settings.after)?;
    let lake = Lake::open(&settings.lake)?.in_environment(settings.environment.clone());
    environments::ensure(&lake).await?;
    let landing = Landing::scan(areas(&project, settings, &dag)?)
        .await
        .context("cannot read the landing area")?;
    landing
        .notes()
        .iter()
        .for_each(|note| reporter.note(&format!("left  {note}")));
    if landing.is_empty() {
        anyhow::bail!(
            "nothing has landed in {}: put files there, or write the demo market with `pipeline demo`",
            settings
                .landing
                .clone()
                .unwrap_or_else(|| settings.own_landing())
        );
    }
    let encoder = choose_encoder(&project, settings, reporter)?;
    let reranker = choose_reranker(&project, settings)?;
    let scratch = lake.scratch()?;
    let engine = Engine::new(&EngineSettings {
        memory_bytes: settings.memory_bytes,
        threads: settings.threads,
        spill_folder: scratch.path().parent().map(|folder| folder.join("spill")),
    })?;
    let slot = settings.slot;
    let announces = !settings.keeps_newer || !has_newer(&lake, slot).await?;
    let before = announced_before(&lake, slot, reporter).await?;
    let refit = dag.refit.filter(|_| !settings.refits);
    Ok((
        dag,
        Context {
            project,
            lake,
            landing,
            engine,
            slot,
            encoder,
            reranker,
            before,
            reporter,
            asked: settings.asked(),
            retries: settings.choice.retries.clone(),
            cancel: Cancel::default(),
            announces,
            refit,
            after,
            jobs_at_once: settings.jobs_at_once,
            decoders: Semaphore::new(settings.threads.max(1)),
        },
    ))
}

/// Says whether anything of a newer slot is announced or published.
async fn has_newer(lake: &Lake, slot: Slot) -> Result<bool> {
    let announced = environments::announced_slot(lake).await?;
    let published = Standing::read(lake).await?.newest_slot();
    Ok(announced.max(published) > Some(slot))
}

/// Returns the manifest of the snapshot that the last run for an earlier slot announced. It does not change while a slot is run
/// again and again, so neither does what is told by it.
async fn announced_before(lake: &Lake, slot: Slot, reporter: Reporter) -> Result<Option<Manifest>> {
    let last = Ledger::new(lake.clone()).last_before(slot).await?;
    let Some(id) = last.and_then(|run| run.snapshot.or(run.recorded)) else {
        return Ok(None);
    };
    let manifest = Reader::new(lake.store().clone()).manifest(&id, None).await;
    match manifest {
        Err(SnapshotError::Refused { .. }) => {
            reporter.note(&format!(
                "note  snapshot {id}, announced before {slot}, is gone: nothing can be new since"
            ));
            Ok(None)
        }
        manifest => Ok(Some(manifest?)),
    }
}

/// Returns the landing areas of a run: the lake's own, and the one named with its DAG's source mappings.
fn areas(project: &Project, settings: &RunSettings, dag: &DagFile) -> Result<Vec<Area>> {
    let own = settings.own_landing();
    let is_there = own.contains("://") || std::path::Path::new(&own).is_dir();
    let own = is_there.then(|| Lake::open_existing(&own)).transpose()?;
    let identity = |set: &str| anyhow::Ok(project.with_identity(project.mappings(set)?));
    let Some(landing) = &settings.landing else {
        let mappings = identity(&dag.sources)?;
        return Ok(own
            .into_iter()
            .map(|place| Area {
                place,
                mappings: mappings.clone(),
            })
            .collect());
    };
    let place = Lake::open_existing(landing)?;
    let is_own = own
        .as_ref()
        .is_some_and(|own| own.store().url() == place.store().url());
    let mappings = match dag.sources == DEFAULT_SOURCES || is_own {
        true => identity(&dag.sources)?,
        false => project.mappings(&dag.sources)?,
    };
    let defaults = identity(DEFAULT_SOURCES)?;
    let own = own.filter(|_| !is_own).map(|place| Area {
        place,
        mappings: defaults,
    });
    Ok(own.into_iter().chain([Area { place, mappings }]).collect())
}

fn choose_encoder(
    project: &Project,
    settings: &RunSettings,
    reporter: Reporter,
) -> Result<Option<EncoderChoice>> {
    let weights = settings.weights_folder(project);
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

/// Returns the id of the cross-encoder; loading it is how the id is known.
fn choose_reranker(project: &Project, settings: &RunSettings) -> Result<Option<String>> {
    if settings.reranker.as_deref() == Some("none") {
        return Ok(None);
    }
    let weights = settings.weights_folder(project);
    let list = match ModelList::read(&project.path("models/models.toml")) {
        Ok(list) => Some(list),
        // A project without the list names no cross-encoder.
        Err(EncoderError::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let named = list.as_ref().and_then(|list| list.reranker.clone());
    let Some(name) = settings.reranker.clone().or(named) else {
        return Ok(None);
    };
    let Some(folder) = find_model(&weights, &name) else {
        if settings.reranker.is_some() {
            anyhow::bail!("no cross-encoder {name} in {}", weights.display());
        }
        return Ok(None);
    };
    let encoder_settings = EncoderSettings {
        weights_sha256: list
            .as_ref()
            .and_then(|list| list.weights_sha256(&name))
            .map(str::to_owned),
        ..EncoderSettings::default()
    };
    let reranker = CrossEncoder::load(&folder, &encoder_settings)?;
    Ok(Some(reranker.id().to_owned()))
}
