//! What an offer is asked for beside its text and facets: where it is, what it pays, which skills it wants.

mod area;
mod columns;
mod conditions;
mod facts;
mod index;
mod met;
mod places;

pub(crate) use area::Center;
pub(crate) use columns::PassingCounts;
pub(crate) use conditions::{Conditions, NAMES};
pub(crate) use facts::{SkillFit, skill_fit};
pub(crate) use index::OfferIndex;
pub(crate) use met::Met;
