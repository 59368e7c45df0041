//! File formats and compressed byte sinks.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Format and compression of a landing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    CsvGz,
    JsonArray,
    JsonLines,
    JsonLinesGz,
    JsonLinesZst,
    Parquet,
}

impl Format {
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGz => "csv.gz",
            Self::JsonArray => "json",
            Self::JsonLines => "jsonl",
            Self::JsonLinesGz => "jsonl.gz",
            Self::JsonLinesZst => "jsonl.zst",
            Self::Parquet => "parquet",
        }
    }

    pub(crate) fn is_csv(self) -> bool {
        matches!(self, Self::Csv | Self::CsvGz)
    }
}

/// Bytes on their way to a file. Gzip carries no time stamp, zstd runs on one thread: the same
/// bytes in give the same bytes out.
pub(crate) enum Sink {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

impl Sink {
    pub(crate) fn create(path: &Path, format: Format) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 17, File::create(path)?);
        Ok(match format {
            Format::CsvGz | Format::JsonLinesGz => {
                Self::Gzip(GzEncoder::new(file, Compression::fast()))
            }
            Format::JsonLinesZst => Self::Zstd(zstd::Encoder::new(file, 3)?),
            _ => Self::Plain(file),
        })
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Zstd(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}
