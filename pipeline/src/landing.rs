//! What landed: files by table, each with its digest.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use bronze::Mapping;
use lake::Lake;

/// A place where files land, and the mappings that take them.
#[derive(Debug)]
pub(crate) struct Area {
    /// The place.
    pub(crate) place: Lake,
    /// The mappings, tried in order; a file may feed several tables.
    pub(crate) mappings: Vec<Mapping>,
}

/// One landing file that a mapping feeds to a table.
#[derive(Debug, Clone)]
pub(crate) struct LandingFile {
    /// Its path relative to the landing root.
    pub(crate) path: String,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub(crate) digest: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    area: usize,
    mapping: usize,
}

/// The landing areas as they were when the run started.
#[derive(Debug)]
pub(crate) struct Landing {
    areas: Vec<Area>,
    files: BTreeMap<String, Vec<LandingFile>>,
    notes: Vec<String>,
}

impl Landing {
    /// Lists the areas and digests each file that a mapping takes. A file whose bytes are those of an earlier one of the
    /// same mapping is left out; [`Landing::notes`] says so, and names the files that no mapping takes.
    ///
    /// # Errors
    /// An area cannot be read, or two areas hold a file of the same path: provenance could not tell them apart.
    pub(crate) async fn scan(areas: Vec<Area>) -> Result<Self> {
        let mut landing = Self {
            areas: Vec::new(),
            files: BTreeMap::new(),
            notes: Vec::new(),
        };
        for (index, area) in areas.iter().enumerate() {
            let mut untaken = Vec::new();
            for entry in area.place.list("").await? {
                if !landing.add(index, area, &entry).await? && !is_hidden(&entry.path) {
                    untaken.push(entry.path);
                }
            }
            landing.notes.extend(no_mapping_takes(&untaken));
        }
        landing.areas = areas;
        Ok(landing)
    }

    /// Adds a file to the tables that a mapping feeds from it; says whether there is one.
    async fn add(&mut self, index: usize, area: &Area, entry: &lake::Entry) -> Result<bool> {
        let mappings = area.mappings.iter().enumerate();
        let taking: Vec<_> = mappings.filter(|(_, m)| m.matches(&entry.path)).collect();
        if taking.is_empty() {
            return Ok(false);
        }
        let digest = match digest(&area.place, &entry.path).await {
            Ok(digest) => digest,
            Err(error) => {
                self.notes.push(format!(
                    "{} cannot be read, the others go on: {error:#}",
                    entry.path
                ));
                return Ok(true);
            }
        };
        for (mapping, taker) in taking {
            let landed = self.files.entry(taker.table().to_owned()).or_default();
            if landed
                .iter()
                .any(|file| file.path == entry.path && file.area != index)
            {
                bail!("{} is in two landing areas: rename one of them", entry.path);
            }
            let is_twin =
                |f: &&LandingFile| f.digest == digest && f.mapping == mapping && f.area == index;
            if let Some(twin) = landed.iter().find(is_twin) {
                self.notes
                    .push(format!("{} has the bytes of {}", entry.path, twin.path));
                continue;
            }
            let (path, bytes, digest) = (entry.path.clone(), entry.bytes, digest.clone());
            landed.push(LandingFile {
                path,
                digest,
                bytes,
                area: index,
                mapping,
            });
        }
        Ok(true)
    }

    /// Returns the files of a table, by area and path.
    pub(crate) fn files(&self, table: &str) -> &[LandingFile] {
        self.files.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// Says whether no mapping takes any file.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the mapping that takes a file.
    pub(crate) fn mapping(&self, file: &LandingFile) -> &Mapping {
        &self.areas[file.area].mappings[file.mapping]
    }

    /// Returns the name that the rows of a file carry: its path, after the mapping and `#` where several mappings of the
    /// table take the file, so that file and line together name one row.
    pub(crate) fn name(&self, table: &str, file: &LandingFile) -> String {
        let is_shared = self
            .files(table)
            .iter()
            .filter(|other| other.path == file.path)
            .count()
            > 1;
        match is_shared {
            true => format!("{}#{}", self.mapping(file).name(), file.path),
            false => file.path.clone(),
        }
    }

    /// Returns what a person should know of files left out, as sentences.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the place that a file is in.
    pub(crate) fn place(&self, file: &LandingFile) -> &Lake {
        &self.areas[file.area].place
    }
}

/// How many files are named before the rest is counted.
const NAMED: usize = 5;

fn no_mapping_takes(files: &[String]) -> Option<String> {
    let named = files
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match files.len() {
        0 => None,
        count if count > NAMED => Some(format!(
            "no source mapping takes {named} and {} more files",
            count - NAMED
        )),
        _ => Some(format!("no source mapping takes {named}")),
    }
}

/// Says whether a file is meant to be left alone: hidden, or still being written.
fn is_hidden(path: &str) -> bool {
    let unfinished = [".open", ".part", ".partial"];
    path.split('/').any(|part| part.starts_with(['.', '_']))
        || unfinished.iter().any(|end| path.ends_with(end))
}

async fn digest(area: &Lake, path: &str) -> Result<String> {
    let file = area.local(path).await?;
    let read = move || {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(std::fs::File::open(file.path())?)?;
        std::io::Result::Ok(hasher.finalize().to_hex().to_string())
    };
    tokio::task::spawn_blocking(read)
        .await?
        .with_context(|| format!("cannot read {path}"))
}
