//! JSON lines: one object per line; blank lines are no records.

use std::io::{self, BufRead, Read};

use encoding_rs::UTF_8;
use serde_json::Value;

use super::{MAX_RECORD_BYTES, Source, too_long};
use crate::record::{Body, INVALID_JSON, INVALID_UTF8, Raw, Record};

/// A file of JSON lines.
pub(super) struct JsonLines {
    bytes: Box<dyn BufRead>,
    buffer: Vec<u8>,
    value: Value,
    line: u64,
    offset: u64,
}

impl JsonLines {
    pub(super) fn new(bytes: Box<dyn BufRead>) -> Self {
        Self {
            bytes,
            buffer: Vec::new(),
            value: Value::Null,
            line: 0,
            offset: 0,
        }
    }

    /// Reads the next line that is not blank into the buffer, and returns where it began.
    fn advance(&mut self) -> io::Result<Option<u64>> {
        loop {
            self.buffer.clear();
            let limit = MAX_RECORD_BYTES as u64 + 1;
            let mut limited = (&mut self.bytes).take(limit);
            let read = limited.read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            if read > MAX_RECORD_BYTES {
                return Err(too_long(&format!("line {}", self.line)));
            }
            let mut start = self.offset;
            self.offset += read as u64;
            if self.buffer.ends_with(b"\n") {
                self.buffer.pop();
            }
            if self.buffer.ends_with(b"\r") {
                self.buffer.pop();
            }
            if self.line == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
                start += 3;
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(start));
            }
        }
    }
}

impl Source for JsonLines {
    fn header(&self) -> Option<&[String]> {
        None
    }

    fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        let Some(offset) = self.advance()? else {
            return Ok(None);
        };
        Ok(Some(Record {
            line: self.line,
            offset: Some(offset),
            raw: Raw::new(&self.buffer, UTF_8),
            body: object(&self.buffer, &mut self.value),
        }))
    }
}

/// Parses a record that must be a JSON object.
pub(super) fn object<'a>(bytes: &[u8], value: &'a mut Value) -> Body<'a> {
    let broken = |rule, reason: String| Body::Broken { rule, reason };
    if let Err(error) = std::str::from_utf8(bytes) {
        return broken(INVALID_UTF8, error.to_string());
    }
    match serde_json::from_slice(bytes) {
        Ok(parsed) if Value::is_object(&parsed) => {
            *value = parsed;
            Body::Object(value)
        }
        Ok(_) => broken(INVALID_JSON, "not a JSON object".to_owned()),
        Err(error) => broken(INVALID_JSON, format!("not JSON: {error}")),
    }
}
