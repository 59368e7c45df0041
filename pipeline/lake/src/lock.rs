//! One run at a time: a locked file where the lake is a folder, a lease where it is a bucket.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use crate::{
    Lake, LakeError,
    lease::{self, Lease},
    scratch::SCRATCH,
};

/// The variable that says for how many seconds a lease holds without a sign of life.
const LENGTH: &str = "MARKETLOUNGE_LOCK_SECONDS";
const USUAL: Duration = Duration::from_secs(30);

/// The right to run on a lake. It ends with this value. When the process is killed it ends at once on a folder, and on a bucket once
/// somebody else has watched the lease for its length.
#[derive(Debug)]
#[must_use = "the lock ends with this value"]
pub struct RunLock {
    _held: Held,
}

#[derive(Debug)]
#[expect(dead_code, reason = "they are held, not read")]
enum Held {
    File(File),
    Lease(Lease),
}

impl Lake {
    /// Takes the lock of the lake. A lease on a bucket is renewed by a thread of its own; where that fails, or another program took
    /// the lease over, every later write through this value and its clones is refused: a run that lost its lock changes nothing.
    ///
    /// # Errors
    /// Another process holds the lock; or its file or the store failed.
    pub async fn lock(&self) -> Result<RunLock, LakeError> {
        self.lock_for(length()?).await
    }

    /// Does the same with a lease of another length than the 30 s, or `MARKETLOUNGE_LOCK_SECONDS`, that are usual.
    ///
    /// # Errors
    /// As [`Lake::lock`].
    pub async fn lock_for(&self, length: Duration) -> Result<RunLock, LakeError> {
        let held = match self.store().folder() {
            Some(folder) => Held::File(lock_file(&folder.join(SCRATCH))?),
            None => Held::Lease(lease::take(self, length).await?),
        };
        Ok(RunLock { _held: held })
    }
}

fn lock_file(folder: &Path) -> Result<File, LakeError> {
    let path = folder.join("run.lock");
    let failed = |source| LakeError::File {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LakeError::Busy),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn length() -> Result<Duration, LakeError> {
    let Ok(said) = std::env::var(LENGTH) else {
        return Ok(USUAL);
    };
    let seconds = said.parse().ok().filter(|seconds| *seconds > 0.0);
    let length = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    length.ok_or_else(|| LakeError::Malformed {
        path: LENGTH.to_owned(),
        reason: format!("{said:?} is no number of seconds"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lake_has_one_lock_and_gives_it_again() {
        let dir = tempfile::tempdir().unwrap();
        let lake = Lake::open(&dir.path().display().to_string()).unwrap();
        let held = lake.lock().await.unwrap();
        assert!(matches!(lake.lock().await, Err(LakeError::Busy)));
        drop(held);
        assert!(lake.lock().await.is_ok());
    }
}
