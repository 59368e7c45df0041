#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate self as retrieval;

mod accumulator;
mod admission;
mod assembler;
mod background;
mod batches;
mod best;
mod build;
mod collection;
mod concepts;
mod digest;
mod document;
mod dot;
mod error;
mod evidence;
mod facets;
mod fusion;
mod ivf;
mod legs;
mod lexical;
mod map;
mod near_pairs;
mod neighbours;
mod pool;
mod prefetch;
mod query;
mod random;
mod ranking;
mod reach;
#[cfg(test)]
mod reach_tests;
mod result;
mod search;
mod section_file;
mod shown_file;
mod store;
mod strings;
mod tenant_index;
mod vector_file;
mod vectors;

pub use admission::{Admission, Condition, Scan, Way};
pub use build::{CollectionStats, build, verify};
pub use collection::{Collection, SHARED_TENANT, StoredDocument};
pub use document::{Document, DocumentConcept, Field, Vectors};
pub use error::RetrievalError;
pub use evidence::LEGS;
pub use fusion::Fusion;
pub use near_pairs::{NearPair, Nearness, near_pairs};
pub use pool::Pooled;
pub use query::{FieldWeights, Filters, Query, Weights};
pub use result::{Contribution, Hit, HitConcept, SearchResult};
pub use store::{read_keys, read_vectors};

/// Returns the version of what [`build`] writes: of the folder's layout and of the text analysis. A collection of another
/// version must be built again.
#[must_use]
pub fn layout_version() -> String {
    format!(
        "collection {}, analysis {}",
        lexical::FORMAT,
        text::ANALYSIS_VERSION
    )
}
