#![doc = include_str!("../README.md")]

mod build;
mod bytes;
mod distance;
mod entry;
mod error;
mod highlight;
mod index;
mod matching;
mod part;
mod query;
mod vocabulary;
mod words;

pub use build::{FILE, IndexStats, build, index_bytes};
pub use entry::{Entry, Kind, SHARED_TENANT};
pub use error::SuggestError;
pub use index::{Index, Suggestion};
pub use query::{Query, tolerance};

/// The version of the file's layout and of how a text is cut into words.
const FORMAT: u32 = 1;

/// Returns the version of what [`build`] writes: of the file's layout and of the text's folding. An index of another version
/// must be built again.
#[must_use]
pub fn layout_version() -> String {
    format!("suggestions {FORMAT}, analysis {}", text::ANALYSIS_VERSION)
}
