//! One run at a time.

use std::fs::{File, TryLockError};

use crate::{Lake, LakeError, scratch::SCRATCH};

/// The right to run on a lake. It ends with this value, also when the process is killed.
#[derive(Debug)]
pub struct RunLock {
    _file: Option<File>,
}

impl Lake {
    /// Takes the lock of a lake in a folder. A lake in a bucket has no lock yet: every process gets one.
    ///
    /// # Errors
    /// Another process holds the lock, or its file cannot be made.
    pub fn lock(&self) -> Result<RunLock, LakeError> {
        let Some(folder) = self.store().folder() else {
            return Ok(RunLock { _file: None });
        };
        let folder = folder.join(SCRATCH);
        let path = folder.join("run.lock");
        let failed = |source| LakeError::File {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(LakeError::Busy),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lake_has_one_lock_and_gives_it_again() {
        let dir = tempfile::tempdir().unwrap();
        let lake = Lake::open(&dir.path().display().to_string()).unwrap();
        let held = lake.lock().unwrap();
        assert!(matches!(lake.lock(), Err(LakeError::Busy)));
        drop(held);
        assert!(lake.lock().is_ok());
    }
}
