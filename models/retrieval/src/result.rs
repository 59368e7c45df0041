//! What a search answers.

use serde::Serialize;

use crate::admission::Admission;
use crate::fusion::Fusion;

/// The answer to a [`Query`](crate::Query).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchResult {
    /// The best `min(limit, matches)` documents, best first, ties by id.
    pub hits: Vec<Hit>,
    /// How many documents match; independent of `limit`.
    pub matches: usize,
    /// How many documents the tenant and the filters admit, matching or not.
    pub eligible: usize,
    /// What each filter admits, and how the documents admitted were looked at.
    pub admission: Admission,
    /// How the scores were made.
    pub fusion: Fusion,
    /// Whether no vector took part (no embeddings, no query vector, or its weight is 0).
    pub is_lexical_only: bool,
    /// Whether no word and no part of a word of the query is found anywhere in what the tenant sees: what is ranked, if
    /// anything, rests on vectors and concepts alone.
    pub is_weak: bool,
}

/// One document found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// Identifier.
    pub id: String,
    /// Owner: the tenant that asked, or the shared one.
    pub tenant: String,
    /// Shown name.
    pub title: String,
    /// Exact sum of the contributions' values, in order; in [0, 1].
    pub score: f64,
    /// All five legs, in a fixed order.
    pub contributions: Vec<Contribution>,
    /// Words of the query that the document has, as the query writes them.
    pub matched_terms: Vec<String>,
    /// Concepts of the document that the query is about, best first.
    pub concepts: Vec<HitConcept>,
    /// What the document shows, as JSON text.
    pub payload: String,
}

/// What one leg adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// `lexical`, `subword`, `vector`, `concept` or `context`.
    pub name: &'static str,
    /// Rank among all documents scored that match, by this leg alone (equal values share it); none where the leg gives nothing.
    pub rank: Option<u32>,
    /// Value in the leg's own scale: BM25F, cosine, relevance × strength, quality.
    pub raw: f64,
    /// Value in [0, 1], independent of the other candidates, the filters and the limit.
    pub calibrated: f64,
    /// Share of the leg in the score; 0 where the query or the collection lacks it.
    pub weight: f64,
    /// What the leg adds: `weight × calibrated`, or by rank, as [`Fusion`](crate::Fusion) says.
    pub value: f64,
}

/// A concept that links a document to the query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitConcept {
    /// The concept.
    pub id: String,
    /// `relevance × strength`
    pub value: f64,
    /// Relevance to the query.
    pub relevance: f32,
    /// Strength in the document.
    pub strength: f32,
    /// Whether its owner says so.
    pub is_claimed: bool,
    /// The text that shows it.
    pub evidence: String,
}
