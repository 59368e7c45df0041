//! JSON arrays: element by element, the array may lie below keys of a larger document.

use std::io::{self, BufRead};

use encoding_rs::UTF_8;
use serde_json::Value;

use super::{Source, json_lines::object, malformed, scanner::Scanner};
use crate::record::{Raw, Record};

/// A file that holds a JSON array of objects.
pub(super) struct JsonArray {
    scanner: Scanner<Box<dyn BufRead>>,
    is_nested: bool,
    is_finished: bool,
    element: u64,
    buffer: Vec<u8>,
    value: Value,
}

impl JsonArray {
    /// Goes to the first element; an empty file is an empty array.
    pub(super) fn new(bytes: Box<dyn BufRead>, pointer: Option<&str>) -> io::Result<Self> {
        let mut source = Self {
            scanner: Scanner::new(bytes),
            is_nested: pointer.is_some(),
            is_finished: false,
            element: 0,
            buffer: Vec::new(),
            value: Value::Null,
        };
        if source.scanner.peek_token()?.is_none() {
            source.is_finished = true;
            return Ok(source);
        }
        for key in pointer.unwrap_or_default().split('/').skip(1) {
            source.descend(key)?;
        }
        source.scanner.expect(b'[')?;
        Ok(source)
    }

    /// Enters an object and passes what comes before the value of `key`.
    fn descend(&mut self, key: &str) -> io::Result<()> {
        self.scanner.expect(b'{')?;
        loop {
            if self.scanner.peek_token()? != Some(b'"') {
                return Err(malformed(format!(
                    "there is no key {key:?} where the mapping looks"
                )));
            }
            self.buffer.clear();
            self.scanner.value(Some(&mut self.buffer))?;
            let name: String = serde_json::from_slice(&self.buffer)
                .map_err(|error| malformed(format!("a key is not JSON: {error}")))?;
            self.scanner.expect(b':')?;
            self.scanner.peek_token()?;
            if name == key {
                return Ok(());
            }
            self.scanner.value(None)?;
            if self.scanner.peek_token()? == Some(b',') {
                self.scanner.expect(b',')?;
            }
        }
    }

    /// Copies the next element into the buffer, and returns where it begins.
    fn advance(&mut self) -> io::Result<Option<u64>> {
        if self.is_finished {
            return Ok(None);
        }
        let is_end = self.scanner.peek_token()? == Some(b']');
        if is_end {
            self.scanner.expect(b']')?;
            self.scanner.finish(!self.is_nested)?;
            self.is_finished = true;
            return Ok(None);
        }
        if self.element > 0 {
            self.scanner.expect(b',')?;
            self.scanner.peek_token()?;
        }
        let offset = self.scanner.offset();
        self.buffer.clear();
        self.scanner.value(Some(&mut self.buffer))?;
        self.element += 1;
        Ok(Some(offset))
    }
}

impl Source for JsonArray {
    fn header(&self) -> Option<&[String]> {
        None
    }

    fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        let Some(offset) = self.advance()? else {
            return Ok(None);
        };
        Ok(Some(Record {
            line: self.element,
            offset: Some(offset),
            raw: Raw::new(&self.buffer, UTF_8),
            body: object(&self.buffer, &mut self.value),
        }))
    }
}
