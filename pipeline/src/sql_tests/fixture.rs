//! What a test says: `dags/tests/*.yaml`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use schemas::{Slot, TableName};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::yaml;
use crate::project::Project;

/// Where tests lie, below the project.
pub(super) const FOLDER: &str = "dags/tests";

/// Rows by column; a column that is absent is null.
pub(super) type Rows = Vec<Map<String, Value>>;

/// One test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    /// What must hold, as a sentence.
    pub(crate) name: String,
    /// The table made; the file's where none is said.
    #[serde(default)]
    table: Option<TableName>,
    /// The slot of the run.
    #[serde(default)]
    slot: Option<Slot>,
    /// Rows of tables read; a table that is not given is empty.
    #[serde(default)]
    pub(super) given: BTreeMap<TableName, Rows>,
    /// What must come out.
    pub(super) expect: Expected,
    /// The file.
    #[serde(skip)]
    pub(crate) path: PathBuf,
}

/// What must come out; what is not named is not looked at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    /// All rows of the table, in any order, each with its key and the columns that matter.
    pub(super) rows: Option<Rows>,
    /// All rows refused, with what matters of `rule`, `column`, `value` and `line` (from 1, of those given).
    pub(super) quarantine: Option<Rows>,
    /// Part of the error with which the job fails.
    pub(super) error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Option<TableName>,
    #[serde(default)]
    slot: Option<Slot>,
    tests: Vec<Fixture>,
}

impl Fixture {
    /// Returns the table made.
    pub(crate) fn table(&self) -> Result<&TableName> {
        self.table.as_ref().with_context(|| {
            format!(
                "{}: neither the test nor its file says which table",
                self.name
            )
        })
    }

    /// Returns the slot of the run.
    pub(super) fn slot(&self) -> Result<Slot> {
        match self.slot {
            Some(slot) => Ok(slot),
            None => Ok("2026-11-20".parse()?),
        }
    }

    /// Reads every test of a file.
    pub(crate) fn read(path: &Path) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, path).with_context(|| format!("{} is no SQL test", path.display()))
    }

    /// Reads every test of a file's text.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Vec<Self>> {
        let file: File = serde_json::from_value(yaml::read(text)?)?;
        let mut tests = file.tests;
        for test in &mut tests {
            test.table = test.table.take().or_else(|| file.table.clone());
            test.slot = test.slot.or(file.slot);
            test.path = path.to_owned();
            test.table()?;
            let expect = &test.expect;
            let is_something =
                expect.rows.is_some() || expect.quarantine.is_some() || expect.error.is_some();
            if !is_something {
                bail!(
                    "{}: it expects neither rows, quarantine nor error, and so cannot fail",
                    test.name
                );
            }
        }
        if tests.is_empty() {
            bail!("it holds no test");
        }
        Ok(tests)
    }
}

/// Reads the tests that a selector picks: a file, a part of a file's path, or a table; all of the project where there is none.
pub(crate) fn read_all(project: &Project, selector: Option<&str>) -> Result<Vec<Fixture>> {
    if let Some(path) = selector.map(Path::new).filter(|path| path.is_file()) {
        return Fixture::read(path);
    }
    let folder = project.path(FOLDER);
    let mut paths = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(&folder)? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| {
        path.extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
    });
    paths.sort();
    let mut tests = Vec::new();
    for path in paths {
        tests.extend(Fixture::read(&path)?);
    }
    let Some(selector) = selector else {
        return Ok(tests);
    };
    let is_picked = |test: &Fixture| {
        let table = test.table().map(ToString::to_string).unwrap_or_default();
        let file = test.path.file_name().unwrap_or_default().to_string_lossy();
        table == selector || table.split('.').next() == Some(selector) || file.contains(selector)
    };
    tests.retain(is_picked);
    if tests.is_empty() {
        bail!(
            "no SQL test is of {selector}: name a table such as silver.offers, a layer, or a file of {}",
            folder.display()
        );
    }
    Ok(tests)
}
