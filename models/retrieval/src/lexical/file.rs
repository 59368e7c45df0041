//! The file: header, checksum and the parts of the tenants.

use std::path::Path;

use super::codec::{Damage, Reader, Writer};
use super::subwords::{Subwords, write_subwords};
use super::words::{Words, write_words};
use crate::document::Document;
use crate::error::RetrievalError;

/// Name of the file in a collection.
pub(crate) const FILE: &str = "lexical.bin";
/// Version of the layout of a collection's folder.
pub(crate) const FORMAT: u32 = 3;

const MAGIC: &[u8; 8] = b"MLLEXIDX";

/// The text index of a whole collection.
#[derive(Debug, Default)]
pub(crate) struct LexicalIndex {
    /// Sorted by tenant.
    pub(crate) tenants: Vec<(String, TenantText)>,
}

/// The text index of one tenant's documents.
#[derive(Debug, Default)]
pub(crate) struct TenantText {
    pub(crate) words: Words,
    pub(crate) subwords: Subwords,
}

/// Writes the index of `documents`, one group per tenant, sorted.
pub(crate) fn write(groups: &[(&str, Vec<&Document>)]) -> Vec<u8> {
    let mut body = Writer::default();
    body.u32(groups.len() as u32);
    for (tenant, documents) in groups {
        body.string(tenant);
        body.section(&write_words(documents));
        body.section(&write_subwords(documents));
    }
    let mut file = Writer::default();
    file.bytes.extend(MAGIC);
    file.u32(FORMAT);
    file.u32(text::ANALYSIS_VERSION);
    file.u64(body.bytes.len() as u64);
    file.bytes.extend(blake3::hash(&body.bytes).as_bytes());
    file.bytes.extend(&body.bytes);
    file.bytes
}

impl LexicalIndex {
    /// Reads the index from `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, RetrievalError> {
        let bytes = std::fs::read(path).map_err(|source| RetrievalError::io(path, source))?;
        Self::read(&bytes)
    }

    /// Reads and validates the bytes of the file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RetrievalError> {
        Self::parse(bytes).map_err(|damage| RetrievalError::corrupt(FILE, damage.to_string()))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(Damage("is no lexical index"));
        }
        if reader.u32()? != FORMAT {
            return Err(Damage(
                "was written in another format: build the collection again",
            ));
        }
        if reader.u32()? != text::ANALYSIS_VERSION {
            return Err(Damage(
                "was written by another text analysis: build the collection again",
            ));
        }
        let size = reader.u64()?;
        let digest = reader.take(32)?;
        let body = reader.take(usize::try_from(size).map_err(|_| Damage("is too large"))?)?;
        if !reader.is_empty() {
            return Err(Damage("goes on after its content"));
        }
        if blake3::hash(body).as_bytes() != digest {
            return Err(Damage("does not have the bytes that were written"));
        }
        Self::parse_body(body)
    }

    fn parse_body(body: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(body);
        let mut tenants: Vec<(String, TenantText)> = Vec::new();
        for _ in 0..reader.u32()? {
            let tenant = reader.string()?.to_owned();
            if tenants.last().is_some_and(|(last, _)| *last >= tenant) {
                return Err(Damage("tenants are not sorted"));
            }
            let words = Words::read(reader.section()?)?;
            let subwords = Subwords::read(reader.section()?, words.documents())?;
            tenants.push((tenant, TenantText { words, subwords }));
        }
        if reader.is_empty() {
            Ok(Self { tenants })
        } else {
            Err(Damage("goes on after its content"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Field;

    fn sample() -> Vec<u8> {
        let document = |id: &str, label: &str| Document {
            id: id.to_owned(),
            tenant: "tenant_a".to_owned(),
            fields: vec![
                (Field::Label, label.to_owned()),
                (Field::Description, format!("atelier de {label}")),
            ],
            ..Document::default()
        };
        let documents = [
            document("1", "tournage"),
            document("2", "fraisage 5 axes"),
            document("3", "tournage"),
        ];
        write(&[("tenant_a", documents.iter().collect())])
    }

    #[test]
    fn what_is_written_is_read() {
        let index = LexicalIndex::read(&sample()).unwrap();
        assert_eq!(index.tenants.len(), 1);
        assert_eq!(index.tenants[0].1.words.documents(), 3);
        assert_eq!(sample(), sample());
    }

    #[test]
    fn every_flipped_byte_is_refused() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            assert!(LexicalIndex::read(&damaged).is_err(), "byte {at}");
        }
        for size in 0..bytes.len() {
            assert!(LexicalIndex::read(&bytes[..size]).is_err(), "cut at {size}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_body_never_panics(changes in proptest::collection::vec((0_usize..4096, any::<u8>()), 1..8)) {
            // Past the checksum: the body itself is read as if its digest were right.
            let bytes = sample();
            let mut body = bytes[56..].to_vec();
            for (at, value) in changes {
                let at = at % body.len();
                body[at] = value;
            }
            if let Ok(index) = LexicalIndex::parse_body(&body) {
                let text = &index.tenants.first();
                prop_assert!(text.is_none_or(|(_, text)| text.words.terms() < 4096));
            }
        }
    }
}
