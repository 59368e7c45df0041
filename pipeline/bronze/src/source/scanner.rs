//! A scanner that finds where JSON values begin and end without reading a whole document into memory.

use std::io::{self, BufRead};

use super::{MAX_RECORD_BYTES, malformed, too_long};

/// Walks over JSON; what it passes is split, not validated.
pub(crate) struct Scanner<R> {
    inner: R,
    offset: u64,
}

/// Where in a value the scanner is.
#[derive(Default)]
struct State {
    depth: u64,
    is_in_string: bool,
    is_escaped: bool,
    is_scalar: bool,
}

impl<R: BufRead> Scanner<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self { inner, offset: 0 }
    }

    /// Returns how many bytes were passed.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the next byte without passing it.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.inner.fill_buf()?.first().copied())
    }

    /// Passes white space and a byte order mark, and returns the next byte without passing it.
    pub(crate) fn peek_token(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            let is_mark = self.offset < 3 && matches!(byte, 0xef | 0xbb | 0xbf);
            if !is_mark && !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.pass(1);
        }
        Ok(None)
    }

    /// Passes a byte that must be `expected`, after white space.
    pub(crate) fn expect(&mut self, expected: u8) -> io::Result<()> {
        match self.peek_token()? {
            Some(byte) if byte == expected => {
                self.pass(1);
                Ok(())
            }
            Some(byte) => Err(malformed(format!(
                "{:?} where {:?} is expected, at byte {}",
                char::from(byte),
                char::from(expected),
                self.offset
            ))),
            None => Err(self.cut_short()),
        }
    }

    /// Passes one value, and copies it where `copy` is given.
    pub(crate) fn value(&mut self, mut copy: Option<&mut Vec<u8>>) -> io::Result<()> {
        let mut state = State::default();
        let mut is_begun = false;
        loop {
            let buffer = self.inner.fill_buf()?;
            if buffer.is_empty() {
                return match is_begun && state.is_scalar {
                    true => Ok(()),
                    false => Err(self.cut_short()),
                };
            }
            let end = buffer.iter().position(|byte| {
                let is_first = !std::mem::replace(&mut is_begun, true);
                state.ends_before(*byte, is_first)
            });
            let length = end.unwrap_or(buffer.len());
            if let Some(copy) = copy.as_deref_mut() {
                if copy.len() + length > MAX_RECORD_BYTES {
                    return Err(too_long("a JSON value"));
                }
                copy.extend_from_slice(&buffer[..length]);
            }
            self.pass(length);
            if end.is_some() {
                return Ok(());
            }
            if state.is_complete() {
                return Ok(());
            }
        }
    }

    /// Passes all that is left, so that a damaged end is noticed; only white space may be left where `is_strict`.
    pub(crate) fn finish(&mut self, is_strict: bool) -> io::Result<()> {
        if is_strict && self.peek_token()?.is_some() {
            let reason = format!("text after the end of the array, at byte {}", self.offset);
            return Err(malformed(reason));
        }
        loop {
            let length = self.inner.fill_buf()?.len();
            if length == 0 {
                return Ok(());
            }
            self.pass(length);
        }
    }

    fn pass(&mut self, length: usize) {
        self.inner.consume(length);
        self.offset += length as u64;
    }

    fn cut_short(&self) -> io::Error {
        malformed(format!("the JSON is cut short, at byte {}", self.offset))
    }
}

impl State {
    /// Takes a byte in, or says that the value ended before it.
    fn ends_before(&mut self, byte: u8, is_first: bool) -> bool {
        if is_first {
            match byte {
                b'{' | b'[' => self.depth = 1,
                b'"' => self.is_in_string = true,
                _ => self.is_scalar = true,
            }
            return false;
        }
        if self.is_scalar {
            return matches!(byte, b',' | b']' | b'}' | b':') || byte.is_ascii_whitespace();
        }
        if self.is_complete() {
            return true;
        }
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_in_string => self.is_escaped = true,
            b'"' => self.is_in_string = !self.is_in_string,
            _ if self.is_in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
        false
    }

    const fn is_complete(&self) -> bool {
        !self.is_scalar && self.depth == 0 && !self.is_in_string
    }
}
