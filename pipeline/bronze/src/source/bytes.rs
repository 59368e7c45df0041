//! The bytes of a landing file, decompressed by the ending of its name.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::malformed;

const BUFFER_BYTES: usize = 1 << 17;

/// How a landing file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// Splits a file name into what is left without the compression's ending, and the compression.
    pub(super) fn of(name: &str) -> (&str, Self) {
        if let Some(plain) = name.strip_suffix(".gz") {
            (plain, Self::Gzip)
        } else if let Some(plain) = name.strip_suffix(".zst") {
            (plain, Self::Zstd)
        } else {
            (name, Self::None)
        }
    }

    /// Opens a file; several gzip members or zstd frames in a row are one stream.
    pub(super) fn open(self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        let file = File::open(path)?;
        let decoder: Box<dyn Read> = match self {
            Self::None => Box::new(file),
            Self::Gzip => Box::new(Content(MultiGzDecoder::new(BufReader::with_capacity(
                BUFFER_BYTES,
                file,
            )))),
            Self::Zstd => Box::new(Content(zstd::stream::read::Decoder::new(file)?)),
        };
        Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)))
    }
}

/// A decoder whose own errors are told from those of the disk below it.
struct Content<R>(R);

impl<R: Read> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let is_of_the_system =
                error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted;
            match error.kind() {
                _ if is_of_the_system => error,
                io::ErrorKind::UnexpectedEof => malformed("the compressed stream is cut short"),
                _ => malformed(format!("the compressed stream is damaged: {error}")),
            }
        })
    }
}
