//! Taking a backup.

use std::collections::{BTreeMap, BTreeSet};

use lake::{Lake, LakeError};
use schemas::{FileEntry, SnapshotId};
use serde::Serialize;
use snapshot::{CURRENT, Reader, snapshot_path};

use crate::{
    Amount, BackupError, Index,
    index::object,
    transfer::{copy, entry},
};

/// What is the lake's own business and no part of a backup.
const LOCKS: &str = "lock/";

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Its number.
    pub number: u64,
    /// The snapshot that was announced.
    pub announced: Option<SnapshotId>,
    /// What it holds.
    pub holds: Amount,
    /// What of that the store did not have yet.
    pub copied: Amount,
}

/// Backs a lake up. No run may be at work on it meanwhile: the backup is of one moment. Every snapshot in it was compared with its
/// manifest, byte for byte.
///
/// # Errors
/// A run is at work on the lake, a snapshot is damaged, or a store failed; the newest backup is then the one before.
pub async fn back_up(lake: &Lake, store: &Lake) -> Result<Taken, BackupError> {
    let _lock = lake.lock().await?;
    let (before, version) = Index::latest(store).await?;
    let reader = Reader::new(lake.store().clone());
    let snapshots: BTreeSet<SnapshotId> = reader.ids().await?.into_iter().collect();
    let kept = store.list("objects").await?;
    let mut kept: BTreeSet<String> = kept.into_iter().map(|entry| entry.path).collect();
    let mut index = Index {
        number: before.as_ref().map_or(0, |before| before.number) + 1,
        announced: reader.pointer(CURRENT).await?.map(|pointer| pointer.id),
        snapshots,
        objects: BTreeMap::new(),
    };
    let mut copied = Amount::default();
    for there in lake.list("").await? {
        if there.path.starts_with(LOCKS) || is_torn(&there.path, &index.snapshots) {
            continue;
        }
        let known = before.as_ref().and_then(|before| known(before, &there));
        let entry = match known {
            Some(known) => known,
            None => entry(lake, &there.path).await?,
        };
        let target = object(&entry.blake3);
        if !kept.contains(&target) {
            let whole = copy((lake, &there.path), (store, &target), &entry).await?;
            // It changed between two readings: somebody writes without the lock.
            whole.ok_or_else(|| LakeError::Overtaken(there.path.clone()))?;
            copied.add(entry.bytes);
            kept.insert(target);
        }
        index.objects.insert(there.path, entry);
    }
    check_snapshots(&reader, &index).await?;
    if !index.announce(store, &version).await? {
        return Err(LakeError::Overtaken("LATEST".to_owned()).into());
    }
    Ok(Taken {
        number: index.number,
        announced: index.announced.clone(),
        holds: index.holds(),
        copied,
    })
}

/// Returns what the backup before says of an object that never changes.
fn known(before: &Index, there: &lake::Entry) -> Option<FileEntry> {
    let is_named_by_content = is_immutable(&there.path);
    let known = before
        .objects
        .get(&there.path)
        .filter(|_| is_named_by_content)?;
    (known.bytes == there.bytes).then(|| known.clone())
}

/// Says whether an object's path is taken by one content for ever. A snapshot's files are not among them: they are compared with the
/// manifest each time.
fn is_immutable(path: &str) -> bool {
    let is_version = path.contains("/_versions/") && !path.ends_with("/CURRENT");
    let is_bronze = path.starts_with("bronze/") || path.starts_with("quarantine/");
    (is_version || is_bronze) && path.ends_with(".parquet")
}

/// Says whether a file is of a snapshot that a killed run left without its manifest.
fn is_torn(path: &str, whole: &BTreeSet<SnapshotId>) -> bool {
    let mut parts = path.split('/');
    if parts.next() != Some("snapshots") {
        return false;
    }
    let id = parts.next().map(str::parse::<SnapshotId>);
    matches!(id, Some(Ok(id)) if !whole.contains(&id))
}

/// Compares every snapshot with its manifest.
async fn check_snapshots(reader: &Reader, index: &Index) -> Result<(), BackupError> {
    for id in &index.snapshots {
        let manifest = reader.manifest(id, None).await?;
        let folder = snapshot_path(id);
        for (file, wanted) in &manifest.files {
            if index.objects.get(&format!("{folder}/{file}")) != Some(wanted) {
                return Err(BackupError::Damaged {
                    id: id.to_string(),
                    file: file.clone(),
                });
            }
        }
    }
    Ok(())
}
