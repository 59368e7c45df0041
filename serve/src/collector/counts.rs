//! What the collector did so far, for `/health`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

/// Lines by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Handed to the operating system.
    pub written: u64,
    /// Waiting for the writer.
    pub queued: u64,
    /// Given up: the disk refused them, or the queue stayed full.
    pub lost: u64,
}

/// The counters behind [`Counts`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: AtomicU64,
    written: AtomicU64,
    /// Of the accepted ones.
    dropped: AtomicU64,
    /// Never accepted.
    refused: AtomicU64,
}

impl Counters {
    pub(super) fn accept(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(super) fn write(&self, lines: u64) {
        self.written.fetch_add(lines, Relaxed);
    }

    pub(super) fn drop_lines(&self, lines: u64) {
        self.dropped.fetch_add(lines, Relaxed);
    }

    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        let (written, dropped) = (self.written.load(Relaxed), self.dropped.load(Relaxed));
        Counts {
            written,
            queued: self
                .accepted
                .load(Relaxed)
                .saturating_sub(written + dropped),
            lost: dropped + self.refused.load(Relaxed),
        }
    }
}
