//! A reader that remembers what it gave since a given offset, so that a record's raw bytes can be had after it was parsed.

use std::io::{self, Read};

use super::{MAX_RECORD_BYTES, too_long};

/// Remembers the bytes from `keep_from` on.
#[derive(Debug)]
pub(super) struct Window<R> {
    inner: R,
    bytes: Vec<u8>,
    start: u64,
    keep_from: u64,
}

impl<R> Window<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self {
            inner,
            bytes: Vec::new(),
            start: 0,
            keep_from: 0,
        }
    }

    /// Forgets what lies before `offset`, at the next read.
    pub(super) const fn forget_before(&mut self, offset: u64) {
        self.keep_from = offset;
    }

    /// Returns the bytes between two offsets, as far as they are remembered.
    pub(super) fn slice(&self, from: u64, to: u64) -> &[u8] {
        let index = |offset: u64| {
            let index = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
            index.min(self.bytes.len())
        };
        &self.bytes[index(from)..index(to.max(from))]
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let forgotten = usize::try_from(self.keep_from.saturating_sub(self.start))
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        self.bytes.drain(..forgotten);
        self.start += forgotten as u64;
        if self.bytes.len() > MAX_RECORD_BYTES {
            return Err(too_long("a CSV record (perhaps a quote is never closed)"));
        }
        let read = self.inner.read(buffer)?;
        self.bytes.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}
