#![doc = include_str!("../README.md")]

mod error;
mod ingest;
mod mapping;
mod record;
mod sink;
mod source;
mod typing;

#[cfg(test)]
mod tests;

pub use error::BronzeError;
pub use ingest::{Ingest, IngestReport, ingest};
pub use mapping::{Mapping, Told};
