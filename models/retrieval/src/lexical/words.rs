//! Words: BM25F over the stems of five fields (Robertson, Zaragoza, Taylor 2004; Robertson and Zaragoza 2009, §3.6).

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::codec::{Damage, Reader, Writer, item, push_varint};
use crate::document::{Document, Field};

/// Documents analysed between two insertions into the index.
const BATCH: usize = 4096;

/// BM25F's settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameters {
    /// Saturation of frequency.
    pub(crate) k1: f64,
    /// Correction for length, per field.
    pub(crate) b: [f64; Field::COUNT],
    /// Weight of a frequency, per field.
    pub(crate) weight: [f64; Field::COUNT],
}

impl Default for Parameters {
    fn default() -> Self {
        Self { k1: 1.2, b: [0.75; Field::COUNT], weight: [2.0, 2.0, 1.5, 1.0, 1.0] }
    }
}

/// The words of one tenant's documents.
#[derive(Debug, Default)]
pub(crate) struct Words {
    documents: usize,
    length_sums: [u64; Field::COUNT],
    lengths: Vec<[u16; Field::COUNT]>,
    term_ends: Vec<u64>,
    terms: Vec<u8>,
    posting_ends: Vec<u64>,
    postings: Vec<u8>,
}

/// One document that has a term.
struct Posting {
    document: u32,
    frequencies: [u32; Field::COUNT],
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
        let size = documents.checked_mul(2 * Field::COUNT).ok_or(Damage("too many documents"))?;
        let lengths = reader.take(size)?.as_chunks::<2>().0;
        let lengths: Vec<u16> = lengths.iter().map(|two| u16::from_le_bytes(*two)).collect();
        let (term_ends, terms) = reader.list()?;
        let (posting_ends, postings) = reader.list()?;
        let words = Self {
            documents,
            length_sums,
            lengths: lengths.as_chunks().0.to_vec(),
            term_ends,
            terms: terms.to_vec(),
            posting_ends,
            postings: postings.to_vec(),
        };
        if !reader.is_empty() {
            return Err(Damage("goes on after its content"));
        }
        words.validate()?;
        Ok(words)
    }

    fn validate(&self) -> Result<(), Damage> {
        if self.term_ends.len() != self.posting_ends.len() {
            return Err(Damage("terms and postings differ in number"));
        }
        let mut last: &[u8] = &[];
        for number in 0..self.term_ends.len() {
            let term = item(&self.term_ends, &self.terms, number);
            if term <= last || std::str::from_utf8(term).is_err() {
                return Err(Damage("terms are not sorted text"));
            }
            last = term;
            self.each_posting(number, |_| {})?;
        }
        Ok(())
    }

    /// How many documents there are.
    pub(crate) fn documents(&self) -> usize {
        self.documents
    }

    /// How many distinct terms there are.
    pub(crate) fn terms(&self) -> usize {
        self.term_ends.len()
    }

    fn number_of(&self, term: &str) -> Option<usize> {
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

    /// Documents that have the term of this number.
    fn document_frequency(&self, number: usize) -> Result<u32, Damage> {
        Reader::new(item(&self.posting_ends, &self.postings, number)).varint()
    }

    fn each_posting(&self, number: usize, mut visit: impl FnMut(Posting)) -> Result<(), Damage> {
        let mut reader = Reader::new(item(&self.posting_ends, &self.postings, number));
        let count = reader.varint()?;
        let mut next = 0_u64;
        for _ in 0..count {
            let document = next + u64::from(reader.varint()?);
            if document >= self.documents as u64 {
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
            visit(Posting { document: document as u32, frequencies });
        }
        if reader.is_empty() { Ok(()) } else { Err(Damage("postings go on after their end")) }
    }
}

/// Writes the words section of `documents`.
pub(crate) fn write_words(documents: &[&Document]) -> Vec<u8> {
    let mut postings: HashMap<String, (u32, u32, Vec<u8>)> = HashMap::new();
    let mut sums = [0_u64; Field::COUNT];
    let mut lengths = Vec::with_capacity(documents.len());
    for (batch_number, batch) in documents.chunks(BATCH).enumerate() {
        let analysed: Vec<_> = batch.par_iter().map(|document| frequencies(document)).collect();
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
    let mask = (0..Field::COUNT).filter(|field| frequencies[*field] > 0).fold(0, |mask, field| mask | 1 << field);
    bytes.push(mask);
    frequencies.iter().filter(|frequency| **frequency > 0).for_each(|f| push_varint(bytes, *f));
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

/// A query's terms with what they weigh in the documents that a tenant sees.
pub(crate) struct WordQuery<'a> {
    parts: Vec<&'a Words>,
    parameters: Parameters,
    average_lengths: [f64; Field::COUNT],
    /// Term, weight (inverse document frequency × frequency in the query).
    terms: Vec<(String, f64)>,
    attainable: f64,
}

impl<'a> WordQuery<'a> {
    /// Weighs the terms of a query over `parts`, everything that the tenant sees.
    pub(crate) fn new(parts: Vec<&'a Words>, terms: &BTreeMap<String, u32>, parameters: Parameters) -> Self {
        let documents: usize = parts.iter().map(|words| words.documents).sum();
        let mut average_lengths = [0.0; Field::COUNT];
        for (field, average) in average_lengths.iter_mut().enumerate() {
            let sum: u64 = parts.iter().map(|words| words.length_sums[field]).sum();
            *average = sum as f64 / documents.max(1) as f64;
        }
        let terms: Vec<(String, f64)> = terms
            .iter()
            .map(|(term, frequency)| {
                let having: u32 = parts
                    .iter()
                    .filter_map(|words| words.document_frequency(words.number_of(term)?).ok())
                    .sum();
                let (having, all) = (f64::from(having), documents as f64);
                let rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
                (term.clone(), rarity * f64::from(*frequency))
            })
            .collect();
        let attainable = terms.iter().map(|(_, weight)| weight * (parameters.k1 + 1.0)).sum();
        Self { parts, parameters, average_lengths, terms, attainable }
    }

    /// The score that a document with every term, without end, would come near.
    pub(crate) fn attainable(&self) -> f64 {
        self.attainable
    }

    /// BM25F of every document of part `part`.
    pub(crate) fn scores(&self, part: usize) -> Vec<f32> {
        let Some(words) = self.parts.get(part) else { return Vec::new() };
        let mut scores = vec![0.0_f32; words.documents];
        for (term, weight) in &self.terms {
            let Some(number) = words.number_of(term) else { continue };
            // The postings were validated when they were opened.
            let _validated = words.each_posting(number, |posting| {
                let frequency = self.normalised_frequency(words, &posting);
                let saturated = frequency * (self.parameters.k1 + 1.0) / (self.parameters.k1 + frequency);
                scores[posting.document as usize] += (weight * saturated) as f32;
            });
        }
        scores
    }

    fn normalised_frequency(&self, words: &Words, posting: &Posting) -> f64 {
        let mut sum = 0.0;
        for field in 0..Field::COUNT {
            if posting.frequencies[field] > 0 {
                let length = f64::from(words.lengths[posting.document as usize][field]);
                let b = self.parameters.b[field];
                let norm = 1.0 - b + b * length / self.average_lengths[field].max(1e-9);
                sum += self.parameters.weight[field] * f64::from(posting.frequencies[field]) / norm;
            }
        }
        sum
    }

    /// Which of `documents` (sorted) of part `part` have which of the query's terms.
    pub(crate) fn matched(&self, part: usize, documents: &[u32]) -> Vec<(u32, &str)> {
        let mut matched = Vec::new();
        let Some(words) = self.parts.get(part) else { return matched };
        for (term, _) in &self.terms {
            let Some(number) = words.number_of(term) else { continue };
            let _validated = words.each_posting(number, |posting| {
                if documents.binary_search(&posting.document).is_ok() {
                    matched.push((posting.document, term.as_str()));
                }
            });
        }
        matched
    }
}
