//! Objects of a lake in a folder: whole or absent, also when the power fails.
//!
//! An object is written beside the others under a name of its own, synced, and given its name by one system call: a rename where it may
//! replace, a hard link where it must not. The folders of new names are synced before a pointer is moved, so that a pointer never
//! outlives what it names.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{LakeError, scratch::SCRATCH};

/// The file that writers lock while they compare an object and replace it.
const SWAP_LOCK: &str = "swap.lock";

/// The folder of a lake, and the folders in it whose newest names may not be on the disk yet. Shared by the clones of a lake.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    folder: PathBuf,
    unsynced: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// A file on its way into the lake; gone with this value unless it was given a name.
struct Staged(PathBuf);

impl Drop for Staged {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Disk {
    pub(crate) fn new(folder: PathBuf) -> Self {
        let unsynced = Arc::default();
        Self { folder, unsynced }
    }

    /// Writes an object, replacing the one that is there.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), LakeError> {
        let staged = self.stage(bytes)?;
        self.place(path, |target| fs::rename(&staged.0, target))
    }

    /// Writes an object that must not exist; says whether it did not.
    pub(crate) fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, LakeError> {
        let staged = self.stage(bytes)?;
        match self.place(path, |target| fs::hard_link(&staged.0, target)) {
            Err(LakeError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                return Ok(false);
            }
            placed => placed?,
        }
        self.sync()?;
        Ok(true)
    }

    /// Writes an object where it is still the one that was seen; says whether it was. Of all programs that use the folder one compares
    /// at a time: they lock a file for it.
    pub(crate) fn swap(
        &self,
        path: &str,
        seen: Option<blake3::Hash>,
        bytes: &[u8],
    ) -> Result<bool, LakeError> {
        self.sync()?;
        let staged = self.stage(bytes)?;
        let lock = self.folder.join(SCRATCH).join(SWAP_LOCK);
        let held = File::create(&lock).and_then(|file| file.lock().map(|()| file));
        let _held = held.map_err(failed(&lock))?;
        let target = self.folder.join(path);
        let now = match fs::read(&target) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            now => Some(blake3::hash(&now.map_err(failed(&target))?)),
        };
        if now != seen {
            return Ok(false);
        }
        self.place(path, |target| fs::rename(&staged.0, target))?;
        self.sync()?;
        Ok(true)
    }

    /// Gives an object's bytes a second name, replacing what has it.
    pub(crate) fn copy(&self, from: &str, to: &str) -> Result<(), LakeError> {
        let source = self.folder.join(from);
        let staged = self.new_name(|path| fs::hard_link(&source, path))?;
        self.place(to, |target| fs::rename(&staged.0, target))
    }

    /// Moves a file of the lake's scratch folder to its place.
    pub(crate) fn commit(&self, local: &Path, path: &str) -> Result<(), LakeError> {
        let synced = File::open(local).and_then(|file| file.sync_all());
        synced.map_err(failed(local))?;
        self.place(path, |target| fs::rename(local, target))
    }

    fn stage(&self, bytes: &[u8]) -> Result<Staged, LakeError> {
        self.new_name(|path| {
            let mut file = File::create_new(path)?;
            let written = file.write_all(bytes).and_then(|()| file.sync_all());
            // It is this call's own file: nothing else would remove it.
            written.inspect_err(|_| drop(fs::remove_file(path)))
        })
    }

    /// Makes a file under a name in the scratch folder that nobody has.
    fn new_name(&self, make: impl Fn(&Path) -> io::Result<()>) -> Result<Staged, LakeError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let scratch = self.folder.join(SCRATCH);
        fs::create_dir_all(&scratch).map_err(failed(&scratch))?;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = scratch.join(format!("{}-put-{number}", std::process::id()));
            match make(&path) {
                // A process of the same id on another machine, or one that was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made.map(|()| Staged(path.clone())).map_err(failed(&path)),
            }
        }
    }

    /// Gives a file its name in the lake.
    fn place(
        &self,
        path: &str,
        name: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), LakeError> {
        let target = self.folder.join(path);
        let parent = target.parent().unwrap_or(&self.folder);
        let placed = self.make_folder(parent).and_then(|()| name(&target));
        placed.map_err(failed(&target))?;
        self.unsynced().insert(parent.to_owned());
        Ok(())
    }

    /// Makes a folder of the lake and those above it.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() || folder == self.folder {
            return Ok(());
        }
        let Some(parent) = folder.parent() else {
            return Ok(());
        };
        self.make_folder(parent)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => made?,
        }
        self.unsynced().insert(parent.to_owned());
        Ok(())
    }

    /// Brings every name that was given to the disk.
    fn sync(&self) -> Result<(), LakeError> {
        for folder in std::mem::take(&mut *self.unsynced()) {
            match sync_folder(&folder) {
                // Somebody removed it, with its names.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                synced => synced.map_err(failed(&folder))?,
            }
        }
        Ok(())
    }

    fn unsynced(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> LakeError {
    let path = path.to_owned();
    |source| LakeError::File { path, source }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
