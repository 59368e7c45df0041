//! Folders for files that are not whole yet.

use std::path::{Path, PathBuf};

use crate::LakeError;

/// The lake's folder for scratch folders, ignored by every reader.
pub(crate) const SCRATCH: &str = "_scratch";

/// A folder of this process for files being written; removed when dropped.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes a scratch folder inside `parent`, so that a commit is a rename within one file system.
    pub(crate) fn new(parent: &Path) -> Result<Self, LakeError> {
        let failed = |source| LakeError::File {
            path: parent.to_owned(),
            source,
        };
        std::fs::create_dir_all(parent).map_err(failed)?;
        remove_abandoned(parent);
        tempfile::Builder::new()
            .prefix(&format!("{}-", std::process::id()))
            .tempdir_in(parent)
            .map(Self)
            .map_err(failed)
    }

    /// Returns the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns a path in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Removes the folders and files of processes that were killed. Failing to is harmless: the next run tries again.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some((pid, _)) = name.split_once('-') else {
            continue;
        };
        let is_alive = !Path::new("/proc/self").exists() || Path::new("/proc").join(pid).exists();
        if !is_alive {
            let _ = match path.is_dir() {
                true => std::fs::remove_dir_all(path),
                false => std::fs::remove_file(path),
            };
        }
    }
}
