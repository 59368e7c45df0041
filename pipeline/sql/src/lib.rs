#![doc = include_str!("../README.md")]

mod asked;
mod engine;
mod error;
mod flows;
mod functions;
mod gold;
mod minhash;
mod output;
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
pub use output::write_table;
pub use select::Select;
pub use session::{Session, Source};
pub use silver::{SilverReport, SilverRequest};
pub use witness::{Key, Witness, Witnesses};
