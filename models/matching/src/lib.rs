#![doc = include_str!("../README.md")]

mod concept;
mod firm;
mod linking;
mod mentions;
pub mod payload;
mod search;
mod vector;
mod weights;

pub use concept::{ConceptCard, ConceptRef};
pub use firm::is_firm;
pub use linking::{Concepts, QueryConcept};
pub use mentions::Mentions;
pub use search::{Matches, Request, Target};
pub use vector::stored_vector;
pub use weights::{section_weights, weights_of_query};
