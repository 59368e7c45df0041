//! Files of sections, laid out to be mapped: what a node reads now and then, in the pages of the file and not in its own memory.
//!
//! ```text
//! header     magic (8 bytes) · format u32 · dimension u32 · bytes after the header u64 · BLAKE3 of them (32 bytes) · 0 × 8
//! directory  bytes u64 · number of tenants u32, then for each, in order: name (bytes u32, UTF-8) · a number of the file's own
//!            u64 · bytes of each of its sections u64
//! sections   tenant after tenant
//! ```
//! Numbers are little-endian; the directory's end and every section's start are at multiples of 64 bytes.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use crate::error::RetrievalError;
use crate::lexical::{Damage, FORMAT, Reader, Writer};
use crate::map::{ALIGNMENT, Map, Section};

const HEADER: usize = 64;

/// A kind of file.
pub(crate) struct SectionFile<const SECTIONS: usize> {
    /// Name of the file in a collection.
    pub(crate) name: &'static str,
    /// Its first bytes.
    pub(crate) magic: &'static [u8; 8],
    /// Whether a query reads a few places of it rather than long stretches.
    pub(crate) is_read_in_places: bool,
}

/// One section before it is written.
pub(crate) struct Content<'a> {
    size: usize,
    pieces: Box<dyn Iterator<Item = &'a [u8]> + 'a>,
}

impl<'a> Content<'a> {
    /// `size` bytes that come in `pieces`.
    pub(crate) fn new(size: usize, pieces: impl Iterator<Item = &'a [u8]> + 'a) -> Self {
        let pieces = Box::new(pieces);
        Self { size, pieces }
    }

    /// Bytes that are there whole.
    pub(crate) fn whole(bytes: &'a [u8]) -> Self {
        Self::new(bytes.len(), std::iter::once(bytes))
    }
}

/// One tenant's part of a file before it is written.
pub(crate) struct Part<'a, const SECTIONS: usize> {
    pub(crate) tenant: &'a str,
    /// The number of the file's own.
    pub(crate) number: u64,
    pub(crate) sections: [Content<'a>; SECTIONS],
}

/// What a file holds once it is mapped.
pub(crate) struct Opened<const SECTIONS: usize> {
    pub(crate) dimension: usize,
    /// Tenant, the number of the file's own, sections; in the order in which they were written.
    pub(crate) tenants: Vec<(String, u64, [Section; SECTIONS])>,
}

impl<const SECTIONS: usize> SectionFile<SECTIONS> {
    /// Writes `parts` into the file of `dir`.
    pub(crate) fn write(
        &self,
        dir: &Path,
        dimension: usize,
        parts: Vec<Part<'_, SECTIONS>>,
    ) -> Result<(), RetrievalError> {
        let path = dir.join(self.name);
        let failed = |source| RetrievalError::io(&path, source);
        let mut file = File::create(&path).map_err(failed)?;
        self.write_to(&mut file, dimension, parts).map_err(failed)
    }

    /// Maps the file of `dir`, once its bytes are known to be those that were written.
    pub(crate) fn open(&self, dir: &Path) -> Result<Opened<SECTIONS>, RetrievalError> {
        let path = dir.join(self.name);
        let failed = |source| RetrievalError::io(&path, source);
        let mut file = File::open(&path).map_err(failed)?;
        // Read, not mapped: pages that no query needs shall not count as the node's memory.
        let (mut hasher, mut header, mut buffer) =
            (blake3::Hasher::new(), [0; HEADER], vec![0; 1 << 20]);
        file.read_exact(&mut header)
            .map_err(|_| self.corrupt("ends before its content does"))?;
        loop {
            match file.read(&mut buffer).map_err(failed)? {
                0 => break,
                count => hasher.update(&buffer[..count]),
            };
        }
        if hasher.finalize().as_bytes() != &header[24..56] {
            return Err(self.corrupt("does not have the bytes that were written"));
        }
        let map = if self.is_read_in_places {
            Map::of_file_in_places(&file)
        } else {
            Map::of_file(&file)
        };
        self.parse(map.map_err(failed)?)
    }

    /// The same without a file.
    pub(crate) fn in_memory(
        &self,
        dimension: usize,
        parts: Vec<Part<'_, SECTIONS>>,
    ) -> Result<Opened<SECTIONS>, RetrievalError> {
        let failed = |source| RetrievalError::io(Path::new(self.name), source);
        let mut bytes = std::io::Cursor::new(Vec::new());
        self.write_to(&mut bytes, dimension, parts)
            .map_err(failed)?;
        self.parse(Map::of_bytes(bytes.get_ref()).map_err(failed)?)
    }

    /// The error of a file that is not what was written.
    pub(crate) fn corrupt(&self, reason: &str) -> RetrievalError {
        RetrievalError::corrupt(self.name, reason)
    }

    fn write_to(
        &self,
        file: &mut (impl Write + Seek),
        dimension: usize,
        parts: Vec<Part<'_, SECTIONS>>,
    ) -> std::io::Result<()> {
        let mut body = Body {
            file: BufWriter::with_capacity(1 << 20, &mut *file),
            hasher: blake3::Hasher::new(),
            written: 0,
        };
        body.file.write_all(&[0; HEADER])?;
        body.write(&directory(&parts))?;
        body.align()?;
        for part in parts {
            for section in part.sections {
                section
                    .pieces
                    .into_iter()
                    .try_for_each(|piece| body.write(piece))?;
                body.align()?;
            }
        }
        let (written, digest) = (body.written, body.hasher.finalize());
        body.file.flush()?;
        drop(body);
        let mut header = Writer::default();
        header.bytes.extend(self.magic);
        header.u32(FORMAT);
        header.u32(dimension as u32);
        header.u64(written);
        header.bytes.extend(digest.as_bytes());
        header.u64(0);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&header.bytes)
    }

    fn parse(&self, map: Map) -> Result<Opened<SECTIONS>, RetrievalError> {
        self.parts(&Arc::new(map))
            .map_err(|damage| self.corrupt(&damage.to_string()))
    }

    fn parts(&self, map: &Arc<Map>) -> Result<Opened<SECTIONS>, Damage> {
        let mut reader = Reader::new(map.bytes());
        if reader.take(self.magic.len())? != self.magic || reader.u32()? != FORMAT {
            return Err(Damage(
                "was written in another format: build the collection again",
            ));
        }
        let dimension = reader.u32()? as usize;
        reader.take(HEADER - 16)?;
        let directory = reader.section()?;
        let mut next = (HEADER + 8 + directory.len()).next_multiple_of(ALIGNMENT);
        let mut entries = Reader::new(directory);
        let mut tenants = Vec::new();
        for _ in 0..entries.u32()? {
            let (tenant, number) = (entries.string()?.to_owned(), entries.u64()?);
            let mut sections = Vec::with_capacity(SECTIONS);
            for _ in 0..SECTIONS {
                let size = usize::try_from(entries.u64()?).map_err(|_| Damage("is too large"))?;
                let end = next.checked_add(size).ok_or(Damage("is too large"))?;
                let section = Section::new(map, next..end);
                sections.push(section.ok_or(Damage("ends before its content does"))?);
                next = end.next_multiple_of(ALIGNMENT);
            }
            let sections = <[Section; SECTIONS]>::try_from(sections);
            tenants.push((
                tenant,
                number,
                sections.map_err(|_| Damage("lacks a section"))?,
            ));
        }
        Ok(Opened { dimension, tenants })
    }
}

fn directory<const SECTIONS: usize>(parts: &[Part<'_, SECTIONS>]) -> Vec<u8> {
    let mut entries = Writer::default();
    entries.u32(parts.len() as u32);
    for part in parts {
        entries.string(part.tenant);
        entries.u64(part.number);
        part.sections
            .iter()
            .for_each(|section| entries.u64(section.size as u64));
    }
    let mut directory = Writer::default();
    directory.section(&entries.bytes);
    directory.bytes
}

/// What follows the header, hashed as it is written.
struct Body<'a, W: Write> {
    file: BufWriter<&'a mut W>,
    hasher: blake3::Hasher,
    written: u64,
}

impl<W: Write> Body<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Goes on to the next boundary.
    fn align(&mut self) -> std::io::Result<()> {
        let size = self.written as usize;
        self.write(&[0; ALIGNMENT][..size.next_multiple_of(ALIGNMENT) - size])
    }
}
