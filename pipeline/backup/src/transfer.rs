//! Bringing an object from one place to another, checked on the way.

use std::path::Path;

use lake::Lake;
use schemas::FileEntry;
use serde::Serialize;

use crate::BackupError;

/// So many objects, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Objects.
    pub objects: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl Amount {
    pub(crate) fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes += bytes;
    }
}

/// Returns the size and digest of an object.
pub(crate) async fn entry(place: &Lake, path: &str) -> Result<FileEntry, BackupError> {
    let local = place.local(path).await?;
    off_thread(path, move || snapshot::entry(local.path())).await
}

/// Copies an object; returns none, and leaves the target as it was, where the copy is not `wanted`.
pub(crate) async fn copy(
    from: (&Lake, &str),
    to: (&Lake, &str),
    wanted: &FileEntry,
) -> Result<Option<()>, BackupError> {
    let local = from.0.local(from.1).await?;
    let scratch = to.0.scratch()?;
    let staged = scratch.file("object");
    let copied = staged.clone();
    let found = off_thread(to.1, move || {
        copy_file(local.path(), &copied)?;
        snapshot::entry(&copied)
    });
    if found.await? != *wanted {
        return Ok(None);
    }
    to.0.commit(&staged, to.1).await?;
    Ok(Some(()))
}

/// Copies bytes and not rights: the new file is made as any other of its place.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    let (mut from, mut to) = (std::fs::File::open(from)?, std::fs::File::create(to)?);
    std::io::copy(&mut from, &mut to).map(|_| ())
}

async fn off_thread<T: Send + 'static>(
    path: &str,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.expect("copying does not panic")
        .map_err(|source| BackupError::File {
            path: path.to_owned(),
            source,
        })
}
