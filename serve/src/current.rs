//! The snapshot that answers now: swapped when another is announced, kept when the other is bad.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use schemas::Pointer;
use serde::Serialize;

use crate::{LoadError, Loader, Serving, looks::Looks};

/// What a look at the announced snapshot came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// What is announced is already served, or was refused before.
    Unchanged,
    /// Nothing is announced.
    Nothing,
    /// Another snapshot is served from now on.
    Swapped,
    /// The announced snapshot was refused for good; the old one stays.
    Refused,
    /// The store failed; the same pointer is tried again at the next look.
    Failed,
}

/// A snapshot that was announced and is not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusedSnapshot {
    /// Its id; none where the pointer itself could not be read.
    pub(crate) id: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

#[derive(Debug, Default)]
struct Seen {
    /// The pointer that is served.
    served: Option<Pointer>,
    /// The pointer that was refused for good.
    refused: Option<Pointer>,
    /// What is wrong now; logged when it changes.
    trouble: Option<RefusedSnapshot>,
}

/// Holds the current snapshot.
#[derive(Debug)]
pub struct Current {
    loader: Loader,
    serving: RwLock<Option<Arc<Serving>>>,
    seen: Mutex<Seen>,
    looks: Looks,
    /// One load at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Current {
    /// Starts with no snapshot; [`Current::refresh`] looks for one.
    #[must_use]
    pub fn new(loader: Loader) -> Self {
        Self {
            loader,
            serving: RwLock::new(None),
            seen: Mutex::new(Seen::default()),
            looks: Looks::default(),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Returns the snapshot to answer a request from. The request keeps it to its end, whatever is swapped meanwhile.
    #[must_use]
    pub fn serving(&self) -> Option<Arc<Serving>> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns what is wrong with the announced snapshot, where it is not the one served.
    pub(crate) fn trouble(&self) -> Option<RefusedSnapshot> {
        self.seen().trouble.clone()
    }

    /// Returns what looks came to so far.
    pub(crate) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Looks at the announced snapshot once and swaps to it where it is new and good.
    pub async fn refresh(&self) -> Refresh {
        let refresh = self.look().await;
        self.looks.count(&refresh);
        refresh
    }

    async fn look(&self) -> Refresh {
        let _turn = self.turn.lock().await;
        let pointer = match self.loader.announced().await {
            Ok(Some(pointer)) => pointer,
            Ok(None) => return Refresh::Nothing,
            Err(error) => {
                self.note_trouble(None, &LoadError::from(error));
                return Refresh::Failed;
            }
        };
        if self.seen().served.as_ref() == Some(&pointer) {
            let mut seen = self.seen();
            (seen.refused, seen.trouble) = (None, None);
            return Refresh::Unchanged;
        }
        if self.seen().refused.as_ref() == Some(&pointer) {
            return Refresh::Unchanged;
        }
        match self.loader.load(&pointer).await {
            Ok(serving) => {
                self.swap(pointer, serving);
                Refresh::Swapped
            }
            Err(error) if error.is_transient() => {
                self.note_trouble(Some(&pointer), &error);
                Refresh::Failed
            }
            Err(error) => {
                self.note_trouble(Some(&pointer), &error);
                self.seen().refused = Some(pointer);
                Refresh::Refused
            }
        }
    }

    /// Looks again and again, for ever.
    pub async fn watch(&self, every: Duration) {
        let mut is_waiting = false;
        loop {
            let refresh = self.refresh().await;
            if refresh == Refresh::Nothing && !std::mem::replace(&mut is_waiting, true) {
                tracing::warn!("no snapshot is announced yet: the node is live and not ready");
            }
            tokio::time::sleep(every).await;
        }
    }

    fn swap(&self, pointer: Pointer, serving: Serving) {
        let manifest = serving.manifest();
        let has_encoder = serving.encoder().is_some();
        tracing::info!(snapshot = %manifest.id, slot = %manifest.slot, has_encoder, "serving a new snapshot");
        let mut slot = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let old = slot.replace(Arc::new(serving));
        drop(slot);
        *self.seen() = Seen {
            served: Some(pointer),
            refused: None,
            trouble: None,
        };
        // Freeing a large snapshot takes a while; it must not hold the lock that every request takes.
        drop(old);
    }

    /// Remembers what is wrong and logs it once.
    fn note_trouble(&self, pointer: Option<&Pointer>, error: &LoadError) {
        let trouble = RefusedSnapshot {
            id: pointer.map(|pointer| pointer.id.to_string()),
            reason: causes(error),
        };
        let mut seen = self.seen();
        if seen.trouble.as_ref() != Some(&trouble) {
            let served = seen.served.as_ref().map(|served| served.id.to_string());
            tracing::error!(
                announced = trouble.id,
                still_served = served,
                reason = trouble.reason,
                "the announced snapshot is refused"
            );
            seen.trouble = Some(trouble);
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes an error and its sources in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
