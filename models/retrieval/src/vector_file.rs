//! `vectors.bin`: rows and lists of the vectors, laid out to be mapped.
//!
//! ```text
//! header     magic "MLVECTOR" · format u32 · dimension u32 · bytes after the header u64 · BLAKE3 of them (32 bytes) · 0 × 8
//! directory  bytes u64 · number of tenants u32, then for each, in order: name (bytes u32, UTF-8) · lists that a query reads
//!            u64 (0: no lists) · bytes of each of its eight sections u64
//! sections   documents u32 · rows f32 × dimension · codes of the centres i8 · their scales f32 · list ends u64, in blocks
//!            · row of each slot u32 · factors f32 · bits
//! ```
//! Numbers are little-endian; the directory's end and every section's start are at multiples of 64 bytes.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use crate::build::Prepared;
use crate::error::RetrievalError;
use crate::ivf::{Ivf, IvfParts, IvfSections};
use crate::lexical::{Damage, FORMAT, Reader, Writer};
use crate::map::{ALIGNMENT, Map, Section};
use crate::reach::Reach;
use crate::vectors::VectorBlock;

/// Name of the file in a collection.
pub(crate) const FILE: &str = "vectors.bin";

const MAGIC: &[u8; 8] = b"MLVECTOR";
const HEADER: usize = 64;
const SECTIONS: usize = 8;

/// One tenant's vectors before they are written.
struct Part<'a> {
    tenant: &'a str,
    documents: Vec<u32>,
    rows: Vec<&'a [f32]>,
    lists: IvfParts,
}

/// Writes the vectors of `prepared` to `path`.
pub(crate) fn write(path: &Path, prepared: &Prepared, reach: &Reach) -> Result<(), RetrievalError> {
    let failed = |source| RetrievalError::io(path, source);
    let mut file = File::create(path).map_err(failed)?;
    write_to(&mut file, prepared, reach).map_err(failed)
}

/// The vectors of `prepared` in memory, by tenant.
pub(crate) fn in_memory(
    prepared: &Prepared,
    reach: &Reach,
) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    let failed = |source| RetrievalError::io(Path::new(FILE), source);
    let mut bytes = std::io::Cursor::new(Vec::new());
    write_to(&mut bytes, prepared, reach).map_err(failed)?;
    read(Map::of_bytes(bytes.get_ref()).map_err(failed)?)
}

/// Maps the vectors in `path`, by tenant, once their bytes are known to be those that were written.
pub(crate) fn open(path: &Path) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    let failed = |source| RetrievalError::io(path, source);
    let mut file = File::open(path).map_err(failed)?;
    // Read, not mapped: pages that no query needs shall not count as the node's memory.
    let (mut hasher, mut header, mut buffer) =
        (blake3::Hasher::new(), [0; HEADER], vec![0; 1 << 20]);
    let is_short = |_| RetrievalError::corrupt(FILE, "ends before its content does");
    file.read_exact(&mut header).map_err(is_short)?;
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        };
    }
    if hasher.finalize().as_bytes() != &header[24..56] {
        return Err(RetrievalError::corrupt(
            FILE,
            "does not have the bytes that were written",
        ));
    }
    read(Map::of_file(&file).map_err(failed)?)
}

fn write_to(
    file: &mut (impl Write + Seek),
    prepared: &Prepared,
    reach: &Reach,
) -> std::io::Result<()> {
    let dimension = prepared.dimension().unwrap_or(0);
    let parts = parts(prepared, dimension, reach);
    let mut body = Body {
        file: BufWriter::new(&mut *file),
        hasher: blake3::Hasher::new(),
        written: 0,
    };
    body.file.write_all(&[0; HEADER])?;
    body.write(&directory(&parts))?;
    body.align()?;
    for part in &parts {
        body.section(part.documents.iter().map(|value| value.to_le_bytes()))?;
        body.section(
            part.rows
                .iter()
                .copied()
                .flatten()
                .map(|value| value.to_le_bytes()),
        )?;
        let lists = &part.lists;
        body.section([lists.centres.as_slice()].into_iter())?;
        body.section(lists.scales.iter().map(|value| value.to_le_bytes()))?;
        body.section(lists.ends.iter().map(|value| value.to_le_bytes()))?;
        body.section(lists.rows.iter().map(|value| value.to_le_bytes()))?;
        body.section(lists.factors.iter().map(|value| value.to_le_bytes()))?;
        body.section([lists.bits.as_slice()].into_iter())?;
    }
    let (written, digest) = (body.written, body.hasher.finalize());
    body.file.flush()?;
    drop(body);
    let mut header = Writer::default();
    header.bytes.extend(MAGIC);
    header.u32(FORMAT);
    header.u32(dimension as u32);
    header.u64(written);
    header.bytes.extend(digest.as_bytes());
    header.u64(0);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header.bytes)
}

fn parts<'a>(prepared: &'a Prepared, dimension: usize, reach: &Reach) -> Vec<Part<'a>> {
    let rows = prepared
        .vectors
        .as_ref()
        .map_or(&[][..], |vectors| &vectors.rows);
    let mut start = 0;
    let groups = prepared.documents.chunk_by(|a, b| a.tenant == b.tenant);
    let parts = groups.map(|group| {
        let own = rows.get(start..start + group.len()).unwrap_or_default();
        start += group.len();
        let with_row = (0_u32..)
            .zip(own)
            .filter_map(|(at, row)| Some((at, row.as_deref()?)));
        let (documents, rows): (Vec<u32>, Vec<&[f32]>) = with_row.unzip();
        let is_large = rows.len() > reach.listed;
        let lists = if is_large {
            Ivf::train(&rows, dimension)
        } else {
            IvfParts::default()
        };
        Part {
            tenant: &group[0].tenant,
            documents,
            rows,
            lists,
        }
    });
    parts.collect()
}

fn directory(parts: &[Part<'_>]) -> Vec<u8> {
    let mut entries = Writer::default();
    entries.u32(parts.len() as u32);
    for part in parts {
        entries.string(part.tenant);
        let lists = &part.lists;
        entries.u64(lists.probes);
        let values = part.rows.iter().map(|row| row.len()).sum::<usize>();
        for bytes in [
            4 * part.documents.len(),
            4 * values,
            lists.centres.len(),
            4 * lists.scales.len(),
            8 * lists.ends.len(),
            4 * lists.rows.len(),
            4 * lists.factors.len(),
            lists.bits.len(),
        ] {
            entries.u64(bytes as u64);
        }
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

    /// Writes `pieces` in large blocks, then goes on to the next boundary.
    fn section<B: AsRef<[u8]>>(&mut self, pieces: impl Iterator<Item = B>) -> std::io::Result<()> {
        let mut block = Vec::with_capacity(1 << 16);
        for piece in pieces {
            block.extend_from_slice(piece.as_ref());
            if block.len() >= 1 << 16 {
                self.write(&block)?;
                block.clear();
            }
        }
        self.write(&block)?;
        self.align()
    }

    fn align(&mut self) -> std::io::Result<()> {
        let size = self.written as usize;
        self.write(&[0; ALIGNMENT][..size.next_multiple_of(ALIGNMENT) - size])
    }
}

fn read(map: Map) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    parse(&Arc::new(map)).map_err(|damage| RetrievalError::corrupt(FILE, damage.to_string()))
}

fn parse(map: &Arc<Map>) -> Result<Vec<(String, VectorBlock)>, Damage> {
    let mut reader = Reader::new(map.bytes());
    if reader.take(MAGIC.len())? != MAGIC || reader.u32()? != FORMAT {
        return Err(Damage(
            "was written in another format: build the collection again",
        ));
    }
    let dimension = reader.u32()? as usize;
    reader.take(HEADER - 16)?;
    let directory = reader.section()?;
    let mut next = (HEADER + 8 + directory.len()).next_multiple_of(ALIGNMENT);
    let mut entries = Reader::new(directory);
    let mut blocks = Vec::new();
    for _ in 0..entries.u32()? {
        let tenant = entries.string()?.to_owned();
        let probes = entries.u64()?;
        let mut sections = Vec::with_capacity(SECTIONS);
        for _ in 0..SECTIONS {
            let size = usize::try_from(entries.u64()?).map_err(|_| Damage("is too large"))?;
            let end = next.checked_add(size).ok_or(Damage("is too large"))?;
            sections
                .push(Section::new(map, next..end).ok_or(Damage("ends before its content does"))?);
            next = end.next_multiple_of(ALIGNMENT);
        }
        let [documents, rows, centres, scales, ends, slots, factors, bits] =
            <[Section; SECTIONS]>::try_from(sections).map_err(|_| Damage("lacks a section"))?;
        let count = documents.numbers().len();
        let lists = match probes {
            0 => None,
            _ => {
                let sections = IvfSections {
                    probes,
                    centres,
                    scales,
                    ends,
                    rows: slots,
                    factors,
                    bits,
                };
                Some(
                    Ivf::open(sections, dimension, count)
                        .ok_or(Damage("lists do not fit the vectors"))?,
                )
            }
        };
        let block = VectorBlock::new(dimension, documents, rows, lists);
        blocks.push((
            tenant,
            block.ok_or(Damage("rows do not fit their documents"))?,
        ));
    }
    Ok(blocks)
}
