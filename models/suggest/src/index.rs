//! An index, opened once and asked by any number of threads.

use std::ops::Range;
use std::path::Path;

use crate::FORMAT;
use crate::build::{FILE, MAGIC};
use crate::bytes::Reader;
use crate::entry::{Kind, SHARED_TENANT};
use crate::error::SuggestError;
use crate::highlight::highlight;
use crate::part::Part;
use crate::query::{Query, readings};

/// Suggestions, whole in memory.
#[derive(Debug)]
pub struct Index {
    /// Sorted by tenant.
    parts: Vec<Part>,
}

/// One suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The text to suggest.
    pub text: String,
    /// What it stands for.
    pub kind: Kind,
    /// Identifier of the thing within its kind.
    pub id: String,
    /// The thing's preferred name.
    pub label: String,
    /// Labels from the Métier down, where it has a place in the glossary.
    pub path: Vec<String>,
    /// Typing errors that were forgiven.
    pub edits: u8,
    /// The entry's weight.
    pub weight: u32,
    /// Which bytes of `text` were typed, in order.
    pub spans: Vec<Range<usize>>,
}

/// A match with all that its order needs.
struct Ranked<'a> {
    part: &'a Part,
    entry: u32,
    edits: u8,
    reading: &'a [String],
}

impl Index {
    /// Opens the index that [`build`](crate::build()) wrote into `dir`.
    ///
    /// # Errors
    /// `Corrupt` where the file is not what was written: refuse the snapshot. `Io` where it cannot be read.
    pub fn open(dir: &Path) -> Result<Self, SuggestError> {
        let path = dir.join(FILE);
        let bytes = std::fs::read(&path).map_err(|source| SuggestError::io(&path, source))?;
        Self::from_bytes(bytes)
    }

    /// Opens an index that is in memory.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are not what [`index_bytes`](crate::index_bytes) made.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SuggestError> {
        let foreign = || SuggestError::corrupt("it is no suggestion index");
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(foreign)?;
        let (format, rest) = rest.split_at_checked(4).ok_or_else(foreign)?;
        if format != FORMAT.to_le_bytes() {
            return Err(SuggestError::corrupt("it has another layout version"));
        }
        let (checksum, body) = rest.split_at_checked(blake3::OUT_LEN).ok_or_else(foreign)?;
        if blake3::hash(body).as_bytes() != checksum {
            return Err(SuggestError::corrupt("its checksum is wrong"));
        }
        Self::read(body)
    }

    pub(crate) fn read(body: &[u8]) -> Result<Self, SuggestError> {
        let mut reader = Reader(body);
        let count = reader.number()?;
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..count {
            let part = Part::read(&mut reader)?;
            if parts.last().is_some_and(|last| last.tenant >= part.tenant) {
                return Err(SuggestError::corrupt("tenants are not in order"));
            }
            parts.push(part);
        }
        if reader.0.is_empty() {
            Ok(Self { parts })
        } else {
            Err(SuggestError::corrupt("something follows its end"))
        }
    }

    /// How many entries there are, of all tenants.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.len())).sum()
    }

    /// Completes what was typed, best first: fewest edits, then weight, ties by text. The first k of the best k + 1 are the
    /// best k; each thing is suggested once; nothing depends on tenants other than the one who asks and the shared one.
    #[must_use]
    pub fn suggest(&self, query: &Query<'_>) -> Vec<Suggestion> {
        let readings = readings(query.text);
        let mut ranked = Vec::new();
        for part in self.visible(query.tenant) {
            ranked.extend(complete(part, &readings, query.limit));
        }
        ranked.sort_by(|a: &Ranked<'_>, b| a.order().cmp(&b.order()));
        let mut suggestions: Vec<Suggestion> = Vec::with_capacity(ranked.len().min(query.limit));
        for found in ranked {
            if suggestions.len() == query.limit {
                break;
            }
            let (kind, id) = found.thing();
            let is_new = suggestions
                .iter()
                .all(|s| (s.kind, s.id.as_str()) != (kind, id));
            if is_new {
                suggestions.push(found.suggestion());
            }
        }
        suggestions
    }

    /// The parts that `tenant` sees: its own and the shared one.
    fn visible(&self, tenant: &str) -> Vec<&Part> {
        let shared = (tenant != SHARED_TENANT).then_some(SHARED_TENANT);
        let part = |name: &str| {
            let at = self
                .parts
                .binary_search_by(|part| part.tenant.as_str().cmp(name));
            self.parts.get(at.ok()?)
        };
        [Some(tenant), shared]
            .into_iter()
            .flatten()
            .filter_map(part)
            .collect()
    }
}

/// The best of a part: by the first reading that anything completes as it is typed, else by the first that anything
/// completes at all.
fn complete<'a>(part: &'a Part, readings: &'a [Vec<String>], limit: usize) -> Vec<Ranked<'a>> {
    let ranked = |reading: &'a Vec<String>| -> Vec<Ranked<'a>> {
        let matches = part.complete(reading, limit).into_iter();
        let ranked = matches.map(|found| Ranked {
            part,
            entry: found.entry,
            edits: found.edits,
            reading,
        });
        ranked.collect()
    };
    let mut found: Vec<Vec<Ranked<'a>>> = readings.iter().map(ranked).collect();
    let is_exact = |list: &Vec<Ranked<'a>>| list.first().is_some_and(|best| best.edits == 0);
    let at = found.iter().position(is_exact);
    let at = at.or_else(|| found.iter().position(|list| !list.is_empty()));
    at.map(|at| found.swap_remove(at)).unwrap_or_default()
}

impl<'a> Ranked<'a> {
    fn thing(&self) -> (Kind, &'a str) {
        (
            self.part.kinds[self.entry as usize],
            self.part.ids.get(self.entry),
        )
    }

    fn order(&self) -> impl Ord + 'a {
        (
            self.edits,
            std::cmp::Reverse(self.part.weights[self.entry as usize]),
            self.part.texts.get(self.entry),
            self.thing(),
        )
    }

    fn suggestion(&self) -> Suggestion {
        let (part, entry) = (self.part, self.entry);
        let (kind, id) = self.thing();
        let text = part.texts.get(entry);
        Suggestion {
            text: text.to_owned(),
            kind,
            id: id.to_owned(),
            label: part.labels.get(entry).to_owned(),
            path: part.path(entry),
            edits: self.edits,
            weight: part.weights[entry as usize],
            spans: highlight(text, self.reading),
        }
    }
}
