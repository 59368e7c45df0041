//! Who meets whom: opportunity sets, the weighted co-bidding graph over time, communities.

mod activity;
mod communities;
mod edges;

pub(crate) use activity::Activity;
pub(crate) use communities::{cliques, communities};
pub use edges::{CoBidding, Edge, co_bidding};
pub(crate) use edges::{Encounter, of_firm};
