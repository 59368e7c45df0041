//! How a local file enters the lake: whole, or not at all.

use std::path::Path;

use object_store::{ObjectStoreExt, WriteMultipart};
use tokio::io::AsyncReadExt;

use crate::{Lake, LakeError, lake::store_error, swap::blocking};

/// Files up to this size are put with one request; larger ones in parts of it.
const PART: usize = 5 << 20;
/// Parts that are under way at one time: what bounds the memory.
const UNDER_WAY: usize = 4;

impl Lake {
    /// Moves a whole local file into the lake, where it appears atomically; the local file is gone afterwards.
    ///
    /// # Errors
    /// The store or the local disk failed, or the lake's lock was lost; the lake is then as before.
    pub async fn commit(&self, local: &Path, path: &str) -> Result<(), LakeError> {
        self.check_lock()?;
        if let Some(disk) = self.disk() {
            let (local, path) = (local.to_owned(), path.to_owned());
            return blocking(move || disk.commit(&local, &path)).await;
        }
        self.upload(local, path).await?;
        std::fs::remove_file(local).map_err(|source| LakeError::File {
            path: local.to_owned(),
            source,
        })
    }

    /// Copies a local file to a bucket. Parts of an upload that failed are thrown away; those of one whose process was killed stay
    /// until the bucket's own rules remove them.
    async fn upload(&self, local: &Path, path: &str) -> Result<(), LakeError> {
        let unreadable = |source| LakeError::File {
            path: local.to_owned(),
            source,
        };
        let (objects, target) = (self.store().objects(), self.store().full_path(path));
        let mut file = tokio::fs::File::open(local).await.map_err(unreadable)?;
        let bytes = file.metadata().await.map_err(unreadable)?.len();
        if bytes <= PART as u64 {
            let mut whole = Vec::new();
            file.read_to_end(&mut whole).await.map_err(unreadable)?;
            let put = objects.put(&target, whole.into()).await;
            return put.map(|_| ()).map_err(|e| store_error(path, e));
        }
        let upload = objects.put_multipart(&target).await;
        let mut writer =
            WriteMultipart::new_with_chunk_size(upload.map_err(|e| store_error(path, e))?, PART);
        let mut buffer = vec![0; 1 << 20];
        let failed = loop {
            match file.read(&mut buffer).await {
                Ok(0) => break None,
                Ok(read) => writer.write(&buffer[..read]),
                Err(error) => break Some(unreadable(error)),
            }
            if let Err(error) = writer.wait_for_capacity(UNDER_WAY).await {
                break Some(store_error(path, error));
            }
        };
        let Some(error) = failed else {
            let finished = writer.finish().await;
            return finished.map(|_| ()).map_err(|e| store_error(path, e));
        };
        // What made it fail matters more than whether its parts could be thrown away.
        let _ = writer.abort().await;
        Err(error)
    }
}
