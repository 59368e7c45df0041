//! What a job made: immutable files named by the fingerprint of all that they depend on.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use lake::{Lake, LakeError};
use quality::Profile;
use schemas::{CarriedOver, GateReading, Slot};
use serde::{Deserialize, Serialize};

/// The output of a job, as recorded beside it in the lake once it is whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Artefact {
    /// What it is: `silver.companies`, `models.text_vectors`, `snapshot`.
    pub(crate) name: String,
    /// Digest of all that it depends on.
    pub(crate) fingerprint: String,
    /// Digest of its logical content; what reads it depends on this.
    pub(crate) digest: String,
    /// Its files, relative to the lake.
    pub(crate) files: Vec<String>,
    /// The files of rows that it refused.
    pub(crate) quarantine: Vec<String>,
    /// Rows by what became of them: `read`, `rows`, `superseded`, `quarantined`, `not_selected`.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Refused rows by rule.
    pub(crate) quarantined_by_rule: BTreeMap<String, u64>,
    /// Rows that break a rule whose action is to warn or to fail the snapshot, by rule.
    pub(crate) warned_by_rule: BTreeMap<String, u64>,
    /// What a person should know: files refused, columns missing.
    pub(crate) notes: Vec<String>,
    /// What a later run needs to merge new rows into a table instead of building it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<Basis>,
    /// What it learnt from, where it may stand although there is more to learn from by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) learnt: Option<Learnt>,
    /// Why it stands in this run though what it is made of has changed, where it does.
    #[serde(skip)]
    pub(crate) held: Option<String>,
    /// What the table looks like; none of what is no table, or was made before profiles were taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<Arc<Profile>>,
    /// What the gates of this run read off it.
    #[serde(skip)]
    pub(crate) gates: Vec<GateReading>,
    /// Whether, in this run, it stands in for a later one that failed.
    #[serde(skip)]
    pub(crate) carried_over: Option<CarriedOver>,
}

/// What models learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learnt {
    /// The slot that they were fitted for.
    pub(crate) slot: Slot,
    /// The rows of all that they read.
    pub(crate) rows: u64,
}

/// What a table stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Basis {
    /// Digest of its SELECT, contract and code.
    pub(crate) made_by: String,
    /// The bronze files that are in it.
    pub(crate) bronze: BTreeSet<String>,
    /// How many rows they have.
    pub(crate) bronze_rows: u64,
    /// The fingerprints of the tables that it refers to.
    pub(crate) refers_to: BTreeMap<String, String>,
    /// The fingerprints of what it was merged into, the newest last: keys of those are keys of this.
    pub(crate) grown_from: Vec<String>,
    /// Its segments, in the order of the key; their files are those of the artefact.
    pub(crate) segments: Vec<SegmentRecord>,
}

/// One segment of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SegmentRecord {
    pub(crate) rows: u64,
    pub(crate) digest: String,
    pub(crate) profile: Arc<Profile>,
    /// The key of its last row, as bytes in hexadecimal.
    pub(crate) last_key: String,
}

impl Artefact {
    /// Returns the number of rows of a kind, 0 where the job does not count it.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        self.rows.get(kind).copied().unwrap_or(0)
    }

    /// Returns the path of the record of `name` at `fingerprint`, relative to the lake.
    pub(crate) fn path(name: &str, fingerprint: &str) -> String {
        let (layer, table) = name.split_once('.').unwrap_or(("snapshots", name));
        format!("{layer}/_versions/{table}/{fingerprint}.json")
    }

    /// Reads the record; none where the job has not made this output yet, or where a file of it is gone.
    pub(crate) async fn find(lake: &Lake, name: &str, fingerprint: &str) -> Result<Option<Self>> {
        let Some(made) = Self::recorded(lake, name, fingerprint).await? else {
            return Ok(None);
        };
        for file in made.files.iter().chain(&made.quarantine) {
            if !lake.exists(file).await? {
                return Ok(None);
            }
        }
        Ok(Some(made))
    }

    /// Reads the record, whether or not its files are still there; none where there is no whole one.
    pub(crate) async fn recorded(
        lake: &Lake,
        name: &str,
        fingerprint: &str,
    ) -> Result<Option<Self>> {
        match lake.read_json(&Self::path(name, fingerprint)).await {
            // A record cut short by a power failure is no record: the job makes its output again.
            Err(LakeError::Malformed { .. }) => Ok(None),
            found => Ok(found?),
        }
    }

    /// Records the output, once its files are in the lake.
    pub(crate) async fn record(&self, lake: &Lake) -> Result<()> {
        Ok(lake
            .write_json(&Self::path(&self.name, &self.fingerprint), self)
            .await?)
    }
}

/// Digests named parts, in the order of their names.
pub(crate) fn fingerprint(parts: &BTreeMap<String, String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, value) in parts {
        for part in [name, value] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
