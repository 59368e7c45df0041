//! Compare and swap: an object is replaced only where it is still what was seen.

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion};

use crate::{Lake, LakeError, lake::store_error};

/// What an object was when it was read, for [`Lake::swap`].
#[derive(Debug, Clone)]
pub struct Version(Seen);

#[derive(Debug, Clone)]
enum Seen {
    /// It did not exist.
    Absent,
    /// On a disk: the digest of its bytes.
    Bytes(blake3::Hash),
    /// In a bucket: what the store calls this version of it.
    Store(UpdateVersion),
}

impl Lake {
    /// Reads an object and which version of it that is. A store may answer with an older one; [`Lake::swap`] then refuses.
    ///
    /// # Errors
    /// The store failed.
    pub async fn read_version(&self, path: &str) -> Result<(Option<Bytes>, Version), LakeError> {
        if self.store().folder().is_some() {
            let bytes = self.read(path).await?;
            let seen = match &bytes {
                Some(bytes) => Seen::Bytes(blake3::hash(bytes)),
                None => Seen::Absent,
            };
            return Ok((bytes, Version(seen)));
        }
        let failed = |source| store_error(path, source);
        let found = match self
            .store()
            .objects()
            .get(&self.store().full_path(path))
            .await
        {
            Err(object_store::Error::NotFound { .. }) => return Ok((None, Version(Seen::Absent))),
            found => found.map_err(failed)?,
        };
        let version = UpdateVersion {
            e_tag: found.meta.e_tag.clone(),
            version: found.meta.version.clone(),
        };
        let bytes = found.bytes().await.map_err(failed)?;
        Ok((Some(bytes), Version(Seen::Store(version))))
    }

    /// Replaces an object that is still of the version that was seen, and returns the new version; none where another program was
    /// faster. Where the object holds these very bytes already it is done, whoever did it: so a put whose answer was lost counts.
    ///
    /// # Errors
    /// The store failed.
    pub async fn swap(
        &self,
        path: &str,
        seen: &Version,
        bytes: impl Into<Bytes>,
    ) -> Result<Option<Version>, LakeError> {
        self.check_lock()?;
        let bytes = bytes.into();
        let swapped = match self.disk() {
            Some(disk) => {
                let seen = match seen.0 {
                    Seen::Bytes(hash) => Some(hash),
                    _ => None,
                };
                let (path, put) = (path.to_owned(), bytes.clone());
                let done = blocking(move || disk.swap(&path, seen, &put)).await?;
                done.then(|| Version(Seen::Bytes(blake3::hash(&bytes))))
            }
            None => self.put_conditionally(path, seen, bytes.clone()).await?,
        };
        if swapped.is_some() {
            return Ok(swapped);
        }
        let (now, version) = self.read_version(path).await?;
        Ok((now.as_ref() == Some(&bytes)).then_some(version))
    }

    async fn put_conditionally(
        &self,
        path: &str,
        seen: &Version,
        bytes: Bytes,
    ) -> Result<Option<Version>, LakeError> {
        let mode = match &seen.0 {
            Seen::Store(version) => PutMode::Update(version.clone()),
            _ => PutMode::Create,
        };
        let target = self.store().full_path(path);
        let put =
            self.store()
                .objects()
                .put_opts(&target, PutPayload::from_bytes(bytes), mode.into());
        match put.await {
            Ok(put) => Ok(Some(Version(Seen::Store(UpdateVersion {
                e_tag: put.e_tag,
                version: put.version,
            })))),
            Err(
                object_store::Error::Precondition { .. }
                | object_store::Error::AlreadyExists { .. },
            ) => Ok(None),
            Err(source) => Err(store_error(path, source)),
        }
    }
}

/// Does blocking work on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work)
        .await
        .expect("disk work does not panic")
}
