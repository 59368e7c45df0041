//! Read-only memory: a file of a collection, or bytes of our own, and typed views of it.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

#[cfg(target_endian = "big")]
compile_error!("the files of a collection are little-endian and are mapped as they are");

/// Boundary that sections start on: a line of the cache.
pub(crate) const ALIGNMENT: usize = 64;

/// Mapped memory; it starts on a page.
#[derive(Debug)]
pub(crate) struct Map(Mmap);

impl Map {
    /// Maps `file`.
    pub(crate) fn of_file(file: &File) -> std::io::Result<Self> {
        // SAFETY: files of a collection are written once, before their card, and never changed in place; whoever changes one
        // beneath a running node may crash it, as may whoever changes its program.
        let map = unsafe { Mmap::map(file)? };
        Ok(Self(map))
    }

    /// The same, of which a query reads a few places: neighbouring pages are not brought in beside them.
    pub(crate) fn of_file_in_places(file: &File) -> std::io::Result<Self> {
        let map = Self::of_file(file)?;
        #[cfg(unix)]
        map.0.advise(memmap2::Advice::Random)?;
        Ok(map)
    }

    /// Copies `bytes`.
    pub(crate) fn of_bytes(bytes: &[u8]) -> std::io::Result<Self> {
        let mut map = MmapMut::map_anon(bytes.len().max(1))?;
        map[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(map.make_read_only()?))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Part of a map.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    map: Arc<Map>,
    range: Range<usize>,
}

impl Section {
    /// Bytes `range` of `map`; none where they are not all there.
    pub(crate) fn new(map: &Arc<Map>, range: Range<usize>) -> Option<Self> {
        map.bytes().get(range.clone())?;
        Some(Self {
            map: Arc::clone(map),
            range,
        })
    }

    #[cfg(test)]
    pub(crate) fn whole(map: Arc<Map>) -> Self {
        let range = 0..map.bytes().len();
        Self { map, range }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map.bytes()[self.range.clone()]
    }

    /// The bytes as 32-bit floats; empty where they do not start on a boundary.
    pub(crate) fn floats(&self) -> &[f32] {
        // SAFETY: any four bytes are a float.
        aligned(unsafe { self.bytes().align_to() })
    }

    /// The bytes as 32-bit numbers; empty where they do not start on a boundary.
    pub(crate) fn numbers(&self) -> &[u32] {
        // SAFETY: any four bytes are a number.
        aligned(unsafe { self.bytes().align_to() })
    }

    /// The bytes as 64-bit numbers; empty where they do not start on a boundary.
    pub(crate) fn longs(&self) -> &[u64] {
        // SAFETY: any eight bytes are a number.
        aligned(unsafe { self.bytes().align_to() })
    }
}

/// A number of a fixed size, without padding.
pub(crate) trait Plain: Copy {}

impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for f32 {}

/// The bytes of `values` as they stand in a file.
pub(crate) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: numbers have no padding, and any byte is a byte.
    unsafe { values.align_to::<u8>().1 }
}

fn aligned<'a, T>((before, middle, after): (&'a [u8], &'a [T], &'a [u8])) -> &'a [T] {
    if before.is_empty() && after.is_empty() {
        middle
    } else {
        &[]
    }
}
