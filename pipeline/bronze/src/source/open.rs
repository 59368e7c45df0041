//! Opening a landing file: its format and compression, by its name or its mapping.

use std::{
    fs::File,
    io::{self, BufRead},
    path::Path,
};

use super::{
    Source, bytes::Compression, csv::CsvSource, json_array::JsonArray, json_lines::JsonLines,
    malformed, parquet::ParquetSource,
};
use crate::mapping::{Format, Mapping, check::encoding};

/// Opens the local file `path`; `name`, which may be another, says format and compression. A compressed Parquet file, which must be
/// read from its end, is first unpacked to `scratch`, which the caller removes.
pub(crate) fn open(
    path: &Path,
    name: &str,
    mapping: &Mapping,
    scratch: &Path,
) -> io::Result<Box<dyn Source>> {
    let (plain, compression) = Compression::of(name);
    let document = mapping.document();
    let format = match document.format {
        Some(format) => format,
        None => format_of(plain).ok_or_else(|| {
            malformed("its name says no format: csv, json, jsonl, ndjson or parquet")
        })?,
    };
    if format == Format::Parquet {
        return match compression {
            Compression::None => Ok(Box::new(ParquetSource::open(path)?)),
            _ => {
                io::copy(&mut compression.open(path)?, &mut File::create(scratch)?)?;
                Ok(Box::new(ParquetSource::open(scratch)?))
            }
        };
    }
    let mut bytes = compression.open(path)?;
    let pointer = document.json.pointer.as_deref();
    Ok(match format {
        Format::Csv => {
            let encoding = encoding(&document.csv.encoding).map_err(malformed)?;
            Box::new(CsvSource::new(bytes, &document.csv, encoding)?)
        }
        Format::Json if pointer.is_some() || is_array(&mut *bytes)? => {
            Box::new(JsonArray::new(bytes, pointer)?)
        }
        _ => Box::new(JsonLines::new(bytes)),
    })
}

fn format_of(name: &str) -> Option<Format> {
    match name.rsplit_once('.')?.1 {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        "jsonl" | "ndjson" => Some(Format::Jsonl),
        "parquet" => Some(Format::Parquet),
        _ => None,
    }
}

/// Looks at the first byte that is neither white space nor a byte order mark, without passing anything.
fn is_array(bytes: &mut dyn BufRead) -> io::Result<bool> {
    let buffer = bytes.fill_buf()?;
    let buffer = buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(buffer);
    Ok(buffer.trim_ascii_start().first() == Some(&b'['))
}
