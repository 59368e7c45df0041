//! One record of a landing file, before it is mapped and typed.

use std::borrow::Cow;

use encoding_rs::Encoding;
use serde_json::Value;

/// Rule of a CSV record with more or fewer cells than the header.
pub(crate) const RAGGED_ROW: &str = "ragged_row";
/// Rule of a record that the file's encoding cannot read.
pub(crate) const INVALID_UTF8: &str = "invalid_utf8";
/// Rule of a record that is not a JSON object.
pub(crate) const INVALID_JSON: &str = "invalid_json";

/// A record with its place in the file; it borrows from the source that read it.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    /// Line (CSV, JSON lines) or element (JSON array, Parquet), from 1.
    pub(crate) line: u64,
    /// Byte offset in the decompressed file, where the format has one.
    pub(crate) offset: Option<u64>,
    /// The record as sent, without its line end.
    pub(crate) raw: Raw<'a>,
    /// What could be read of it.
    pub(crate) body: Body<'a>,
}

/// A record's bytes as sent, in the encoding of its file; of a Parquet row, which has no bytes of its own, its JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'a> {
    bytes: &'a [u8],
    encoding: &'static Encoding,
}

impl<'a> Raw<'a> {
    pub(crate) const fn new(bytes: &'a [u8], encoding: &'static Encoding) -> Self {
        Self { bytes, encoding }
    }

    /// Returns the record as text, and its bytes where the text does not give them back.
    pub(crate) fn text_and_bytes(self) -> (Cow<'a, str>, Option<&'a [u8]>) {
        match std::str::from_utf8(self.bytes) {
            Ok(text) => (text.into(), None),
            Err(_) => {
                let (text, _) = self.encoding.decode_without_bom_handling(self.bytes);
                (text, Some(self.bytes))
            }
        }
    }
}

/// The content of a record.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// Cells of a CSV record, as many as the header has.
    Cells(&'a csv::StringRecord),
    /// A JSON object, or a Parquet row as one.
    Object(&'a Value),
    /// A record that cannot be read: it goes to quarantine.
    Broken {
        /// The rule it breaks.
        rule: &'static str,
        /// Why, in a sentence.
        reason: String,
    },
}

/// A value of a record on its way to a column: text that is still to be typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// No value, or an empty one.
    Null,
    /// One value.
    Text(Cow<'a, str>),
    /// A list of values.
    List(Vec<Cow<'a, str>>),
    /// A JSON array or object, as compact text.
    Json(String),
}

/// A value that cannot be what the column asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The value as sent.
    pub(crate) value: String,
    /// What was expected.
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(value: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            reason: reason.into(),
        }
    }
}
