//! The manifest of a snapshot, and the pointers that announce or pin one.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{CarriedOver, ExperimentCard, SchemaError, Slot};

/// The version of the snapshot layout that this code writes and reads.
pub const MANIFEST_FORMAT: u32 = 1;
/// The manifest's file name in a snapshot.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The file beside it that holds the manifest's BLAKE3, in hexadecimal.
pub const MANIFEST_CHECKSUM: &str = "manifest.json.blake3";

/// A part of a snapshot. The list is closed: a node knows every section it may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// Search collection of companies.
    Companies,
    /// Search collection of concepts.
    Concepts,
    /// Search collection of offers.
    Offers,
    /// The index of suggestions.
    Autocomplete,
    /// The glossary tree.
    Glossary,
    /// Market demand, and what the node's market answers are made of.
    Market,
    /// What the run did, by table.
    Kpis,
    /// Fitted models, their cards and the rules applied after.
    Models,
    /// Projects, bids and comparable prices.
    Deals,
    /// Signs of abuse, cases and rings.
    Abuse,
    /// Models that arm B of an experiment serves in the place of those of the same name.
    Challengers,
}

impl Section {
    /// All sections.
    pub const ALL: [Self; 11] = [
        Self::Companies,
        Self::Concepts,
        Self::Offers,
        Self::Autocomplete,
        Self::Glossary,
        Self::Market,
        Self::Kpis,
        Self::Models,
        Self::Deals,
        Self::Abuse,
        Self::Challengers,
    ];

    /// Returns the section's folder name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Companies => "companies",
            Self::Concepts => "concepts",
            Self::Offers => "offers",
            Self::Autocomplete => "autocomplete",
            Self::Glossary => "glossary",
            Self::Market => "market",
            Self::Kpis => "kpis",
            Self::Models => "models",
            Self::Deals => "deals",
            Self::Abuse => "abuse",
            Self::Challengers => "challengers",
        }
    }
}

/// The id of a snapshot: 32 hexadecimal digits derived from its logical content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotId(String);

impl SnapshotId {
    /// Derives the id from named logical digests, in any order.
    #[must_use]
    pub fn derive(digests: &BTreeMap<String, String>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&MANIFEST_FORMAT.to_le_bytes());
        for (name, digest) in digests {
            for part in [name, digest] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        Self(hasher.finalize().to_hex()[..32].to_owned())
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SnapshotId {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if value.len() == 32 && value.bytes().all(is_hex) {
            Ok(Self(value.to_owned()))
        } else {
            Err(SchemaError::Malformed {
                what: "snapshot id",
                value: value.to_owned(),
                expected: "32 hexadecimal digits",
            })
        }
    }
}

impl TryFrom<String> for SnapshotId {
    type Error = SchemaError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<SnapshotId> for String {
    fn from(value: SnapshotId) -> Self {
        value.0
    }
}

/// What `snapshots/CURRENT` and `snapshots/PIN` hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    /// The snapshot named.
    pub id: SnapshotId,
    /// BLAKE3 of its manifest, in hexadecimal.
    pub manifest_blake3: String,
}

/// Size and checksum of one file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3, in hexadecimal.
    pub blake3: String,
}

/// Logical content of one table or collection of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// Rows or documents.
    pub rows: u64,
    /// Digest of the logical content, independent of file layout.
    pub digest: String,
}

/// The sentence encoder whose vectors a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderCard {
    /// Name and short digest of the weights.
    pub id: String,
    /// Length of a vector.
    pub dimension: usize,
}

/// The cross-encoder by which a node orders the best hits of a snapshot anew.
///
/// It is the snapshot's and not the node's, so that an answer can be worked out again from the snapshot alone: a node without these
/// very weights does not rerank, and says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RerankerCard {
    /// Name and short digest of the weights.
    pub id: String,
    /// What its contribution counts, where all other legs together count 1.
    pub weight: f64,
}

/// What one gate said of the snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateResult {
    /// The gate.
    pub name: String,
    /// Whether the snapshot may be announced as far as this gate is concerned.
    pub is_passed: bool,
    /// What it saw, as a sentence with figures.
    pub detail: String,
}

/// The list of all that a snapshot holds, written last.
///
/// A reader leaves fields that it does not know unread: an older node serves a newer pipeline's snapshot. So a new field may only tell what a
/// node can do without, and a change that a node must know of to answer rightly raises [`MANIFEST_FORMAT`], which older nodes refuse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Layout version; a node refuses a format it does not know.
    pub format: u32,
    /// The snapshot's id.
    pub id: SnapshotId,
    /// The slot it was first made for.
    pub slot: Slot,
    /// The snapshot announced before it, where there was one.
    pub parent: Option<SnapshotId>,
    /// Digest of the SQL, contracts and job versions it was made with.
    pub code_digest: String,
    /// Contract version by table.
    pub contracts: BTreeMap<String, String>,
    /// Every file but the manifest and its checksum, by path relative to the snapshot.
    pub files: BTreeMap<String, FileEntry>,
    /// Logical content by table or collection.
    pub tables: BTreeMap<String, TableEntry>,
    /// The encoder; none where the match is lexical only.
    pub encoder: Option<EncoderCard>,
    /// The cross-encoder; none where the fused order stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reranker: Option<RerankerCard>,
    /// The experiment that it runs; none where everybody is served the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<ExperimentCard>,
    /// Tables that the run was told to leave alone though what they are made of has changed: their outputs of earlier runs, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, String>,
    /// Tables of which an earlier artefact stands in the place of tonight's, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub carried_over: BTreeMap<String, CarriedOver>,
    /// What the gates said.
    pub gates: Vec<GateResult>,
    /// Fusion parameters the node starts with.
    pub fusion: serde_json::Value,
}
