//! Words: which documents have which stems, how often in which field.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use rayon::prelude::*;

use super::codec::{Damage, Reader, Writer, item, push_varint};
use crate::document::{Document, Field};

/// Documents analysed between two insertions into the index.
const BATCH: usize = 4096;

/// Steps of an impact.
const IMPACT_STEPS: f64 = 255.0;

/// The words of one tenant's documents.
#[derive(Debug, Default)]
pub(crate) struct Words {
    documents: usize,
    /// Terms per field, over all documents.
    pub(super) length_sums: [u64; Field::COUNT],
    /// Terms per field of each document.
    pub(super) lengths: Vec<[u16; Field::COUNT]>,
    term_ends: Vec<u64>,
    terms: Vec<u8>,
    posting_ends: Vec<u64>,
    postings: Postings,
}

/// The postings of all terms, one after the other, each part in a column of its own.
#[derive(Debug, Default)]
struct Postings {
    /// Ascending within a term.
    documents: Vec<u32>,
    /// Row of `frequencies`.
    patterns: Vec<u16>,
    /// What a posting is worth by the default field weights, in steps: enough to choose whom to score exactly.
    impacts: Vec<u8>,
    /// Distinct frequencies by field.
    frequencies: Vec<[u32; Field::COUNT]>,
    /// Patterns of postings beyond the first 65,535 distinct ones, by posting.
    others: HashMap<usize, [u32; Field::COUNT]>,
}

/// One document that has a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) document: u32,
    pub(super) frequencies: [u32; Field::COUNT],
}

impl Words {
    /// Reads and validates a section.
    pub(crate) fn read(section: &[u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(section);
        let documents = reader.u32()? as usize;
        let mut length_sums = [0; Field::COUNT];
        for sum in &mut length_sums {
            *sum = reader.u64()?;
        }
        let size = documents
            .checked_mul(2 * Field::COUNT)
            .ok_or(Damage("too many documents"))?;
        let lengths = reader.take(size)?.as_chunks::<2>().0;
        let lengths: Vec<u16> = lengths.iter().map(|two| u16::from_le_bytes(*two)).collect();
        let (term_ends, terms) = reader.list()?;
        let (byte_ends, bytes) = reader.list()?;
        if !reader.is_empty() {
            return Err(Damage("goes on after its content"));
        }
        let mut words = Self {
            documents,
            length_sums,
            lengths: lengths.as_chunks().0.to_vec(),
            term_ends,
            terms: terms.to_vec(),
            posting_ends: Vec::with_capacity(byte_ends.len()),
            postings: Postings::default(),
        };
        words.check_terms(byte_ends.len())?;
        words.unpack(&byte_ends, bytes)?;
        Ok(words)
    }

    fn check_terms(&self, postings: usize) -> Result<(), Damage> {
        if self.term_ends.len() != postings {
            return Err(Damage("terms and postings differ in number"));
        }
        let mut last: &[u8] = &[];
        for number in 0..self.term_ends.len() {
            let term = item(&self.term_ends, &self.terms, number);
            if term <= last || std::str::from_utf8(term).is_err() {
                return Err(Damage("terms are not sorted text"));
            }
            last = term;
        }
        Ok(())
    }

    /// Lays the postings out in columns: twice their size on disk, and read without decoding.
    fn unpack(&mut self, byte_ends: &[u64], bytes: &[u8]) -> Result<(), Damage> {
        let mut patterns: HashMap<[u32; Field::COUNT], u16> = HashMap::new();
        let (postings, documents) = (&mut self.postings, self.documents);
        for number in 0..byte_ends.len() {
            each_packed(item(byte_ends, bytes, number), documents, |posting| {
                let next = u16::try_from(patterns.len()).ok();
                let known = patterns.get(&posting.frequencies).copied();
                let pattern = known.or(next).unwrap_or(u16::MAX);
                if known.is_none() && pattern == u16::MAX {
                    postings
                        .others
                        .insert(postings.documents.len(), posting.frequencies);
                } else if known.is_none() {
                    patterns.insert(posting.frequencies, pattern);
                    postings.frequencies.push(posting.frequencies);
                }
                postings.documents.push(posting.document);
                postings.patterns.push(pattern);
            })?;
            self.posting_ends.push(postings.documents.len() as u64);
        }
        postings.documents.shrink_to_fit();
        postings.patterns.shrink_to_fit();
        Ok(())
    }

    /// Notes what each posting is worth to `worth`, a value in [0, `most`].
    pub(super) fn weigh(&mut self, most: f64, worth: impl Fn(&Self, &Posting) -> f64 + Sync) {
        let steps: Vec<u8> = (0..self.postings.documents.len())
            .into_par_iter()
            .map(|at| {
                let share = worth(self, &self.posting(at)) / most;
                (share * IMPACT_STEPS).round().clamp(1.0, IMPACT_STEPS) as u8
            })
            .collect();
        self.postings.impacts = steps;
    }

    /// How many documents there are.
    pub(crate) fn documents(&self) -> usize {
        self.documents
    }

    /// How many distinct terms there are.
    pub(crate) fn terms(&self) -> usize {
        self.term_ends.len()
    }

    pub(super) fn number_of(&self, term: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.term_ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match item(&self.term_ends, &self.terms, middle).cmp(term.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// Where the postings of the term of this number are.
    pub(super) fn range(&self, number: usize) -> Range<usize> {
        let end = |number: usize| self.posting_ends.get(number).copied().unwrap_or(0) as usize;
        number.checked_sub(1).map_or(0, end)..end(number)
    }

    /// Documents of the postings at `range`, with their impacts as shares of the most that was weighed.
    #[inline(always)]
    pub(super) fn impacts(&self, range: Range<usize>) -> impl Iterator<Item = (u32, f32)> {
        let documents = self.postings.documents[range.clone()].iter().copied();
        let impacts = self.postings.impacts.get(range).unwrap_or_default();
        let shares = impacts
            .iter()
            .map(|steps| f32::from(*steps) / IMPACT_STEPS as f32);
        documents.zip(shares)
    }

    /// Documents that have the term of this number, ascending.
    pub(super) fn documents_of(&self, number: usize) -> &[u32] {
        &self.postings.documents[self.range(number)]
    }

    /// How many documents have the term of this number.
    pub(super) fn document_frequency(&self, number: usize) -> u32 {
        self.range(number).len() as u32
    }

    /// The postings of the term of this number, by document.
    pub(super) fn postings(&self, number: usize) -> impl Iterator<Item = Posting> {
        self.postings_at(self.range(number))
    }

    /// The postings at `range`, by document.
    pub(super) fn postings_at(&self, range: Range<usize>) -> impl Iterator<Item = Posting> {
        range.map(|at| self.posting(at))
    }

    /// The posting of a term in `document`.
    pub(super) fn posting_of(&self, number: usize, document: u32) -> Option<Posting> {
        let at = self.documents_of(number).binary_search(&document).ok()?;
        Some(self.posting(self.range(number).start + at))
    }

    fn posting(&self, at: usize) -> Posting {
        let postings = &self.postings;
        let pattern = usize::from(postings.patterns[at]);
        let frequencies = match postings.frequencies.get(pattern) {
            Some(frequencies) => *frequencies,
            None => postings.others[&at],
        };
        Posting {
            document: postings.documents[at],
            frequencies,
        }
    }
}

/// Visits the postings of one term as they are in the file.
fn each_packed(
    bytes: &[u8],
    documents: usize,
    mut visit: impl FnMut(Posting),
) -> Result<(), Damage> {
    let mut reader = Reader::new(bytes);
    let count = reader.varint()?;
    let mut next = 0_u64;
    for _ in 0..count {
        let document = next + u64::from(reader.varint()?);
        if document >= documents as u64 {
            return Err(Damage("posting of a document that does not exist"));
        }
        next = document + 1;
        let mask = reader.u8()?;
        if mask >> Field::COUNT != 0 {
            return Err(Damage("posting in a field that does not exist"));
        }
        let mut frequencies = [0; Field::COUNT];
        for (field, frequency) in frequencies.iter_mut().enumerate() {
            if mask >> field & 1 == 1 {
                *frequency = reader.varint()?;
            }
        }
        visit(Posting {
            document: document as u32,
            frequencies,
        });
    }
    if reader.is_empty() {
        Ok(())
    } else {
        Err(Damage("postings go on after their end"))
    }
}

/// Writes the words section of `documents`.
pub(crate) fn write_words(documents: &[&Document]) -> Vec<u8> {
    let mut postings: HashMap<String, (u32, u32, Vec<u8>)> = HashMap::new();
    let mut sums = [0_u64; Field::COUNT];
    let mut lengths = Vec::with_capacity(documents.len());
    for (batch_number, batch) in documents.chunks(BATCH).enumerate() {
        let analysed: Vec<_> = batch
            .par_iter()
            .map(|document| frequencies(document))
            .collect();
        for (at, (terms, field_lengths)) in analysed.into_iter().enumerate() {
            let number = (batch_number * BATCH + at) as u32;
            for (sum, length) in sums.iter_mut().zip(field_lengths) {
                *sum += u64::from(length);
            }
            lengths.push(field_lengths);
            for (term, frequencies) in terms {
                let (count, next, bytes) = postings.entry(term).or_default();
                push_posting(bytes, number - *next, &frequencies);
                (*count, *next) = (*count + 1, number + 1);
            }
        }
    }
    let mut terms: Vec<(String, Vec<u8>)> = postings
        .into_iter()
        .map(|(term, (count, _, bytes))| {
            let mut whole = Vec::with_capacity(bytes.len() + 2);
            push_varint(&mut whole, count);
            whole.extend(bytes);
            (term, whole)
        })
        .collect();
    terms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut writer = Writer::default();
    writer.u32(documents.len() as u32);
    sums.iter().for_each(|sum| writer.u64(*sum));
    for length in lengths.iter().flatten() {
        writer.bytes.extend(length.to_le_bytes());
    }
    writer.list(terms.iter().map(|(term, _)| term.as_bytes()));
    writer.list(terms.iter().map(|(_, postings)| postings.as_slice()));
    writer.bytes
}

fn push_posting(bytes: &mut Vec<u8>, gap: u32, frequencies: &[u32; Field::COUNT]) {
    push_varint(bytes, gap);
    let mask = (0..Field::COUNT)
        .filter(|field| frequencies[*field] > 0)
        .fold(0, |mask, field| mask | 1 << field);
    bytes.push(mask);
    frequencies
        .iter()
        .filter(|frequency| **frequency > 0)
        .for_each(|f| push_varint(bytes, *f));
}

type Frequencies = BTreeMap<String, [u32; Field::COUNT]>;

fn frequencies(document: &Document) -> (Frequencies, [u16; Field::COUNT]) {
    let mut terms = Frequencies::new();
    let mut lengths = [0_u16; Field::COUNT];
    for (field, value) in &document.fields {
        let field = field.index();
        for token in text::analyze(value) {
            terms.entry(token.term).or_default()[field] += 1;
            lengths[field] = lengths[field].saturating_add(1);
        }
    }
    (terms, lengths)
}
