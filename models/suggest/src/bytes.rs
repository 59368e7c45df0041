//! Numbers and texts in a byte buffer, little-endian; a reader believes nothing.

use crate::error::SuggestError;

/// Appends numbers, lists and texts.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn numbers(&mut self, values: &[u32]) -> Result<(), SuggestError> {
        self.number(length(values.len())?);
        values.iter().for_each(|value| self.number(*value));
        Ok(())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), SuggestError> {
        self.number(length(bytes.len())?);
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes texts as their ends and one run of bytes.
    pub(crate) fn texts<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<(), SuggestError> {
        let (mut ends, mut run) = (Vec::new(), String::new());
        for text in texts {
            run.push_str(text);
            ends.push(length(run.len())?);
        }
        self.numbers(&ends)?;
        self.bytes(run.as_bytes())
    }
}

fn length(length: usize) -> Result<u32, SuggestError> {
    u32::try_from(length).map_err(|_| SuggestError::invalid("more than 4 GiB in one part"))
}

/// Reads them back.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], SuggestError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| SuggestError::corrupt("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn number(&mut self) -> Result<u32, SuggestError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], SuggestError> {
        let length = self.number()? as usize;
        self.take(length)
    }

    pub(crate) fn numbers(&mut self) -> Result<Vec<u32>, SuggestError> {
        let length = self.number()? as usize;
        let bytes = self.take(
            length
                .checked_mul(4)
                .ok_or_else(|| SuggestError::corrupt("a list is too long"))?,
        )?;
        let number = |four: &[u8]| u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        Ok(bytes.chunks_exact(4).map(number).collect())
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, SuggestError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| SuggestError::corrupt("a text is not UTF-8"))
    }

    /// Reads `count` texts.
    pub(crate) fn texts(&mut self, count: usize) -> Result<Texts, SuggestError> {
        let ends = self.numbers()?;
        let run = self.text()?.to_owned();
        let mut before = 0;
        for end in &ends {
            if *end < before || !run.is_char_boundary(*end as usize) {
                return Err(SuggestError::corrupt("a text has no end"));
            }
            before = *end;
        }
        if ends.len() != count || before as usize != run.len() {
            return Err(SuggestError::corrupt("texts and entries differ in number"));
        }
        Ok(Texts { ends, run })
    }
}

/// Many texts in one allocation.
#[derive(Debug)]
pub(crate) struct Texts {
    ends: Vec<u32>,
    run: String,
}

impl Texts {
    /// The text at `at`, which is in bounds.
    pub(crate) fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.run[start as usize..self.ends[at] as usize]
    }
}

/// Lists of numbers, one after the other.
#[derive(Debug)]
pub(crate) struct Lists {
    ends: Vec<u32>,
    values: Vec<u32>,
}

impl Lists {
    pub(crate) fn write(writer: &mut Writer, lists: &[Vec<u32>]) -> Result<(), SuggestError> {
        let mut ends = Vec::with_capacity(lists.len());
        let mut values = Vec::new();
        for list in lists {
            values.extend_from_slice(list);
            ends.push(length(values.len())?);
        }
        writer.numbers(&ends)?;
        writer.numbers(&values)
    }

    /// Reads `count` lists, each in order and of numbers below `bound`.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        count: usize,
        bound: u32,
    ) -> Result<Self, SuggestError> {
        let lists = Self {
            ends: reader.numbers()?,
            values: reader.numbers()?,
        };
        let is_whole = lists.ends.len() == count
            && lists.ends.is_sorted()
            && lists.ends.last().copied().unwrap_or(0) as usize == lists.values.len();
        let is_sound = is_whole
            && (0..count as u32).all(|at| {
                let list = lists.get(at);
                list.is_sorted_by(|a, b| a < b) && list.last().is_none_or(|last| *last < bound)
            });
        if is_sound {
            Ok(lists)
        } else {
            Err(SuggestError::corrupt("a list of numbers is damaged"))
        }
    }

    /// The list at `at`, which is in bounds.
    pub(crate) fn get(&self, at: u32) -> &[u32] {
        self.several(at..at + 1)
    }

    /// The lists of a range, one after the other.
    pub(crate) fn several(&self, range: std::ops::Range<u32>) -> &[u32] {
        let end = |at: u32| {
            at.checked_sub(1)
                .map_or(0, |before| self.ends[before as usize])
        };
        &self.values[end(range.start) as usize..end(range.end) as usize]
    }
}
