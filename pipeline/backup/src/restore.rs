//! Bringing a lake back.

use std::collections::BTreeSet;

use bytes::Bytes;
use lake::{Lake, LakeError};
use schemas::{FileEntry, Pointer, SnapshotId};
use serde::Serialize;
use snapshot::{CURRENT, PIN, Reader};

use crate::{
    Amount, BackupError, Index,
    index::object,
    transfer::{copy, entry},
};

/// What an operator may say of a restoration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreSettings {
    /// Which backup; the newest where none is named.
    pub number: Option<u64>,
    /// Whether to go back behind a snapshot that the backup does not hold.
    pub is_forced: bool,
}

/// A lake that was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The backup.
    pub number: u64,
    /// The snapshot that is announced now.
    pub announced: Option<SnapshotId>,
    /// What the backup holds.
    pub holds: Amount,
    /// What of that the lake did not have, or had damaged.
    pub copied: Amount,
    /// Files of newer runs that readers would have seen beside those of the backup; they were removed.
    pub removed: u64,
}

/// Makes a lake what it was when a backup was taken, as far as readers see: tables, snapshots, pointers. The pointers are moved last,
/// after the announced snapshot was verified. What landed since stays, and so do newer runs in the ledger and newer snapshots.
///
/// # Errors
/// The lake announces what the backup does not hold, unless forced; a run is at work on the lake; an object of the backup is damaged;
/// or a store failed. The same restoration again goes on.
pub async fn restore(
    store: &Lake,
    lake: &Lake,
    settings: RestoreSettings,
) -> Result<Restored, BackupError> {
    let index = wanted(store, settings.number).await?;
    let _lock = lake.lock().await?;
    let (now, version) = lake.read_version(CURRENT).await?;
    refuse_to_go_behind(&index, now.as_deref(), settings)?;
    let there: BTreeSet<String> = lake.list("").await?.into_iter().map(|e| e.path).collect();
    let mut copied = Amount::default();
    for (path, wanted) in index.objects.iter().filter(|(path, _)| !is_pointer(path)) {
        if bring(store, lake, path, wanted, there.contains(path)).await? {
            copied.add(wanted.bytes);
        }
    }
    if let Some(entry) = index.objects.get(CURRENT) {
        let bytes = read(store, CURRENT, entry).await?;
        let damaged = || damaged(CURRENT, entry);
        let pointer = parse(&bytes).ok_or_else(damaged)?;
        let scratch = lake.scratch()?;
        let reader = Reader::new(lake.store().clone());
        reader.materialise(&pointer, scratch.path()).await?;
        if lake.swap(CURRENT, &version, bytes).await?.is_none() {
            return Err(LakeError::Overtaken(CURRENT.to_owned()).into());
        }
    }
    match index.objects.get(PIN) {
        Some(pin) => {
            bring(store, lake, PIN, pin, there.contains(PIN)).await?;
        }
        None => lake.delete(PIN).await?,
    }
    let newer = there
        .iter()
        .filter(|path| is_seen(path) && !index.objects.contains_key(*path));
    let mut removed = 0;
    for path in newer {
        lake.delete(path).await?;
        removed += 1;
    }
    Ok(Restored {
        number: index.number,
        announced: index.announced.clone(),
        holds: index.holds(),
        copied,
        removed,
    })
}

async fn wanted(store: &Lake, number: Option<u64>) -> Result<Index, BackupError> {
    let found = match number {
        Some(number) => Index::read(store, number).await?,
        None => Index::latest(store).await?.0,
    };
    found.ok_or_else(|| {
        BackupError::None(match number {
            Some(number) => format!(
                "there is no backup {number}: `pipeline backup --to … --list` tells which there are"
            ),
            None => "there is no backup: take one with `pipeline backup --to …`".to_owned(),
        })
    })
}

/// Refuses where the lake announces a snapshot that the backup does not know; a damaged pointer announces nothing.
fn refuse_to_go_behind(
    index: &Index,
    now: Option<&[u8]>,
    settings: RestoreSettings,
) -> Result<(), BackupError> {
    let announced = now.and_then(parse).map(|pointer| pointer.id);
    match announced {
        Some(id) if !settings.is_forced && !index.snapshots.contains(&id) => {
            Err(BackupError::Newer {
                announced: id.to_string(),
                number: index.number,
            })
        }
        _ => Ok(()),
    }
}

/// Brings an object back where the lake lacks it or has other bytes; says whether it did.
async fn bring(
    store: &Lake,
    lake: &Lake,
    path: &str,
    wanted: &FileEntry,
    is_there: bool,
) -> Result<bool, BackupError> {
    if is_there && entry(lake, path).await? == *wanted {
        return Ok(false);
    }
    let whole = copy((store, &object(&wanted.blake3)), (lake, path), wanted).await?;
    whole.ok_or_else(|| damaged(path, wanted))?;
    Ok(true)
}

/// Reads a small object of the backup.
async fn read(store: &Lake, path: &str, wanted: &FileEntry) -> Result<Bytes, BackupError> {
    let bytes = store.read(&object(&wanted.blake3)).await?;
    let is_whole = |bytes: &Bytes| blake3::hash(bytes).to_hex().as_str() == wanted.blake3;
    bytes.filter(is_whole).ok_or_else(|| damaged(path, wanted))
}

fn damaged(path: &str, wanted: &FileEntry) -> BackupError {
    BackupError::DamagedObject {
        digest: wanted.blake3.clone(),
        path: path.to_owned(),
    }
}

fn parse(bytes: &[u8]) -> Option<Pointer> {
    serde_json::from_slice(bytes).ok()
}

/// Says whether an object is moved after all others.
fn is_pointer(path: &str) -> bool {
    [CURRENT, PIN].contains(&path)
}

/// Says whether readers take a file for part of a table because of where it lies.
fn is_seen(path: &str) -> bool {
    let layers = ["bronze/", "silver/", "gold/", "quarantine/"];
    layers.iter().any(|layer| path.starts_with(layer)) && !path.contains("/_versions/")
}
