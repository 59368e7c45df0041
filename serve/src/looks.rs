//! How often a look at the announced snapshot came to what, since the process started.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Refresh;

/// Counts looks by what they came to.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    unchanged: AtomicU64,
    nothing: AtomicU64,
    swapped: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Looks {
    /// Counts a look.
    pub(crate) fn count(&self, refresh: &Refresh) {
        let counter = match refresh {
            Refresh::Unchanged => &self.unchanged,
            Refresh::Nothing => &self.nothing,
            Refresh::Swapped => &self.swapped,
            Refresh::Refused => &self.refused,
            Refresh::Failed => &self.failed,
        };
        counter.fetch_add(1, Relaxed);
    }

    /// Returns how many looks came to each.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("unchanged", &self.unchanged),
            ("nothing", &self.nothing),
            ("swapped", &self.swapped),
            ("refused", &self.refused),
            ("failed", &self.failed),
        ]
        .map(|(outcome, counter)| (outcome, counter.load(Relaxed)))
    }
}
