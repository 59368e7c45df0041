//! The project: contracts, DAGs, SQL and source mappings, found from the folder that holds them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use bronze::Mapping;
use deals::PriceRules;
use schemas::{Catalog, Layer, TableName};
use sql::Select;

use crate::{
    dag::DagFile,
    experiment::{self, Experiment},
};

/// A project folder with its contracts read.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    catalog: Catalog,
}

impl Project {
    /// Opens the project at `root`, or the nearest one at or above the current folder.
    pub(crate) fn open(root: Option<&Path>) -> Result<Self> {
        let root = match root {
            Some(root) => root.to_owned(),
            None => find(&std::env::current_dir()?)?,
        };
        let catalog = Catalog::load(&root.join("schemas"))?;
        Ok(Self { root, catalog })
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns a path below the project.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Reads `dags/<name>.toml`.
    pub(crate) fn dag(&self, name: &str) -> Result<DagFile> {
        let path = self.path(&format!("dags/{name}.toml"));
        if !path.exists() {
            bail!(
                "no DAG named {name}: there is {}",
                self.dag_names()?.join(", ")
            );
        }
        DagFile::read(&path)
    }

    /// Returns the names of the DAGs.
    pub(crate) fn dag_names(&self) -> Result<Vec<String>> {
        stems(&self.path("dags"), "toml")
    }

    /// Reads every SQL file of a layer, by table.
    pub(crate) fn selects(&self, layer: Layer) -> Result<Vec<(TableName, Select)>> {
        let folder = self.path(&format!("dags/{layer}"));
        let read = |name: String| {
            let select = Select::read(&folder.join(format!("{name}.sql")))?;
            let table = TableName::new(layer, name);
            self.catalog
                .get(&table)
                .with_context(|| format!("dags/{layer}/{}.sql has no contract", table.name))?;
            Ok((table, select))
        };
        stems(&folder, "sql")?.into_iter().map(read).collect()
    }

    /// Reads the rules that are applied to prices after the models; none where the project has no such file.
    pub(crate) fn price_rules(&self) -> Result<PriceRules> {
        let path = self.path("data/price_rules.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(PriceRules::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Reads the experiment that is declared; none where the project has no such file.
    pub(crate) fn experiment(&self) -> Result<Option<Experiment>> {
        Experiment::read(&self.path(experiment::FILE))
    }

    /// Reads a set of source mappings.
    pub(crate) fn mappings(&self, set: &str) -> Result<Vec<Mapping>> {
        let folder = self.path(&format!("schemas/sources/{set}"));
        if !folder.is_dir() {
            bail!(
                "no source mappings named {set}: expected the folder {}",
                folder.display()
            );
        }
        Ok(Mapping::load_set(&folder, &self.catalog)?)
    }

    /// Returns the names of the sets of source mappings.
    pub(crate) fn mapping_sets(&self) -> Result<Vec<String>> {
        let folder = self.path("schemas/sources");
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        let mut sets = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.path().is_dir() {
                sets.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        sets.sort();
        Ok(sets)
    }

    /// Adds the identity mapping of each landing table that a set of mappings leaves out, and that of each table's released rows.
    pub(crate) fn with_identity(&self, mut mappings: Vec<Mapping>) -> Vec<Mapping> {
        for contract in self.catalog.layer(Layer::Landing) {
            let name = &contract.table.name;
            if !mappings.iter().any(|mapping| mapping.table() == name) {
                mappings.push(Mapping::identity(name));
            }
        }
        let tables = self.catalog.layer(Layer::Landing);
        mappings.extend(tables.map(|contract| Mapping::released(&contract.table.name)));
        mappings
    }
}

fn find(start: &Path) -> Result<PathBuf> {
    let is_project =
        |folder: &&Path| folder.join("schemas").is_dir() && folder.join("dags").is_dir();
    match start.ancestors().find(is_project) {
        Some(folder) => Ok(folder.to_owned()),
        None => bail!(
            "no project here: {} and the folders above it have no schemas/ and dags/; \
             go to the project or name it with --project",
            start.display()
        ),
    }
}

fn stems(folder: &Path, extension: &str) -> Result<Vec<String>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut stems = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension)
            && let Some(stem) = path.file_stem()
        {
            stems.push(stem.to_string_lossy().into_owned());
        }
    }
    stems.sort();
    Ok(stems)
}
