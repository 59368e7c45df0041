//! Publication: mint the id, assemble, write, read back, gates, announce.

mod announce;
mod assemble;
mod collections;
mod documents;
mod gates;
mod reference;

pub(crate) use announce::{announce, publish_tables};
pub(crate) use assemble::{Assembly, assemble, fusion, reranker};
pub(crate) use collections::Collections;
pub(crate) use documents::{TEXTS_CODE, profile_text};
pub(crate) use gates::{Audit, audit, failures, row_counts};
pub(crate) use reference::{REFERENCE_TABLES, write_reference};
