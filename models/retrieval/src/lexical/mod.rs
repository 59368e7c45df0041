//! Our own full-text index: `lexical.bin`, one part per tenant with words and sub-words, so that no tenant's statistics
//! or postings are ever read for another.
//!
//! ```text
//! header   magic "MLLEXIDX" · format u32 · analysis version u32 · body bytes u64 · BLAKE3 of the body (32 bytes)
//! body     number of tenants u32, then for each, in order: name · words section · sub-words section
//! string   bytes u32 · UTF-8          section   bytes u64 · content
//! words    documents u32 · sums of field lengths u64 × 5 · field lengths u16 × 5 × documents
//!          · term ends table · terms · postings ends table · postings (documents, then per document: gap varint,
//!          field mask u8, a frequency varint per field of the mask)
//! sub-words  passages u32 · n-gram keys u64 table · postings ends table · postings (gap varint, frequency varint)
//!          · documents ends table · documents of each passage (gap varint)
//! ```
//! Numbers are little-endian. Everything is validated when it is opened and read with bounds checks after.

mod codec;
mod file;
mod forward;
mod grams;
mod subword_query;
mod subword_view;
mod subwords;
mod word_query;
mod words;

pub(crate) use codec::{Damage, Reader, Writer};
pub(crate) use file::{FILE, FORMAT, LexicalIndex, TenantText, write};
pub(crate) use subword_query::{PassageCosines, SubwordQuery};
pub(crate) use subword_view::SubwordView;
pub(crate) use subwords::Subwords;
pub(crate) use word_query::{WordQuery, weigh};
