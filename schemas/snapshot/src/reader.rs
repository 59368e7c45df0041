//! Finding the announced snapshot and bringing it, verified, to a local folder.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use schemas::{Canary, MANIFEST_CHECKSUM, MANIFEST_FILE, Manifest, Pointer, SnapshotId};

use crate::{
    SnapshotError, Store,
    verify::{check_manifest, refuse, verify},
};

/// The pointer to the announced snapshot, relative to the lake.
pub const CURRENT: &str = "snapshots/CURRENT";
/// The pointer that overrides it while it exists.
pub const PIN: &str = "snapshots/PIN";
/// The snapshot that a share of nodes serves before it is announced to all.
pub const CANARY: &str = "snapshots/CANARY";

/// Returns the folder of a snapshot, relative to the lake.
#[must_use]
pub fn snapshot_path(id: &SnapshotId) -> String {
    format!("snapshots/{id}")
}

/// What nodes are to serve.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    /// The snapshot of most nodes: the pinned one where there is a pin, else the announced one.
    pub pointer: Pointer,
    /// What some nodes serve in its place; none while there is a pin, and none that was begun beside another announcement.
    pub canary: Option<Canary>,
    /// Why there may be a canary that cannot be read; the announced snapshot is no worse for it.
    pub malformed: Option<String>,
}

/// Reads the snapshots of one lake.
#[derive(Debug, Clone)]
pub struct Reader {
    store: Store,
}

/// A snapshot all of whose bytes were checked, in a local folder.
#[derive(Debug, Clone)]
pub struct VerifiedSnapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Its manifest.
    pub manifest: Manifest,
    /// Where its files are.
    pub dir: PathBuf,
}

impl Reader {
    /// Opens the lake at a folder or URL.
    ///
    /// # Errors
    /// The lake cannot be opened.
    pub fn open(lake: &str) -> Result<Self, SnapshotError> {
        Ok(Self {
            store: Store::open(lake)?,
        })
    }

    /// Reads the snapshots of a store that is already open.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Returns the pointer to serve: the pin where there is one, else the announced snapshot.
    ///
    /// # Errors
    /// The store failed, or a pointer is malformed.
    pub async fn announced(&self) -> Result<Option<Pointer>, SnapshotError> {
        match self.pointer(PIN).await? {
            Some(pin) => Ok(Some(pin)),
            None => self.pointer(CURRENT).await,
        }
    }

    /// Returns the canary, whether it still counts or not; none where there is none.
    ///
    /// # Errors
    /// The store failed, or it is malformed.
    pub async fn canary(&self) -> Result<Option<Canary>, SnapshotError> {
        self.json(CANARY).await
    }

    /// Returns what nodes are to serve; none where nothing is announced.
    ///
    /// # Errors
    /// The store failed, or a pointer is malformed.
    pub async fn announcement(&self) -> Result<Option<Announcement>, SnapshotError> {
        if let Some(pointer) = self.pointer(PIN).await? {
            return Ok(Some(Announcement {
                pointer,
                canary: None,
                malformed: None,
            }));
        }
        let Some(pointer) = self.pointer(CURRENT).await? else {
            return Ok(None);
        };
        let (canary, malformed) = match self.canary().await {
            Ok(canary) => (canary, None),
            Err(error @ SnapshotError::Pointer { .. }) => (None, Some(error.to_string())),
            Err(error) => return Err(error),
        };
        Ok(Some(Announcement {
            canary: canary.filter(|canary| canary.stands_beside(&pointer.id)),
            pointer,
            malformed,
        }))
    }

    /// Reads one pointer, that of the store's environment; none where it does not exist.
    ///
    /// # Errors
    /// The store failed, or the pointer is malformed.
    pub async fn pointer(&self, path: &str) -> Result<Option<Pointer>, SnapshotError> {
        self.json(path).await
    }

    async fn json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<T>, SnapshotError> {
        let path = &self.store.own(path);
        let Some(bytes) = self.store.read(path).await? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| SnapshotError::Pointer {
                path: path.clone(),
                reason: error.to_string(),
            })
    }

    /// Returns the ids of the snapshots whose manifest was written, in order.
    ///
    /// # Errors
    /// The store failed.
    pub async fn ids(&self) -> Result<Vec<SnapshotId>, SnapshotError> {
        let root = self.store.full_path("snapshots");
        let failed = |source| SnapshotError::Store {
            path: "snapshots".to_owned(),
            source,
        };
        let listed = self
            .store
            .objects()
            .list_with_delimiter(Some(&root))
            .await
            .map_err(failed)?;
        let mut ids = Vec::new();
        for folder in listed.common_prefixes {
            let Some(Ok(id)) = folder.filename().map(str::parse::<SnapshotId>) else {
                continue;
            };
            if self
                .store
                .read(&format!("{}/{MANIFEST_CHECKSUM}", snapshot_path(&id)))
                .await?
                .is_some()
            {
                ids.push(id);
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// Returns the manifest of a snapshot, checked against its checksum; the other files are not read.
    ///
    /// # Errors
    /// The store failed, or the manifest is not what it should be.
    pub async fn manifest(
        &self,
        id: &SnapshotId,
        pointer: Option<&Pointer>,
    ) -> Result<Manifest, SnapshotError> {
        let read = async |file: &str| {
            let bytes = self
                .store
                .read(&format!("{}/{file}", snapshot_path(id)))
                .await?;
            bytes
                .map(|bytes| bytes.to_vec())
                .ok_or_else(|| refuse(id, file, "it does not exist"))
        };
        check_manifest(
            id,
            pointer,
            read(MANIFEST_FILE).await?,
            read(MANIFEST_CHECKSUM).await?,
        )
    }

    /// Brings the snapshot of a pointer to a local folder and verifies every byte of it. A lake on this machine is read
    /// in place; a remote one is copied to `cache/<id>`, and what a copy there already holds is not fetched again.
    ///
    /// # Errors
    /// [`SnapshotError::Refused`] where any file is not what the manifest says; the store's or the cache's failures.
    pub async fn materialise(
        &self,
        pointer: &Pointer,
        cache: &Path,
    ) -> Result<VerifiedSnapshot, SnapshotError> {
        self.bring(&pointer.id, Some(pointer), cache).await
    }

    /// Does the same for any snapshot of the lake, announced or not.
    ///
    /// # Errors
    /// As [`Reader::materialise`].
    pub async fn bring(
        &self,
        id: &SnapshotId,
        pointer: Option<&Pointer>,
        cache: &Path,
    ) -> Result<VerifiedSnapshot, SnapshotError> {
        let dir = match self.store.folder() {
            Some(folder) => folder.join(snapshot_path(id)),
            None => self.copy(id, pointer, cache).await?,
        };
        let (id, pointer) = (id.clone(), pointer.cloned());
        tokio::task::spawn_blocking(move || {
            let manifest = verify(&dir, &id, pointer.as_ref())?;
            Ok(VerifiedSnapshot { id, manifest, dir })
        })
        .await
        .expect("verification does not panic")
    }

    async fn copy(
        &self,
        id: &SnapshotId,
        pointer: Option<&Pointer>,
        cache: &Path,
    ) -> Result<PathBuf, SnapshotError> {
        let manifest = self.manifest(id, pointer).await?;
        let dir = cache.join(id.as_str());
        for (file, entry) in &manifest.files {
            let target = dir.join(file);
            let is_there = std::fs::metadata(&target).is_ok_and(|there| there.len() == entry.bytes);
            if !is_there {
                self.download(&format!("{}/{file}", snapshot_path(id)), &target)
                    .await?;
            }
        }
        for file in [MANIFEST_FILE, MANIFEST_CHECKSUM] {
            self.download(&format!("{}/{file}", snapshot_path(id)), &dir.join(file))
                .await?;
        }
        Ok(dir)
    }

    async fn download(&self, path: &str, target: &Path) -> Result<(), SnapshotError> {
        let failed = |source| SnapshotError::Store {
            path: path.to_owned(),
            source,
        };
        let cache = |source| SnapshotError::Cache {
            path: target.display().to_string(),
            source,
        };
        let found = self
            .store
            .objects()
            .get(&self.store.full_path(path))
            .await
            .map_err(failed)?;
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(cache)?;
        }
        let partial = target.with_extension("partial");
        let mut file = std::fs::File::create(&partial).map_err(cache)?;
        let mut chunks = found.into_stream();
        while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
            std::io::Write::write_all(&mut file, &chunk).map_err(cache)?;
        }
        std::fs::rename(&partial, target).map_err(cache)
    }
}
