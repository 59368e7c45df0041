//! Landing files: encodings of a row, compressed sinks, files split by row count.

mod encode;
mod parquet;
mod part;
mod sink;

pub(crate) use encode::{Fault, encode_fault};
pub(crate) use part::{Place, TableWriter};
pub(crate) use sink::Format;
