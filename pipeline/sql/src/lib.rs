#![doc = include_str!("../README.md")]

mod asked;
mod engine;
mod error;
mod functions;
mod gold;
mod minhash;
#[cfg(test)]
mod one_scan;
mod output;
mod quarantine;
mod rules;
mod salary;
mod select;
mod session;
mod silver;

pub use engine::{Engine, EngineSettings};
pub use error::SqlError;
pub use functions::functions_version;
pub use gold::{GoldReport, GoldRequest};
pub use output::{Written, write_table};
pub use select::Select;
pub use session::{Session, Source};
pub use silver::{SilverReport, SilverRequest};
