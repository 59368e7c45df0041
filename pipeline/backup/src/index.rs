//! What a backup holds.

use std::collections::{BTreeMap, BTreeSet};

use lake::{Lake, LakeError, Version};
use schemas::{FileEntry, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::{Amount, BackupError};

const LATEST: &str = "LATEST";

/// One backup: every object of the lake by path, with its size and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its number; they grow.
    pub number: u64,
    /// The snapshot that was announced.
    pub announced: Option<SnapshotId>,
    /// The snapshots in it.
    pub snapshots: BTreeSet<SnapshotId>,
    /// The objects.
    pub objects: BTreeMap<String, FileEntry>,
}

/// The pointer to the newest backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Latest {
    pub(crate) number: u64,
    /// The BLAKE3 of its index.
    pub(crate) blake3: String,
}

impl Index {
    /// Returns how much it holds.
    #[must_use]
    pub fn holds(&self) -> Amount {
        Amount {
            objects: self.objects.len() as u64,
            bytes: self.objects.values().map(|entry| entry.bytes).sum(),
        }
    }

    /// Reads the newest backup, and which version of the pointer names it; none where there is none.
    pub(crate) async fn latest(store: &Lake) -> Result<(Option<Self>, Version), BackupError> {
        let (bytes, version) = store.read_version(LATEST).await?;
        let Some(bytes) = bytes else {
            return Ok((None, version));
        };
        let latest: Latest =
            serde_json::from_slice(&bytes).map_err(|error| LakeError::Malformed {
                path: LATEST.to_owned(),
                reason: error.to_string(),
            })?;
        let path = path(latest.number);
        let index = store.read(&path).await?;
        let is_whole = index
            .as_ref()
            .is_some_and(|bytes| blake3::hash(bytes).to_hex().as_str() == latest.blake3);
        if !is_whole {
            return Err(BackupError::DamagedObject {
                digest: latest.blake3,
                path,
            });
        }
        Ok((Self::read(store, latest.number).await?, version))
    }

    /// Reads a backup by its number; none where there is no such.
    pub(crate) async fn read(store: &Lake, number: u64) -> Result<Option<Self>, BackupError> {
        Ok(store.read_json(&path(number)).await?)
    }

    /// Writes the index, and then makes it the newest; says whether nobody else took a backup meanwhile.
    pub(crate) async fn announce(
        &self,
        store: &Lake,
        before: &Version,
    ) -> Result<bool, BackupError> {
        let path = path(self.number);
        store.write_json(&path, self).await?;
        let written = store.read(&path).await?.unwrap_or_default();
        let latest = Latest {
            number: self.number,
            blake3: blake3::hash(&written).to_hex().to_string(),
        };
        let bytes = serde_json::to_vec(&latest).expect("a pointer is plain data");
        Ok(store.swap(LATEST, before, bytes).await?.is_some())
    }
}

/// Returns the backups of a store, oldest first.
///
/// # Errors
/// The store failed.
pub async fn list(store: &Lake) -> Result<Vec<Index>, BackupError> {
    let mut found = Vec::new();
    for entry in store.list("backups").await? {
        found.extend(store.read_json::<Index>(&entry.path).await?);
    }
    Ok(found)
}

fn path(number: u64) -> String {
    format!("backups/{number:08}.json")
}

/// Returns where the bytes of a digest are kept.
pub(crate) fn object(digest: &str) -> String {
    format!("objects/{}/{digest}", &digest[..digest.len().min(2)])
}
