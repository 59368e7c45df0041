//! Auctions: projects, the bids they get, and how they end.

mod bidding;
mod project;
mod tables;

pub(crate) use project::project_id;
pub(crate) use tables::{write_bids, write_interrupted_bids, write_projects};
