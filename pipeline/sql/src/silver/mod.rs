//! A silver table: its SELECT, then its contract; whole, or merged into what stands.

mod build;
mod merge;
mod query;
mod refused;
mod sorted;

pub use build::{SilverReport, SilverRequest};
pub use merge::{SilverMerge, Standing, may_merge};
#[cfg(test)]
pub(crate) use query::whole as query;
pub(crate) use refused::refuse_broken;
