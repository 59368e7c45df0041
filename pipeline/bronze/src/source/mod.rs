//! Sources: landing files as streams of records, whatever their format and compression.

mod bytes;
mod csv;
mod json_array;
mod json_lines;
mod open;
mod parquet;
pub(crate) mod scanner;
mod window;

use std::io;

pub(crate) use open::open;

use crate::record::Record;

/// The largest record read, in bytes: memory stays bounded, whatever a file holds. Tests get by with less.
pub(crate) const MAX_RECORD_BYTES: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };

/// A landing file as a stream of records, one in memory at a time (Parquet: one row group, or a part of it).
pub(crate) trait Source {
    /// Returns the names of the fields, where the format fixes them before the first record.
    fn header(&self) -> Option<&[String]>;

    /// Reads the next record, or `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read further; an error without an OS code means that its content is at fault.
    fn next_record(&mut self) -> io::Result<Option<Record<'_>>>;
}

/// Makes the error of a file whose content is at fault.
pub(crate) fn malformed(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

fn too_long(place: &str) -> io::Error {
    malformed(format!(
        "{place} is longer than {} MiB",
        MAX_RECORD_BYTES >> 20
    ))
}
