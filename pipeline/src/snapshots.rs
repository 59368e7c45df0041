//! Snapshots of a lake as people keep them: which is served, how two differ, and which may go.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context as _, Result, bail};
use lake::{Lake, LakeError, Ledger};
use schemas::{MANIFEST_CHECKSUM, MANIFEST_FILE, Manifest, Pointer, SnapshotId, TableName};
use serde::Serialize;
use serde_json::Value;
use snapshot::{CURRENT, PIN, Reader, snapshot_path};

use crate::{
    artefact::Artefact,
    environments,
    project::Project,
    rows::{self, Row},
};

/// Keys that are told of each sort of change.
const EXAMPLES: usize = 5;

/// How a table differs between two snapshots.
#[derive(Debug, Serialize)]
pub(crate) struct TableDiff {
    pub(crate) table: String,
    /// Rows of each; none where it lacks the table.
    pub(crate) rows: [Option<u64>; 2],
    /// By key; none where the tables' files are gone, or it is no table with a key.
    pub(crate) by_key: Option<KeyDiff>,
}

/// How the rows of two tables differ.
#[derive(Debug, Default, Serialize)]
pub(crate) struct KeyDiff {
    pub(crate) added: Change,
    pub(crate) removed: Change,
    pub(crate) changed: Change,
}

/// Rows that changed alike.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Change {
    pub(crate) rows: u64,
    /// Some of their keys.
    pub(crate) examples: Vec<String>,
}

impl Change {
    fn add(&mut self, key: &str) {
        self.rows += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(key.to_owned());
        }
    }
}

/// The snapshots of a lake.
pub(crate) struct Snapshots<'a> {
    lake: &'a Lake,
    reader: Reader,
}

impl<'a> Snapshots<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self {
            lake,
            reader: Reader::new(lake.store().clone()),
        }
    }

    /// Holds the pointer to a snapshot: nodes serve it, whatever is announced.
    pub(crate) async fn pin(&self, id: &SnapshotId) -> Result<()> {
        // A manifest that is not what its checksum says must not be pointed to; every other byte is verified by the nodes.
        let known = self.reader.manifest(id, None).await;
        known.with_context(|| format!("snapshot {id} cannot be served"))?;
        let path = format!("{}/{MANIFEST_CHECKSUM}", snapshot_path(id));
        let checksum = self
            .lake
            .read(&path)
            .await?
            .context("a manifest has its checksum")?;
        let pointer = Pointer {
            id: id.clone(),
            manifest_blake3: String::from_utf8_lossy(&checksum).trim().to_owned(),
        };
        Ok(self.lake.write_json(&self.lake.own(PIN), &pointer).await?)
    }

    /// Takes the pin out; returns the snapshot that it held.
    pub(crate) async fn unpin(&self) -> Result<SnapshotId> {
        let Some(pin) = self.reader.pointer(PIN).await? else {
            bail!("no snapshot is pinned: the announced one is served");
        };
        self.lake.delete(&self.lake.own(PIN)).await?;
        Ok(pin.id)
    }

    /// Returns the snapshot that was served before the one that is.
    pub(crate) async fn before(&self) -> Result<SnapshotId> {
        let served = self.reader.announced().await?;
        let served = served.context("no snapshot is announced in this lake yet")?;
        let mut announced = self.announced_in_order().await?;
        if let Some(place) = announced.iter().position(|id| *id == served.id) {
            announced.truncate(place);
        }
        let there: BTreeSet<SnapshotId> = self.reader.ids().await?.into_iter().collect();
        let before = announced.into_iter().rev().find(|id| there.contains(id));
        before.with_context(|| format!("no snapshot was announced before {}", served.id))
    }

    /// Returns the snapshots that runs announced, each where it was announced last, the newest last.
    async fn announced_in_order(&self) -> Result<Vec<SnapshotId>> {
        let ledger = Ledger::new(self.lake.clone());
        let mut order: Vec<SnapshotId> = Vec::new();
        for run in ledger.runs().await? {
            let ended = ledger.ended(&run).await?;
            if let Some(id) = ended.and_then(|record| record.snapshot) {
                order.retain(|known| *known != id);
                order.push(id);
            }
        }
        Ok(order)
    }

    /// Removes what is neither announced nor pinned nor a canary nor among the `keep` that were announced last, by the lake itself or an environment, and returns what was, or would be, removed. The manifest
    /// goes first: what is half removed is no snapshot.
    pub(crate) async fn collect(&self, keep: usize, is_dry: bool) -> Result<Vec<SnapshotId>> {
        let mut kept: BTreeSet<SnapshotId> = BTreeSet::new();
        for lake in environments::every(self.lake).await? {
            let one = Snapshots::new(&lake);
            for pointer in [CURRENT, PIN] {
                kept.extend(one.reader.pointer(pointer).await?.map(|pointer| pointer.id));
            }
            kept.extend(one.reader.canary().await?.map(|canary| canary.id));
            let announced = one.announced_in_order().await?;
            kept.extend(announced.into_iter().rev().take(keep));
        }
        let mut gone = Vec::new();
        for id in self.reader.ids().await? {
            if kept.contains(&id) {
                continue;
            }
            if !is_dry {
                self.remove(&id).await?;
            }
            gone.push(id);
        }
        Ok(gone)
    }

    async fn remove(&self, id: &SnapshotId) -> Result<()> {
        let folder = snapshot_path(id);
        for first in [MANIFEST_CHECKSUM, MANIFEST_FILE] {
            self.lake.delete(&format!("{folder}/{first}")).await?;
        }
        for entry in self.lake.list(&folder).await? {
            self.lake.delete(&entry.path).await?;
        }
        Ok(())
    }

    /// Returns how two snapshots differ: the tables and collections whose content is another.
    pub(crate) async fn diff(
        &self,
        project: &Project,
        [before, after]: [&SnapshotId; 2],
    ) -> Result<Vec<TableDiff>> {
        let before = self.reader.manifest(before, None).await?;
        let after = self.reader.manifest(after, None).await?;
        let names: BTreeSet<&String> = before.tables.keys().chain(after.tables.keys()).collect();
        let mut found = Vec::new();
        for name in names {
            let digest = |of: &Manifest| of.tables.get(name).map(|entry| entry.digest.clone());
            let rows = [&before, &after].map(|of| of.tables.get(name).map(|entry| entry.rows));
            let digests = [digest(&before), digest(&after)];
            if digests[0] == digests[1] {
                continue;
            }
            let [Some(old), Some(new)] = digests else {
                found.push(TableDiff {
                    table: name.clone(),
                    rows,
                    by_key: None,
                });
                continue;
            };
            found.push(TableDiff {
                by_key: self.by_key(project, name, [&old, &new]).await?,
                table: name.clone(),
                rows,
            });
        }
        Ok(found)
    }

    /// Compares two contents of a table by its key; none where it has none, or a file is gone.
    async fn by_key(
        &self,
        project: &Project,
        name: &str,
        digests: [&str; 2],
    ) -> Result<Option<KeyDiff>> {
        let Ok(table) = name.parse::<TableName>() else {
            return Ok(None);
        };
        let Ok(contract) = project.catalog().get(&table) else {
            return Ok(None);
        };
        let mut contents = Vec::new();
        for digest in digests {
            let Some(content) = self.content(&table, digest, &contract.key).await? else {
                return Ok(None);
            };
            contents.push(content);
        }
        let [old, new] = &contents[..] else {
            return Ok(None);
        };
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let mut found = KeyDiff::default();
        for key in keys {
            match (old.get(key), new.get(key)) {
                (None, Some(_)) => found.added.add(key),
                (Some(_), None) => found.removed.add(key),
                (old, new) if old != new => found.changed.add(key),
                _ => {}
            }
        }
        Ok(Some(found))
    }

    /// Rows of a version of a table: key, and the digest of the row. None where no version has that content any more.
    async fn content(
        &self,
        table: &TableName,
        digest: &str,
        key: &[String],
    ) -> Result<Option<HashMap<String, u64>>> {
        let folder = format!("{}/_versions/{}", table.layer, table.name);
        'versions: for entry in self.lake.list(&folder).await? {
            if !entry.path.ends_with(".json") {
                continue;
            }
            let made: Option<Artefact> = self.lake.read_json(&entry.path).await?;
            let Some(made) = made.filter(|made| made.digest == digest) else {
                continue;
            };
            let mut rows = HashMap::new();
            for file in &made.files {
                let file = match self.lake.local(file).await {
                    Err(LakeError::Missing(_)) => continue 'versions,
                    file => file?,
                };
                for batch in rows::open(file.path())? {
                    for row in Row::all(&batch?) {
                        let row = row.json();
                        rows.insert(key_text(&row, key), row_digest(&row));
                    }
                }
            }
            return Ok(Some(rows));
        }
        Ok(None)
    }
}

fn key_text(row: &serde_json::Map<String, Value>, key: &[String]) -> String {
    let parts: Vec<String> = key
        .iter()
        .map(|column| match row.get(column) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "–".to_owned(),
        })
        .collect();
    parts.join(" · ")
}

fn row_digest(row: &serde_json::Map<String, Value>) -> u64 {
    let sorted: BTreeMap<&String, &Value> = row.iter().collect();
    let mut hasher = blake3::Hasher::new();
    for (name, value) in sorted {
        hasher.update(name.as_bytes());
        hasher.update(&[0]);
        hasher.update(value.to_string().as_bytes());
        hasher.update(&[0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}
