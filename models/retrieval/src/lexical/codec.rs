//! Reading and writing flat little-endian bytes.

/// Why bytes are not an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damage(pub(crate) &'static str);

const SHORT: Damage = Damage("ends before its content does");

/// A cursor over borrowed bytes; every read is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(SHORT)?;
        self.bytes = rest;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        self.take(N)?.try_into().map_err(|_| SHORT)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, Damage> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Damage> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Damage> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A LEB128 number of at most 32 bits; most take one byte or two.
    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u32, Damage> {
        match *self.bytes {
            [one, ref rest @ ..] if one < 0x80 => {
                self.bytes = rest;
                Ok(u32::from(one))
            }
            [one, two, ref rest @ ..] if two < 0x80 => {
                self.bytes = rest;
                Ok(u32::from(one & 0x7f) | u32::from(two) << 7)
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u32, Damage> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| Damage("number too large"));
            }
        }
        Err(Damage("number too long"))
    }

    pub(crate) fn string(&mut self) -> Result<&'a str, Damage> {
        let count = self.u32()? as usize;
        std::str::from_utf8(self.take(count)?).map_err(|_| Damage("text is not UTF-8"))
    }

    pub(crate) fn section(&mut self) -> Result<&'a [u8], Damage> {
        let count = usize::try_from(self.u64()?).map_err(|_| SHORT)?;
        self.take(count)
    }

    /// A table of `u64`: their number, then the values.
    pub(crate) fn table(&mut self) -> Result<Vec<u64>, Damage> {
        let count = usize::try_from(self.u64()?).map_err(|_| SHORT)?;
        let bytes = self.take(count.checked_mul(8).ok_or(SHORT)?)?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|eight| u64::from_le_bytes(*eight))
            .collect())
    }

    /// A list of byte strings: a table of their ends, then a section of their bytes.
    pub(crate) fn list(&mut self) -> Result<(Vec<u64>, &'a [u8]), Damage> {
        let ends = self.table()?;
        let bytes = self.section()?;
        let is_ascending = ends.is_sorted();
        if !is_ascending || ends.last().copied().unwrap_or(0) != bytes.len() as u64 {
            return Err(Damage("offsets do not fit their content"));
        }
        Ok((ends, bytes))
    }
}

/// Appends to a byte buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.u32(value.len() as u32);
        self.bytes.extend(value.as_bytes());
    }

    pub(crate) fn section(&mut self, content: &[u8]) {
        self.u64(content.len() as u64);
        self.bytes.extend(content);
    }

    pub(crate) fn table(&mut self, values: impl ExactSizeIterator<Item = u64>) {
        self.u64(values.len() as u64);
        values.for_each(|value| self.u64(value));
    }

    pub(crate) fn list<'a>(&mut self, items: impl ExactSizeIterator<Item = &'a [u8]> + Clone) {
        let mut end = 0;
        self.table(items.clone().map(|item| {
            end += item.len() as u64;
            end
        }));
        self.u64(end);
        items.for_each(|item| self.bytes.extend(item));
    }
}

/// Appends `value` as a varint.
pub(crate) fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The bytes of item `index` of a list.
pub(crate) fn item<'a>(ends: &[u64], bytes: &'a [u8], index: usize) -> &'a [u8] {
    let end = ends.get(index).copied().unwrap_or(0) as usize;
    let start = index
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0) as usize;
    bytes.get(start..end).unwrap_or_default()
}
