//! The file of keys: what is kept of each, and how keys are made, rotated and revoked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemas::Tenant;
use serde::{Deserialize, Serialize};

use crate::{
    Entropy, LimitError, Limits, Scopes, Tenants,
    key::{hex, mint},
};

/// The format that this crate writes, and the only one that it reads.
const FORMAT: u32 = 1;

/// What a key may do, to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// For whom it may ask.
    pub tenants: Tenants,
    /// For what.
    pub scopes: Scopes,
    /// How much.
    pub limits: Limits,
    /// Until when; for ever where absent.
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewKey {
    /// A key without limits and without an end.
    #[must_use]
    pub fn new(name: impl Into<String>, tenants: Tenants, scopes: Scopes) -> Self {
        Self {
            name: name.into(),
            tenants,
            scopes,
            limits: Limits::default(),
            expires_at: None,
        }
    }
}

/// What is kept of a key: neither the key nor its secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Its second part, by which it is looked up, named and logged.
    pub prefix: String,
    #[serde(with = "hex")]
    salt: [u8; 32],
    #[serde(with = "hex")]
    hash: [u8; 32],
    /// What people call it.
    pub name: String,
    /// For whom it may ask.
    pub tenants: Tenants,
    /// For what.
    pub scopes: Scopes,
    /// What limits are counted by: the prefix of the first key that this one was rotated from.
    pub account: String,
    /// How much.
    #[serde(default, skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Prefix of the key that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// What a key is good for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It opens the node.
    Valid,
    /// It does until its overlap with the key that replaces it ends.
    Replaced,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl KeyRecord {
    /// Says what the key is good for.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> KeyState {
        if self.revoked_at.is_some_and(|at| at <= now) {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            KeyState::Expired
        } else if self.replaced_by.is_some() {
            KeyState::Replaced
        } else {
            KeyState::Valid
        }
    }

    pub(crate) fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    pub(crate) fn hash(&self) -> blake3::Hash {
        blake3::Hash::from_bytes(self.hash)
    }
}

impl std::fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("KeyRecord");
        shown
            .field("prefix", &self.prefix)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why a file of keys, or a change to one, is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not what this crate writes. Mend the file, or take back an older one.
    #[error("the keys cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of another version of this program. Use that one.
    #[error("the keys have format {0}; this program reads format {FORMAT}")]
    Format(u32),
    /// Two keys are looked up by the same prefix. Remove one of them.
    #[error("two keys have the prefix {0}")]
    Twice(String),
    /// A key says nothing that it may do, or limits that make no sense. Mend it.
    #[error("key {prefix}: {reason}")]
    Key {
        /// Which.
        prefix: String,
        /// What is wrong.
        reason: String,
    },
    /// A tenant's limits make no sense. Mend them.
    #[error("limits of {tenant}: {source}")]
    Tenant {
        /// Which.
        tenant: Tenant,
        /// What is wrong.
        source: LimitError,
    },
    /// No key has the prefix. `serve keys list` shows those that are there.
    #[error("no key has the prefix {0}")]
    Unknown(String),
    /// The key is not good for what was asked. Make a new one.
    #[error("key {prefix} {reason}")]
    Over {
        /// Which.
        prefix: String,
        /// Why.
        reason: &'static str,
    },
}

/// All keys, and the limits of tenants.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    format: u32,
    /// The keys, in the order in which they were made. Those that are over stay, so that logs can be read.
    pub keys: Vec<KeyRecord>,
    /// Limits of tenants, over all their keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<Tenant, Limits>,
}

impl Default for KeyFile {
    fn default() -> Self {
        Self {
            format: FORMAT,
            keys: Vec::new(),
            tenants: BTreeMap::new(),
        }
    }
}

impl KeyFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It is not one, or one that contradicts itself.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(bytes)?;
        if head.format != FORMAT {
            return Err(KeyFileError::Format(head.format));
        }
        let file: Self = serde_json::from_slice(bytes)?;
        file.check()?;
        Ok(file)
    }

    /// Checks that the file does not contradict itself.
    ///
    /// # Errors
    /// Two keys have one prefix, a key may do nothing, or a limit makes no sense.
    pub fn check(&self) -> Result<(), KeyFileError> {
        let mut seen = BTreeSet::new();
        for key in &self.keys {
            if !seen.insert(&key.prefix) {
                return Err(KeyFileError::Twice(key.prefix.clone()));
            }
            let refuse = |reason: String| KeyFileError::Key {
                prefix: key.prefix.clone(),
                reason,
            };
            if key.scopes.is_empty() {
                return Err(refuse("it has no scope".to_owned()));
            }
            key.limits
                .check()
                .map_err(|error| refuse(error.to_string()))?;
        }
        for (tenant, limits) in &self.tenants {
            limits.check().map_err(|source| KeyFileError::Tenant {
                tenant: tenant.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// Writes the file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a struct of texts and numbers");
        text.push(b'\n');
        text
    }

    /// Makes a key and returns its text, which is kept nowhere.
    ///
    /// # Errors
    /// It may do nothing, or its limits make no sense.
    pub fn add(
        &mut self,
        new: NewKey,
        entropy: Entropy,
        now: DateTime<Utc>,
    ) -> Result<String, KeyFileError> {
        self.insert(new, None, &entropy, now)
    }

    /// Makes a key that takes the place of another, which goes on until `overlap_end`, or until it would have expired.
    ///
    /// # Errors
    /// No key has the prefix, or the key is over or replaced already.
    pub fn rotate(
        &mut self,
        prefix: &str,
        overlap_end: DateTime<Utc>,
        entropy: Entropy,
        now: DateTime<Utc>,
    ) -> Result<String, KeyFileError> {
        let old = self.find(prefix)?;
        let over = |reason| KeyFileError::Over {
            prefix: prefix.to_owned(),
            reason,
        };
        match old.state(now) {
            KeyState::Valid => {}
            KeyState::Replaced => return Err(over("is replaced already")),
            KeyState::Expired => return Err(over("has expired")),
            KeyState::Revoked => return Err(over("was revoked")),
        }
        let new = NewKey {
            name: old.name.clone(),
            tenants: old.tenants.clone(),
            scopes: old.scopes,
            limits: old.limits,
            expires_at: old.expires_at,
        };
        let account = old.account.clone();
        let text = self.insert(new, Some(account), &entropy, now)?;
        let successor = self.keys.last().map(|key| key.prefix.clone());
        let old = self.find(prefix)?;
        old.expires_at = Some(
            old.expires_at
                .map_or(overlap_end, |end| end.min(overlap_end)),
        );
        old.replaced_by = successor;
        Ok(text)
    }

    /// Takes a key back; one that was taken back keeps its first time.
    ///
    /// # Errors
    /// No key has the prefix.
    pub fn revoke(&mut self, prefix: &str, now: DateTime<Utc>) -> Result<(), KeyFileError> {
        let key = self.find(prefix)?;
        key.revoked_at.get_or_insert(now);
        Ok(())
    }

    fn find(&mut self, prefix: &str) -> Result<&mut KeyRecord, KeyFileError> {
        let found = self.keys.iter_mut().find(|key| key.prefix == prefix);
        found.ok_or_else(|| KeyFileError::Unknown(prefix.to_owned()))
    }

    fn insert(
        &mut self,
        new: NewKey,
        account: Option<String>,
        entropy: &Entropy,
        now: DateTime<Utc>,
    ) -> Result<String, KeyFileError> {
        let minted = mint(entropy);
        let record = KeyRecord {
            account: account.unwrap_or_else(|| minted.prefix.clone()),
            prefix: minted.prefix,
            salt: minted.salt,
            hash: *minted.hash.as_bytes(),
            name: new.name,
            tenants: new.tenants,
            scopes: new.scopes,
            limits: new.limits,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            replaced_by: None,
        };
        self.keys.push(record);
        if let Err(error) = self.check() {
            self.keys.pop();
            return Err(error);
        }
        Ok(minted.text)
    }
}
