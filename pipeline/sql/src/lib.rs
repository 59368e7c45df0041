#![doc = include_str!("../README.md")]

mod asked;
mod compact;
mod engine;
mod error;
mod flows;
mod functions;
mod gold;
mod keys;
mod minhash;
#[cfg(test)]
mod one_scan;
mod output;
mod present;
mod quarantine;
mod rules;
mod salary;
mod select;
mod session;
mod silver;
mod witness;

pub use engine::{Engine, EngineSettings};
pub use error::SqlError;
pub use flows::Planner;
pub use functions::functions_version;
pub use gold::{GoldReport, GoldRequest};
pub use output::{Segment, Written, write_table};
pub use select::Select;
pub use session::{Session, Source};
pub use silver::{SilverMerge, SilverReport, SilverRequest, Standing, may_merge};
pub use witness::{Key, Witness, Witnesses};
