//! The lake: objects under one root, whole or absent.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use serde::{Serialize, de::DeserializeOwned};
use snapshot::Store;

use crate::{
    LakeError,
    scratch::{SCRATCH, Scratch},
};

/// One object found by [`Lake::list`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its path relative to the lake.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// An object as a local file: the lake's own where the lake is a folder, else a copy that lives as long as this value.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    _copy: Option<Scratch>,
}

impl LocalFile {
    /// Returns the file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A lake: a folder or a bucket whose objects appear whole or not at all.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Store,
}

impl Lake {
    /// Opens a lake, making the folder where `place` is a local path that does not exist yet.
    ///
    /// # Errors
    /// The folder cannot be made, or the URL is not understood.
    pub fn open(place: &str) -> Result<Self, LakeError> {
        if !place.contains("://") {
            let path = PathBuf::from(place);
            std::fs::create_dir_all(&path).map_err(|source| LakeError::File { path, source })?;
        }
        Ok(Self {
            store: Store::open(place)?,
        })
    }

    /// Opens a place that must exist already and is only read, such as a landing area beside the lake.
    ///
    /// # Errors
    /// The folder does not exist, or the URL is not understood.
    pub fn open_existing(place: &str) -> Result<Self, LakeError> {
        Ok(Self {
            store: Store::open(place)?,
        })
    }

    /// Returns the store below.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Makes a scratch folder: beside the lake's objects where the lake is a folder, else in the system's.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn scratch(&self) -> Result<Scratch, LakeError> {
        match self.store.folder() {
            Some(folder) => Scratch::new(&folder.join(SCRATCH)),
            None => Scratch::new(&std::env::temp_dir().join("marketlounge-scratch")),
        }
    }

    /// Lists the objects below a prefix, by path.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Entry>, LakeError> {
        let root = self.store.full_path("");
        let below = self.store.full_path(prefix);
        let found: Vec<ObjectMeta> = self
            .store
            .objects()
            .list(Some(&below))
            .try_collect()
            .await
            .map_err(|source| store_error(prefix, source))?;
        let relative = |meta: ObjectMeta| {
            let parts = meta.location.prefix_match(&root)?;
            let path = parts
                .map(|part| part.as_ref().to_owned())
                .collect::<Vec<_>>()
                .join("/");
            Some(Entry {
                path,
                bytes: meta.size,
            })
        };
        let mut entries: Vec<_> = found.into_iter().filter_map(relative).collect();
        entries.retain(|entry| !entry.path.starts_with(SCRATCH));
        entries.sort();
        Ok(entries)
    }

    /// Reads an object; none where it does not exist.
    ///
    /// # Errors
    /// The store failed.
    pub async fn read(&self, path: &str) -> Result<Option<Bytes>, LakeError> {
        Ok(self.store.read(path).await?)
    }

    /// Reads an object as JSON; none where it does not exist.
    ///
    /// # Errors
    /// The store failed, or the object is not JSON of that shape.
    pub async fn read_json<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, LakeError> {
        let Some(bytes) = self.read(path).await? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| LakeError::Malformed {
                path: path.to_owned(),
                reason: error.to_string(),
            })
    }

    /// Writes an object, replacing it atomically where it exists.
    ///
    /// # Errors
    /// The store failed.
    pub async fn write(&self, path: &str, bytes: impl Into<Bytes>) -> Result<(), LakeError> {
        let payload = PutPayload::from_bytes(bytes.into());
        let put = self
            .store
            .objects()
            .put(&self.store.full_path(path), payload)
            .await;
        put.map(|_| ()).map_err(|source| store_error(path, source))
    }

    /// Writes an object as indented JSON.
    ///
    /// # Errors
    /// The store failed.
    pub async fn write_json(&self, path: &str, value: &impl Serialize) -> Result<(), LakeError> {
        self.write(path, json(value)).await
    }

    /// Writes an object that must not exist yet; says whether it was this call that made it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn create_json(&self, path: &str, value: &impl Serialize) -> Result<bool, LakeError> {
        let payload = PutPayload::from_bytes(json(value).into());
        let path_in_store = self.store.full_path(path);
        match self
            .store
            .objects()
            .put_opts(&path_in_store, payload, PutMode::Create.into())
            .await
        {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(source) => Err(store_error(path, source)),
        }
    }

    /// Returns an object as a local file.
    ///
    /// # Errors
    /// The object does not exist, or the store or disk failed.
    pub async fn local(&self, path: &str) -> Result<LocalFile, LakeError> {
        if let Some(folder) = self.store.folder() {
            let path_on_disk = folder.join(path);
            return match path_on_disk.exists() {
                true => Ok(LocalFile {
                    path: path_on_disk,
                    _copy: None,
                }),
                false => Err(LakeError::Missing(path.to_owned())),
            };
        }
        let scratch = self.scratch()?;
        let target = scratch.file(path.rsplit('/').next().unwrap_or("object"));
        let failed = |source| LakeError::File {
            path: target.clone(),
            source,
        };
        let found = match self.store.objects().get(&self.store.full_path(path)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(LakeError::Missing(path.to_owned()));
            }
            Err(source) => return Err(store_error(path, source)),
        };
        let mut file = std::fs::File::create(&target).map_err(failed)?;
        let mut chunks = found.into_stream();
        while let Some(chunk) = chunks.try_next().await.map_err(|e| store_error(path, e))? {
            std::io::Write::write_all(&mut file, &chunk).map_err(failed)?;
        }
        Ok(LocalFile {
            path: target,
            _copy: Some(scratch),
        })
    }

    /// Says whether an object exists.
    ///
    /// # Errors
    /// The store failed.
    pub async fn exists(&self, path: &str) -> Result<bool, LakeError> {
        match self.store.objects().head(&self.store.full_path(path)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(store_error(path, source)),
        }
    }

    /// Copies an object over another, atomically.
    ///
    /// # Errors
    /// The object does not exist, or the store failed.
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), LakeError> {
        let (source, target) = (self.store.full_path(from), self.store.full_path(to));
        self.store
            .objects()
            .copy(&source, &target)
            .await
            .map_err(|e| store_error(from, e))
    }

    /// Deletes an object; deleting what is not there is no error.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete(&self, path: &str) -> Result<(), LakeError> {
        match self
            .store
            .objects()
            .delete(&self.store.full_path(path))
            .await
        {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(store_error(path, source)),
        }
    }
}

pub(crate) fn store_error(path: &str, source: object_store::Error) -> LakeError {
    LakeError::Store {
        path: path.to_owned(),
        source,
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("records hold only plain data");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (tempfile::TempDir, Lake) {
        let dir = tempfile::tempdir().unwrap();
        let lake = Lake::open(&dir.path().join("lake").display().to_string()).unwrap();
        (dir, lake)
    }

    #[tokio::test]
    async fn a_committed_file_appears_whole_and_its_scratch_goes() {
        let (_dir, lake) = open();
        let scratch = lake.scratch().unwrap();
        let file = scratch.file("part");
        std::fs::write(&file, b"rows").unwrap();
        assert!(lake.list("gold").await.unwrap().is_empty());
        lake.commit(&file, "gold/offers/offers.parquet")
            .await
            .unwrap();
        assert!(!file.exists());
        let entry = Entry {
            path: "gold/offers/offers.parquet".to_owned(),
            bytes: 4,
        };
        assert_eq!(lake.list("gold").await.unwrap(), [entry]);
        let folder = scratch.path().to_owned();
        drop(scratch);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn only_one_of_two_creators_makes_an_object() {
        let (_dir, lake) = open();
        assert!(lake.create_json("runs/a.json", &1).await.unwrap());
        assert!(!lake.create_json("runs/a.json", &2).await.unwrap());
        assert_eq!(lake.read_json::<u32>("runs/a.json").await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn what_is_missing_is_none_or_named() {
        let (_dir, lake) = open();
        assert_eq!(lake.read("x").await.unwrap(), None);
        assert!(matches!(lake.local("x").await, Err(LakeError::Missing(path)) if path == "x"));
        lake.delete("x").await.unwrap();
        lake.write("x", "not json").await.unwrap();
        let read = lake.read_json::<u32>("x").await;
        assert!(matches!(read, Err(LakeError::Malformed { path, .. }) if path == "x"));
    }

    #[tokio::test]
    async fn runs_are_numbered_within_their_slot() {
        let (_dir, lake) = open();
        let ledger = crate::Ledger::new(lake);
        let slot = "2026-11-20".parse().unwrap();
        let at = chrono::DateTime::UNIX_EPOCH;
        assert_eq!(
            ledger.start("nightly", slot, at).await.unwrap().as_str(),
            "2026-11-20.0001"
        );
        assert_eq!(
            ledger.start("nightly", slot, at).await.unwrap().as_str(),
            "2026-11-20.0002"
        );
        assert_eq!(ledger.runs().await.unwrap().len(), 2);
    }
}
