//! Reads the keys again where they changed, and keeps the old ones where the new are bad.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use access::{Issuers, KeyFile, Keyring};
use chrono::{DateTime, Utc};
use snapshot::Store;

use super::Gatekeeper;

/// Where a lake has its keys, whichever environment is served.
pub(crate) const KEYS_IN_LAKE: &str = "access/keys.json";
/// How often a node without keys says so.
const WARN_EVERY: Duration = Duration::from_secs(600);

/// Where the keys are.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// A file that the operator named: it must be there.
    File(PathBuf),
    /// The lake: keys are asked for where it has some.
    Lake(Store),
}

/// Keeps a gatekeeper's keys as they are written.
#[derive(Debug)]
pub(crate) struct KeyWatch {
    source: KeySource,
    tokens: Option<PathBuf>,
    gatekeeper: Arc<Gatekeeper>,
    clock: fn() -> DateTime<Utc>,
    /// Digest of what was looked at last, whether it was good or not.
    seen: Option<blake3::Hash>,
}

/// What a look came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// The same as before.
    Unchanged,
    /// New keys open the node.
    Installed,
    /// There are none, and there were none: development mode.
    NoKeys,
    /// What is there is bad, or gone: the old keys stay.
    Refused(String),
    /// The place could not be read: that may pass.
    Unreadable(String),
}

impl KeyWatch {
    pub(crate) fn new(
        source: KeySource,
        tokens: Option<PathBuf>,
        gatekeeper: Arc<Gatekeeper>,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        Self {
            source,
            tokens,
            gatekeeper,
            clock,
            seen: None,
        }
    }

    /// Looks for the first time. A file that the operator named must be good; a lake's keys must be good where there are some; a lake
    /// that cannot be read leaves the node shut.
    ///
    /// # Errors
    /// Why the keys cannot be used.
    pub(crate) async fn begin(&mut self) -> anyhow::Result<()> {
        match self.look().await {
            Look::Refused(reason) => anyhow::bail!(reason),
            Look::Unreadable(reason) if matches!(self.source, KeySource::File(_)) => {
                anyhow::bail!(reason)
            }
            Look::Unreadable(reason) => {
                tracing::error!(reason, "the keys cannot be read yet: nobody is let in")
            }
            Look::NoKeys => self.gatekeeper.stay_open(),
            Look::Installed | Look::Unchanged => {}
        }
        Ok(())
    }

    /// Looks again and again, for ever.
    pub(crate) async fn watch(mut self, every: Duration) {
        let mut quiet = WARN_EVERY;
        loop {
            if self.gatekeeper.is_open() && quiet >= WARN_EVERY {
                quiet = Duration::ZERO;
                tracing::warn!(
                    "DEVELOPMENT MODE: this node has no keys. Whoever reaches it may ask anything for any tenant. Make one: serve keys new --help"
                );
            }
            tokio::time::sleep(every).await;
            quiet += every;
            if self.look().await == Look::NoKeys {
                self.gatekeeper.stay_open();
            }
        }
    }

    /// Looks once, and takes over what is new and good.
    pub(crate) async fn look(&mut self) -> Look {
        let look = match self.read().await {
            Ok(Some(found)) => self.take_over(found),
            Ok(None) if self.may_have_none() => Look::NoKeys,
            Ok(None) => {
                let place = self.place();
                let reason = format!("there are no keys at {place}: `serve keys new` makes them");
                self.refuse(blake3::hash(b"gone"), reason)
            }
            Err(reason) => Look::Unreadable(reason),
        };
        match &look {
            Look::Installed => {
                let keys = self
                    .gatekeeper
                    .valid_keys((self.clock)())
                    .unwrap_or_default();
                tracing::info!(keys, from = self.place(), "keys are asked for");
            }
            Look::Refused(reason) => {
                tracing::error!(reason, "the keys are refused: what was known before stays");
                self.gatekeeper.note_trouble(Some(reason.clone()));
            }
            Look::Unreadable(reason) => {
                if self.gatekeeper.trouble().as_ref() != Some(reason) {
                    tracing::error!(
                        reason,
                        "the keys cannot be read: what was known before stays"
                    );
                    self.gatekeeper.note_trouble(Some(reason.clone()));
                }
            }
            Look::Unchanged | Look::NoKeys => {}
        }
        look
    }

    /// Says whether the place may be without keys: a lake's in which none were ever found. Where there were some once, their file
    /// was lost, and a node must not open for that.
    fn may_have_none(&self) -> bool {
        let is_lake = matches!(self.source, KeySource::Lake(_));
        is_lake && self.tokens.is_none() && self.seen.is_none()
    }

    fn place(&self) -> String {
        match &self.source {
            KeySource::File(path) => path.display().to_string(),
            KeySource::Lake(store) => format!("{}{KEYS_IN_LAKE}", store.url()),
        }
    }

    /// Reads the keys and the issuers; none where there are no keys.
    async fn read(&self) -> Result<Option<Found>, String> {
        let keys = match &self.source {
            KeySource::File(path) => read_file(path).await?,
            KeySource::Lake(store) => {
                let read = store.read(KEYS_IN_LAKE).await;
                let read = read.map_err(|error| format!("{}: {error}", self.place()))?;
                read.map(|bytes| bytes.to_vec())
            }
        };
        let Some(keys) = keys else {
            return Ok(None);
        };
        let tokens = match &self.tokens {
            Some(path) => {
                let bytes = read_file(path).await?;
                Some(bytes.ok_or_else(|| format!("{} is not there", path.display()))?)
            }
            None => None,
        };
        Ok(Some(Found { keys, tokens }))
    }

    fn take_over(&mut self, found: Found) -> Look {
        let made = found.open(self.tokens.as_deref(), &self.place());
        let digest = match &made {
            Ok(opened) => opened.digest,
            Err(_) => found.digest(),
        };
        if self.seen == Some(digest) {
            if made.is_ok() {
                self.gatekeeper.note_trouble(None);
            }
            return Look::Unchanged;
        }
        match made {
            Ok(opened) => {
                self.seen = Some(digest);
                self.gatekeeper.install(opened.keyring, opened.issuers);
                Look::Installed
            }
            Err(reason) => self.refuse(digest, reason),
        }
    }

    fn refuse(&mut self, digest: blake3::Hash, reason: String) -> Look {
        if self.seen.replace(digest) == Some(digest) {
            return Look::Unchanged;
        }
        Look::Refused(reason)
    }
}

/// Files as they are.
struct Found {
    keys: Vec<u8>,
    tokens: Option<Vec<u8>>,
}

/// What they hold.
struct Opened {
    keyring: Keyring,
    issuers: Option<Issuers>,
    /// Of the files and of the key files that they name.
    digest: blake3::Hash,
}

impl Found {
    fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(blake3::hash(&self.keys).as_bytes());
        hasher.update(self.tokens.as_deref().unwrap_or_default());
        hasher.finalize()
    }

    fn open(&self, tokens: Option<&Path>, place: &str) -> Result<Opened, String> {
        let file = KeyFile::parse(&self.keys).map_err(|error| format!("{place}: {error}"))?;
        let keyring = Keyring::new(file).map_err(|error| format!("{place}: {error}"))?;
        let hasher = std::cell::RefCell::new(blake3::Hasher::new());
        hasher.borrow_mut().update(self.digest().as_bytes());
        let mut issuers = None;
        if let (Some(path), Some(text)) = (tokens, &self.tokens) {
            let folder = path.parent().unwrap_or(Path::new("."));
            let read = |key_file: &Path| {
                let bytes = std::fs::read(folder.join(key_file))?;
                hasher.borrow_mut().update(&bytes);
                Ok(bytes)
            };
            let refuse = |reason: String| format!("{}: {reason}", path.display());
            let text = std::str::from_utf8(text).map_err(|_| refuse("not UTF-8".to_owned()))?;
            issuers = Some(Issuers::parse(text, read).map_err(|error| refuse(error.to_string()))?);
        }
        let digest = hasher.borrow().finalize();
        Ok(Opened {
            keyring,
            issuers,
            digest,
        })
    }
}

/// Reads a file; none where it does not exist.
async fn read_file(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
