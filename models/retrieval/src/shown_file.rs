//! `shown.bin`: titles and payloads, mapped, since a query shows a few of them. The sections of a tenant are: ends of the titles
//! u64 · titles UTF-8 · ends of the payloads u64 · payloads UTF-8.

use std::path::Path;

use crate::build::Prepared;
use crate::document::Document;
use crate::error::RetrievalError;
use crate::map::{Section, bytes_of};
use crate::section_file::{Content, Opened, Part, SectionFile};

const SECTIONS: usize = 4;

/// The file.
pub(crate) const FILE: SectionFile<SECTIONS> = SectionFile {
    name: "shown.bin",
    magic: b"MLSHOWN\0",
    is_read_in_places: true,
};

/// What is shown of one tenant's documents.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) titles: MappedStrings,
    pub(crate) payloads: MappedStrings,
}

/// Many strings in mapped memory.
#[derive(Debug)]
pub(crate) struct MappedStrings {
    ends: Section,
    bytes: Section,
}

impl MappedStrings {
    /// The strings that end at `ends` in `bytes`; none where they do not fit each other.
    fn new(ends: Section, bytes: Section) -> Option<Self> {
        let last = ends.longs().last().copied().unwrap_or(0);
        let is_sound = ends.longs().is_sorted()
            && last == bytes.bytes().len() as u64
            && 8 * ends.longs().len() == ends.bytes().len();
        is_sound.then_some(Self { ends, bytes })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.longs().len()
    }

    /// The string at `index`; empty out of bounds.
    pub(crate) fn get(&self, index: usize) -> &str {
        let ends = self.ends.longs();
        let end = ends.get(index).copied().unwrap_or(0) as usize;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| ends[before] as usize);
        let bytes = self.bytes.bytes().get(start..end).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// Writes what is shown of `prepared` into `dir`.
pub(crate) fn write(dir: &Path, prepared: &Prepared) -> Result<(), RetrievalError> {
    let own = own(prepared);
    FILE.write(dir, 0, own.iter().map(Own::part).collect())
}

/// What is shown of `prepared`, in memory, by tenant.
pub(crate) fn in_memory(prepared: &Prepared) -> Result<Vec<(String, Shown)>, RetrievalError> {
    let own = own(prepared);
    shown(FILE.in_memory(0, own.iter().map(Own::part).collect())?)
}

/// Maps what is shown of the documents in `dir`, by tenant.
pub(crate) fn open(dir: &Path) -> Result<Vec<(String, Shown)>, RetrievalError> {
    shown(FILE.open(dir)?)
}

/// Checks that the file in `dir` has the texts of `prepared`.
pub(crate) fn verify(dir: &Path, prepared: &Prepared) -> Result<(), RetrievalError> {
    let shown = open(dir)?;
    let mapped = shown.iter().flat_map(|(tenant, shown)| {
        let text = |at| {
            (
                tenant.as_str(),
                shown.titles.get(at),
                shown.payloads.get(at),
            )
        };
        (0..shown.titles.len()).map(text)
    });
    let documents = prepared.documents.iter();
    let written = documents.map(|document| {
        let Document {
            tenant,
            title,
            payload,
            ..
        } = document;
        (tenant.as_str(), title.as_str(), payload.as_str())
    });
    if mapped.eq(written) {
        return Ok(());
    }
    Err(FILE.corrupt("does not have the texts of the documents beside it"))
}

/// One tenant's documents and where their texts end.
struct Own<'a> {
    documents: &'a [Document],
    titles: Vec<u64>,
    payloads: Vec<u64>,
}

fn own(prepared: &Prepared) -> Vec<Own<'_>> {
    let groups = prepared.documents.chunk_by(|a, b| a.tenant == b.tenant);
    let own = groups.map(|documents| Own {
        documents,
        titles: ends(documents.iter().map(|document| &document.title)),
        payloads: ends(documents.iter().map(|document| &document.payload)),
    });
    own.collect()
}

fn ends<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<u64> {
    let mut end = 0;
    let ends = texts.map(|text| {
        end += text.len() as u64;
        end
    });
    ends.collect()
}

impl Own<'_> {
    fn part(&self) -> Part<'_, SECTIONS> {
        let size = |ends: &[u64]| ends.last().map_or(0, |end| *end as usize);
        let titles = self
            .documents
            .iter()
            .map(|document| document.title.as_bytes());
        let payloads = self
            .documents
            .iter()
            .map(|document| document.payload.as_bytes());
        Part {
            tenant: &self.documents[0].tenant,
            number: self.documents.len() as u64,
            sections: [
                Content::whole(bytes_of(&self.titles)),
                Content::new(size(&self.titles), titles),
                Content::whole(bytes_of(&self.payloads)),
                Content::new(size(&self.payloads), payloads),
            ],
        }
    }
}

fn shown(opened: Opened<SECTIONS>) -> Result<Vec<(String, Shown)>, RetrievalError> {
    let part = |(tenant, documents, sections): (String, u64, [Section; SECTIONS])| {
        let [title_ends, titles, payload_ends, payloads] = sections;
        let titles = MappedStrings::new(title_ends, titles);
        let payloads = MappedStrings::new(payload_ends, payloads);
        let shown = titles
            .zip(payloads)
            .map(|(titles, payloads)| Shown { titles, payloads });
        let is_whole = |shown: &Shown| {
            [&shown.titles, &shown.payloads]
                .iter()
                .all(|all| all.len() as u64 == documents)
        };
        let shown = shown.filter(is_whole);
        Ok((
            tenant,
            shown.ok_or_else(|| FILE.corrupt("texts do not fit their documents"))?,
        ))
    };
    opened.tenants.into_iter().map(part).collect()
}
