//! The snapshot that answers now: swapped when another is announced, to this node first or to all, kept when the other is bad.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use schemas::{Canary, Pointer};
use serde::Serialize;
use snapshot::Announcement;

use crate::{
    CanaryChoice, Loader, Serving,
    canary::{CanaryState, Part},
    looks::Looks,
};

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

/// As what a snapshot is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// All nodes are to serve it.
    Announced,
    /// Some nodes are to serve it first.
    Canary,
}

/// What came of trying to serve what is named now.
#[derive(Debug, Default)]
struct Trial {
    /// The pointer that was refused for good.
    refused: Option<Pointer>,
    /// What is wrong now; logged when it changes.
    trouble: Option<RefusedSnapshot>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The pointer that is served.
    served: Option<Pointer>,
    /// The canary that there is, and whether the node takes part in it.
    canary: Option<(Canary, bool)>,
    of_announced: Trial,
    of_canary: Trial,
}

impl Seen {
    fn trial(&mut self, role: Role) -> &mut Trial {
        match role {
            Role::Announced => &mut self.of_announced,
            Role::Canary => &mut self.of_canary,
        }
    }
}

/// Holds the current snapshot.
#[derive(Debug)]
pub struct Current {
    loader: Loader,
    serving: RwLock<Option<Arc<Serving>>>,
    seen: Mutex<Seen>,
    looks: Looks,
    part: Part,
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
            part: Part::default(),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Takes part in canaries as `choice` says, under a name; by share, and without a name, unless said.
    #[must_use]
    pub fn taking_part(mut self, choice: CanaryChoice, node: String) -> Self {
        self.part = Part::new(choice, node);
        self
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
        self.seen().of_announced.trouble.clone()
    }

    /// Returns what the node makes of the canary; none where there is none.
    pub(crate) fn canary(&self) -> Option<CanaryState> {
        let seen = self.seen();
        let trouble = seen.of_canary.trouble.as_ref();
        let (canary, takes_part) = seen.canary.as_ref()?;
        Some(CanaryState {
            id: canary.id.to_string(),
            share: canary.share,
            takes_part: *takes_part,
            is_served: *takes_part && seen.served.as_ref() == Some(&canary.pointer()),
            refused: trouble.map(|trouble| trouble.reason.clone()),
        })
    }

    /// Returns what looks came to so far.
    pub(crate) fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Looks once at what is announced, and at the canary where the node takes part, and swaps to it where it is new and good.
    pub async fn refresh(&self) -> Refresh {
        let refresh = self.look().await;
        self.looks.count(&refresh);
        refresh
    }

    async fn look(&self) -> Refresh {
        let _turn = self.turn.lock().await;
        let announcement = match self.loader.announcement().await {
            Ok(Some(announcement)) => announcement,
            Ok(None) => return Refresh::Nothing,
            Err(error) => {
                self.note_trouble(Role::Announced, None, causes(&error));
                return Refresh::Failed;
            }
        };
        let wanted = self.remember(&announcement);
        let mut tried = Refresh::Unchanged;
        if let Some(canary) = wanted {
            tried = self.take(&canary, Role::Canary).await;
            if self.seen().served.as_ref() == Some(&canary) {
                return tried;
            }
        }
        // A canary that cannot be served costs the node nothing: it serves what the others do.
        match self.take(&announcement.pointer, Role::Announced).await {
            Refresh::Unchanged => tried,
            done => done,
        }
    }

    /// Remembers which canary there is, and returns it where this node takes part.
    fn remember(&self, announcement: &Announcement) -> Option<Pointer> {
        let canary = announcement.canary.as_ref();
        let takes_part = canary.is_some_and(|canary| self.part.takes(canary));
        let wanted = canary.filter(|_| takes_part).map(|canary| canary.pointer());
        let mut seen = self.seen();
        seen.canary = canary.map(|canary| (canary.clone(), takes_part));
        // What was wrong with another canary is no news any more.
        let trial = seen.trial(Role::Canary);
        let named = trial.trouble.as_ref().map(|one| one.id.clone());
        let wants = wanted.as_ref().map(|one| Some(one.id.to_string()));
        if announcement.malformed.is_none() && named != wants {
            *trial = Trial::default();
        }
        drop(seen);
        if let Some(reason) = &announcement.malformed {
            self.note_trouble(Role::Canary, None, reason.clone());
        }
        wanted
    }

    /// Serves a snapshot where it is not served yet and good.
    async fn take(&self, pointer: &Pointer, role: Role) -> Refresh {
        if self.seen().served.as_ref() == Some(pointer) {
            *self.seen().trial(role) = Trial::default();
            return Refresh::Unchanged;
        }
        if self.seen().trial(role).refused.as_ref() == Some(pointer) {
            return Refresh::Unchanged;
        }
        match self.loader.load(pointer).await {
            Ok(serving) => {
                self.swap(pointer, role, serving);
                Refresh::Swapped
            }
            Err(error) => {
                self.note_trouble(role, Some(pointer), causes(&error));
                if error.is_transient() {
                    return Refresh::Failed;
                }
                self.seen().trial(role).refused = Some(pointer.clone());
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

    fn swap(&self, pointer: &Pointer, role: Role, serving: Serving) {
        let manifest = serving.manifest();
        let has_encoder = serving.encoder().is_some();
        let is_canary = role == Role::Canary;
        tracing::info!(snapshot = %manifest.id, slot = %manifest.slot, has_encoder, is_canary, "serving a new snapshot");
        let mut slot = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let old = slot.replace(Arc::new(serving));
        drop(slot);
        let mut seen = self.seen();
        seen.served = Some(pointer.clone());
        *seen.trial(role) = Trial::default();
        drop(seen);
        // Freeing a large snapshot takes a while; it must not hold the lock that every request takes.
        drop(old);
    }

    /// Remembers what is wrong and logs it once.
    fn note_trouble(&self, role: Role, pointer: Option<&Pointer>, reason: String) {
        let trouble = RefusedSnapshot {
            id: pointer.map(|pointer| pointer.id.to_string()),
            reason,
        };
        let mut seen = self.seen();
        let still_served = seen.served.as_ref().map(|served| served.id.to_string());
        let trial = seen.trial(role);
        if trial.trouble.as_ref() == Some(&trouble) {
            return;
        }
        let (id, reason) = (&trouble.id, &trouble.reason);
        match role {
            Role::Announced => {
                tracing::error!(
                    announced = id,
                    still_served,
                    reason,
                    "the announced snapshot is refused"
                );
            }
            Role::Canary => {
                tracing::error!(
                    canary = id,
                    still_served,
                    reason,
                    "the canary is refused: the announced snapshot is served"
                );
            }
        }
        trial.trouble = Some(trouble);
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
