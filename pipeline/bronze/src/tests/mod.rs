//! Tests of whole ingestions: files in, Parquet and reports out.

mod compose;
mod csv;
mod formats;
mod harness;
mod json;
mod mapping;
mod parquet;
mod properties;
mod real_files;
mod scanner;
mod typing;
