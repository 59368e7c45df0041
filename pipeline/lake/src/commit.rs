//! How a local file enters the lake: whole, or not at all.

use std::path::Path;

use object_store::{ObjectStoreExt, WriteMultipart};

use crate::{Lake, LakeError, lake::store_error};

impl Lake {
    /// Moves a whole local file into the lake, where it appears atomically; the local file is gone afterwards.
    ///
    /// # Errors
    /// The store or the local disk failed; the lake is then as before.
    pub async fn commit(&self, local: &Path, path: &str) -> Result<(), LakeError> {
        let failed = |source| LakeError::File {
            path: local.to_owned(),
            source,
        };
        if let Some(folder) = self.store().folder() {
            let target = folder.join(path);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent).map_err(failed)?;
            }
            let file = std::fs::File::open(local).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            return std::fs::rename(local, &target).map_err(failed);
        }
        let mut file = tokio::fs::File::open(local).await.map_err(failed)?;
        let upload = self
            .store()
            .objects()
            .put_multipart(&self.store().full_path(path))
            .await;
        let mut writer = WriteMultipart::new(upload.map_err(|e| store_error(path, e))?);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = tokio::io::AsyncReadExt::read(&mut file, &mut buffer)
                .await
                .map_err(failed)?;
            if read == 0 {
                break;
            }
            writer
                .wait_for_capacity(4)
                .await
                .map_err(|e| store_error(path, e))?;
            writer.write(&buffer[..read]);
        }
        writer.finish().await.map_err(|e| store_error(path, e))?;
        std::fs::remove_file(local).map_err(failed)
    }
}
