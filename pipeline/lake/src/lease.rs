//! The lock of a lake in a bucket: an object that its holder keeps renewing.
//!
//! `lock/run.json` is only ever swapped, so of all that would take it one does. No wall clock is believed: who finds the lease held
//! watches it with a stopwatch of its own, and takes it once it did not change for its whole length. The holder counts from before it
//! asked for a renewal, and gives up when that is as long ago: before anybody else may take over.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Lake, LakeError, Version};

/// Where the lease lies, relative to the lake.
pub(crate) const LEASE: &str = "lock/run.json";
/// A lease is renewed so many times within its length.
const RENEWALS: u32 = 4;

/// What the holder says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sign {
    /// Who holds the lease: one process, once.
    owner: String,
    /// How often it was renewed.
    count: u64,
    /// For how long the holder may be silent, in milliseconds.
    length_ms: u64,
    /// Whether the holder gave it up.
    is_over: bool,
}

/// Whether the writes of a lake are still those of the holder of its lock. Shared by the clones of a [`Lake`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Fence(Arc<Mutex<Option<Term>>>);

#[derive(Debug, Clone, Copy)]
struct Term {
    renewed: Instant,
    length: Duration,
    is_lost: bool,
}

impl Fence {
    fn term(&self) -> MutexGuard<'_, Option<Term>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the term from when its last renewal was asked for; says whether it was not lost before.
    fn renew(&self, asked: Instant) -> bool {
        let is_lost = self.is_lost();
        if let Some(term) = self.term().as_mut() {
            term.renewed = asked;
        }
        !is_lost
    }

    fn lose(&self) {
        if let Some(term) = self.term().as_mut() {
            term.is_lost = true;
        }
    }

    /// Says whether a lock was taken and is held no more. Once lost is lost.
    pub(crate) fn is_lost(&self) -> bool {
        let mut term = self.term();
        let Some(term) = term.as_mut() else {
            return false;
        };
        term.is_lost |= term.renewed.elapsed() >= term.length;
        term.is_lost
    }
}

/// A lease that is held, and the thread that renews it.
#[derive(Debug)]
pub(crate) struct Lease {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    fence: Fence,
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        *self.fence.term() = None;
    }
}

/// Takes the lease of a lake, watching a holder that may be dead for as long as its lease is.
pub(crate) async fn take(lake: &Lake, length: Duration) -> Result<Lease, LakeError> {
    // Through a connection of its own: renewals must not queue behind the run's transfers.
    let own = lake.reopened()?;
    let mut sign = Sign {
        owner: format!("{}.{}", std::process::id(), uuid::Uuid::new_v4()),
        count: 1,
        length_ms: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
        is_over: false,
    };
    let free = watch(&own).await?;
    let renewed = Instant::now();
    let Some(version) = own.swap(LEASE, &free, bytes(&sign)).await? else {
        return Err(LakeError::Busy);
    };
    let term = Term {
        renewed,
        length,
        is_lost: false,
    };
    let fence = lake.fence().clone();
    *fence.term() = Some(term);
    let (stop, stopped) = mpsc::channel();
    let renewing = fence.clone();
    let thread = std::thread::Builder::new()
        .name("lease".to_owned())
        .spawn(move || {
            let renewer = Renewer {
                lake: own,
                fence: renewing,
                length,
                version,
            };
            renewer.renew_until(&stopped, &mut sign);
        });
    let thread = thread.map_err(|source| LakeError::File {
        path: "a thread".into(),
        source,
    })?;
    Ok(Lease {
        stop: Some(stop),
        thread: Some(thread),
        fence,
    })
}

/// Returns the version of a lease that nobody holds, or whose holder was silent for its length.
async fn watch(lake: &Lake) -> Result<Version, LakeError> {
    let (first, version) = lake.read_version(LEASE).await?;
    let Some(held) = first.as_ref().and_then(parse).filter(|sign| !sign.is_over) else {
        return Ok(version);
    };
    let length = Duration::from_millis(held.length_ms);
    let since = Instant::now();
    while since.elapsed() < length {
        tokio::time::sleep(length / (2 * RENEWALS)).await;
        let (now, version) = lake.read_version(LEASE).await?;
        match now.as_ref().and_then(parse) {
            Some(sign) if sign == held => {}
            Some(sign) if !sign.is_over => return Err(LakeError::Busy),
            _ => return Ok(version),
        }
    }
    Ok(version)
}

/// Renews a lease from a thread of its own, so that no work of the run can hold it up.
struct Renewer {
    lake: Lake,
    fence: Fence,
    length: Duration,
    version: Version,
}

impl Renewer {
    fn renew_until(mut self, stopped: &mpsc::Receiver<()>, sign: &mut Sign) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else {
            return self.fence.lose();
        };
        while let Err(mpsc::RecvTimeoutError::Timeout) =
            stopped.recv_timeout(self.length / RENEWALS)
        {
            sign.count += 1;
            let asked = Instant::now();
            // A store that fails is asked again; the term ends by itself where it fails for too long.
            match runtime.block_on(self.put(sign)) {
                Ok(true) if self.fence.renew(asked) => {}
                Ok(false) => return self.fence.lose(),
                Err(_) if !self.fence.is_lost() => {}
                // It came too late, and the run was refused to write: somebody else may begin.
                _ => break,
            }
        }
        sign.is_over = true;
        // Where this fails the lease runs out, as after a kill.
        let _ = runtime.block_on(self.put(sign));
    }

    /// Writes a sign of life; says whether the lease is still ours.
    async fn put(&mut self, sign: &Sign) -> Result<bool, LakeError> {
        let timed = tokio::time::timeout(self.length, async {
            for _ in 0..2 {
                let swapped = self.lake.swap(LEASE, &self.version, bytes(sign)).await?;
                if let Some(version) = swapped {
                    self.version = version;
                    return Ok(true);
                }
                // A renewal whose answer never came may have been done.
                let (now, version) = self.lake.read_version(LEASE).await?;
                let is_ours = now
                    .as_ref()
                    .and_then(parse)
                    .is_some_and(|now| now.owner == sign.owner);
                if !is_ours {
                    return Ok(false);
                }
                self.version = version;
            }
            Ok(false)
        });
        timed.await.unwrap_or(Err(LakeError::Busy))
    }
}

fn parse(bytes: &Bytes) -> Option<Sign> {
    serde_json::from_slice(bytes).ok()
}

fn bytes(sign: &Sign) -> Vec<u8> {
    serde_json::to_vec(sign).expect("a sign is plain data")
}
