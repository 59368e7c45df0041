//! What a collection is built from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One thing to be found: a company, a concept, an offer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Identifier, unique within the tenant.
    pub id: String,
    /// Owner; documents of [`SHARED_TENANT`](crate::SHARED_TENANT) are seen by every tenant, others by their own only.
    pub tenant: String,
    /// Shown name.
    pub title: String,
    /// Texts to search, in any number per field. `Name`, `Label` and `Synonym` are short texts and give sub-word evidence
    /// too, each text by itself.
    pub fields: Vec<(Field, String)>,
    /// Values to filter by: facet → values (`region` → `["Bretagne"]`).
    pub facets: BTreeMap<String, Vec<String>>,
    /// Activated concepts.
    pub concepts: Vec<DocumentConcept>,
    /// Prior worth in [0, 1]: the context leg.
    pub quality: f32,
    /// What the node shows, as JSON text; kept as given.
    pub payload: String,
}

/// A concept that a document has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentConcept {
    /// The concept.
    pub id: String,
    /// How surely the document has it, in [0, 1].
    pub strength: f32,
    /// Whether its owner says so (rather than being inferred).
    pub is_claimed: bool,
    /// The text that shows it.
    pub evidence: String,
}

/// Where a text stands in a document; each field has its own weight and length statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Name of the thing.
    Name,
    /// Label of a concept that it has.
    Label,
    /// Synonym of such a label.
    Synonym,
    /// Free text.
    Description,
    /// Text that shows a concept.
    Evidence,
}

impl Field {
    /// Number of fields.
    pub(crate) const COUNT: usize = 5;

    /// All of them, by position.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Name,
        Self::Label,
        Self::Synonym,
        Self::Description,
        Self::Evidence,
    ];

    /// Position in per-field tables.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Whether its texts are short enough for sub-word evidence.
    pub(crate) fn is_short(self) -> bool {
        matches!(self, Field::Name | Field::Label | Field::Synonym)
    }
}

/// Embeddings of the documents, one optional row per document, in the order of the documents given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    /// Identifier of the encoder (name and digest of its weights).
    pub model: String,
    /// Length of every row.
    pub dimension: usize,
    /// L2-normalised rows; `None` where a document has no text to embed.
    pub rows: Vec<Option<Vec<f32>>>,
}
