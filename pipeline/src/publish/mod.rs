//! Publication: mint the id, assemble, write, read back, gates, announce.

mod announce;
mod arms;
mod assemble;
mod collection_gates;
mod collections;
mod deal_models;
mod documents;
mod gates;
mod golden;
mod judged;
mod reference;
mod standing;
mod trial;
mod weights;

pub(crate) use announce::{Announced, publish_names, publish_tables};
pub(crate) use arms::Arms;
pub(crate) use assemble::{Assembly, assemble, fusion, reranker};
pub(crate) use collections::Collections;
pub(crate) use deal_models::{MODELS, write_models};
pub(crate) use documents::{TEXTS_CODE, profile_text};
pub(crate) use gates::{Audit, audit, failures, row_counts, table_gates};
pub(crate) use judged::judged;
pub(crate) use reference::{reference_tables, write_reference};
pub(crate) use standing::Standing;
pub(crate) use weights::{JudgedSections, SectionWeights, tuned, weights_code};
