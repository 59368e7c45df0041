//! What landed: files by table, each with its digest.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use bronze::Mapping;
use lake::Lake;

/// One landing file that a mapping feeds to a table.
#[derive(Debug, Clone)]
pub(crate) struct LandingFile {
    /// Its path relative to the landing root.
    pub(crate) path: String,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub(crate) digest: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Index of its mapping among the run's mappings.
    pub(crate) mapping: usize,
}

/// The landing area as it was when the run started.
#[derive(Debug)]
pub(crate) struct Landing {
    area: Lake,
    mappings: Vec<Mapping>,
    files: BTreeMap<String, Vec<LandingFile>>,
    duplicates: Vec<String>,
}

impl Landing {
    /// Lists the area and digests each file that a mapping takes. A file whose bytes are those of an earlier one of the
    /// same mapping is left out and named in [`Landing::duplicates`].
    pub(crate) async fn scan(area: Lake, mappings: Vec<Mapping>) -> Result<Self> {
        let mut files: BTreeMap<String, Vec<LandingFile>> = BTreeMap::new();
        let mut duplicates = Vec::new();
        for entry in area.list("").await? {
            let taking: Vec<_> = mappings
                .iter()
                .enumerate()
                .filter(|(_, m)| m.matches(&entry.path))
                .collect();
            if taking.is_empty() {
                continue;
            }
            let digest = digest(&area, &entry.path).await?;
            for (mapping, taker) in taking {
                let landed = files.entry(taker.table().to_owned()).or_default();
                let twin = landed
                    .iter()
                    .find(|f| f.digest == digest && f.mapping == mapping);
                if let Some(twin) = twin {
                    duplicates.push(format!("{} has the bytes of {}", entry.path, twin.path));
                    continue;
                }
                let (path, digest) = (entry.path.clone(), digest.clone());
                landed.push(LandingFile {
                    path,
                    digest,
                    bytes: entry.bytes,
                    mapping,
                });
            }
        }
        Ok(Self {
            area,
            mappings,
            files,
            duplicates,
        })
    }

    /// Returns the files of a table, by path.
    pub(crate) fn files(&self, table: &str) -> &[LandingFile] {
        self.files.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the mapping that takes a file.
    pub(crate) fn mapping(&self, file: &LandingFile) -> &Mapping {
        &self.mappings[file.mapping]
    }

    /// Returns the files left out because their bytes landed before, as sentences.
    pub(crate) fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// Returns the area's store.
    pub(crate) fn area(&self) -> &Lake {
        &self.area
    }
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
