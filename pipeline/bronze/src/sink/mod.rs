//! Sinks: rows become the columns of Parquet files, in chunks.

mod columns;
mod parquet;
mod quarantine;

pub(crate) use parquet::ParquetFile;
pub(crate) use quarantine::{Quarantine, Sent, integer};
