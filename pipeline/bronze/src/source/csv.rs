//! CSV files: records that may span lines, with their place and raw bytes.

use std::io::{self, BufRead};

use csv::{ByteRecord, Position, Reader, ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};

use super::{Source, malformed, window::Window};
use crate::{
    mapping::CsvOptions,
    record::{Body, INVALID_UTF8, RAGGED_ROW, Raw, Record},
};

const BUFFER_BYTES: usize = 1 << 16;

/// A CSV file.
pub(super) struct CsvSource {
    reader: Reader<Window<Box<dyn BufRead>>>,
    encoding: &'static Encoding,
    header: Vec<String>,
    /// The record just read, as bytes until it is known to be text.
    bytes: ByteRecord,
    text: StringRecord,
    /// A first record that was read to count the columns of a file without header.
    is_pending: bool,
}

impl CsvSource {
    pub(super) fn new(
        bytes: Box<dyn BufRead>,
        options: &CsvOptions,
        encoding: &'static Encoding,
    ) -> io::Result<Self> {
        let delimiter = u8::try_from(options.delimiter).unwrap_or(b',');
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(Window::new(bytes));
        let mut source = Self {
            reader,
            encoding,
            header: Vec::new(),
            bytes: ByteRecord::new(),
            text: StringRecord::new(),
            is_pending: false,
        };
        if !source.advance()? {
            return Ok(source);
        }
        if options.header {
            source.header = source.read_header()?;
        } else {
            source.header = (1..=source.bytes.len()).map(|n| n.to_string()).collect();
            source.is_pending = true;
        }
        Ok(source)
    }

    fn advance(&mut self) -> io::Result<bool> {
        if self.is_pending {
            self.is_pending = false;
            return Ok(true);
        }
        let from = self.reader.position().byte();
        self.reader.get_mut().forget_before(from);
        self.reader
            .read_byte_record(&mut self.bytes)
            .map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                other => malformed(format!("{other:?}")),
            })
    }

    fn read_header(&mut self) -> io::Result<Vec<String>> {
        let mut header = Vec::with_capacity(self.bytes.len());
        for name in &self.bytes {
            let name = decode(self.encoding, name)
                .ok_or_else(|| malformed(format!("its header is not {}", self.encoding.name())))?;
            let name = name.trim_start_matches('\u{feff}').trim();
            if name.contains(char::is_control) {
                return Err(malformed(
                    "its header holds control characters: is it a CSV file?",
                ));
            }
            header.push(name.to_owned());
        }
        let mut named: Vec<_> = header.iter().filter(|name| !name.is_empty()).collect();
        named.sort();
        match named.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(malformed(format!("two columns are called {:?}", pair[0]))),
            None => Ok(header),
        }
    }

    /// Moves the record from bytes to text, or says which cell is not in the encoding.
    fn decode_cells(&mut self) -> Result<(), String> {
        let fault = |cell: usize| {
            let name = self.header.get(cell).map_or("?", String::as_str);
            format!("cell {} ({name}) is not {}", cell + 1, self.encoding.name())
        };
        if self.encoding == UTF_8 {
            match StringRecord::from_byte_record(std::mem::take(&mut self.bytes)) {
                Ok(text) => {
                    self.bytes = std::mem::replace(&mut self.text, text).into_byte_record();
                    return Ok(());
                }
                Err(error) => {
                    let reason = fault(error.utf8_error().field());
                    self.bytes = error.into_byte_record();
                    return Err(reason);
                }
            }
        }
        self.text.clear();
        for (index, cell) in self.bytes.iter().enumerate() {
            let text = decode(self.encoding, cell).ok_or_else(|| fault(index))?;
            self.text.push_field(&text);
        }
        Ok(())
    }
}

fn decode<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Option<std::borrow::Cow<'b, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

impl Source for CsvSource {
    fn header(&self) -> Option<&[String]> {
        Some(&self.header)
    }

    fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        if !self.advance()? {
            return Ok(None);
        }
        let start = self.bytes.position().cloned().unwrap_or_else(Position::new);
        let end = self.reader.position().byte();
        let cells = self.bytes.len();
        let broken = if cells == self.header.len() {
            let decoded = self.decode_cells();
            decoded.err().map(|reason| (INVALID_UTF8, reason))
        } else {
            let expected = self.header.len();
            let reason = format!("{cells} cells where the header has {expected}");
            Some((RAGGED_ROW, reason))
        };
        let whole = self.reader.get_ref().slice(start.byte(), end);
        // The reader leaves the second half of a CR LF, and blank lines, to the record that follows.
        let blank = whole
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let lines = whole[..blank].iter().filter(|b| **b == b'\n').count();
        let raw = &whole[blank..];
        let ends = raw
            .iter()
            .rev()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let raw = &raw[..raw.len() - ends];
        Ok(Some(Record {
            line: start.line() + lines as u64,
            offset: Some(start.byte() + blank as u64),
            raw: Raw::new(raw, self.encoding),
            body: match broken {
                None => Body::Cells(&self.text),
                Some((rule, reason)) => Body::Broken { rule, reason },
            },
        }))
    }
}
