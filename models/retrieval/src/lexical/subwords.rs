//! Sub-words: tf-idf cosine of character n-grams between a query and each short text of a document; the document scores
//! by its best one. Equal texts are indexed once, however many documents have them.

use std::collections::HashMap;

use rayon::prelude::*;

use super::codec::{Damage, Reader, Writer, item, push_varint};
use super::forward::Forward;
use super::grams::grams;
use crate::document::Document;

/// Passages cut into n-grams between two insertions into the index.
const BATCH: usize = 4096;

/// The distinct short texts of one tenant's documents.
#[derive(Debug, Default)]
pub(crate) struct Subwords {
    passages: usize,
    keys: Vec<u64>,
    posting_ends: Vec<u64>,
    postings: Vec<u8>,
    document_ends: Vec<u64>,
    documents: Vec<u8>,
    /// By passage and by document; empty until [`Subwords::turn`].
    forward: Forward,
}

impl Subwords {
    /// Reads and validates a section of a tenant with `document_count` documents.
    pub(crate) fn read(section: &[u8], document_count: usize) -> Result<Self, Damage> {
        let mut reader = Reader::new(section);
        let passages = reader.u32()? as usize;
        let keys = reader.table()?;
        let (posting_ends, postings) = reader.list()?;
        let (document_ends, documents) = reader.list()?;
        let subwords = Self {
            passages,
            keys,
            posting_ends,
            postings: postings.to_vec(),
            document_ends,
            documents: documents.to_vec(),
            forward: Forward::default(),
        };
        if !reader.is_empty() {
            return Err(Damage("goes on after its content"));
        }
        subwords.validate(document_count)?;
        Ok(subwords)
    }

    /// Prepares for scoring documents one by one.
    pub(crate) fn turn(&mut self, document_count: usize) {
        self.forward = Forward::new(self, document_count);
    }

    pub(super) fn forward(&self) -> &Forward {
        &self.forward
    }

    /// The n-grams, ascending.
    pub(super) fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// How many distinct short texts there are.
    pub(crate) fn passages(&self) -> usize {
        self.passages
    }

    fn validate(&self, document_count: usize) -> Result<(), Damage> {
        let is_strictly_sorted = self.keys.is_sorted_by(|a, b| a < b);
        if !is_strictly_sorted
            || self.keys.len() != self.posting_ends.len()
            || self.passages != self.document_ends.len()
        {
            return Err(Damage("n-grams and passages do not fit their postings"));
        }
        for number in 0..self.keys.len() {
            self.each_passage(number, |_, _| {})?;
        }
        let mut is_known = true;
        for passage in 0..self.passages {
            self.each_document(passage, |document| {
                is_known &= (document as usize) < document_count
            })?;
        }
        if is_known {
            Ok(())
        } else {
            Err(Damage("passage of a document that does not exist"))
        }
    }

    #[inline(always)]
    pub(super) fn each_passage(
        &self,
        number: usize,
        mut visit: impl FnMut(usize, u32),
    ) -> Result<(), Damage> {
        let mut reader = Reader::new(item(&self.posting_ends, &self.postings, number));
        let mut next = 0_u64;
        let count = reader.varint()?;
        for _ in 0..count {
            let passage = next + u64::from(reader.varint()?);
            if passage >= self.passages as u64 {
                return Err(Damage("posting of a passage that does not exist"));
            }
            next = passage + 1;
            match reader.varint()? {
                0 => return Err(Damage("frequency of zero")),
                frequency => visit(passage as usize, frequency),
            }
        }
        if reader.is_empty() {
            Ok(())
        } else {
            Err(Damage("postings go on after their end"))
        }
    }

    /// The postings of the n-gram of this number.
    pub(super) fn postings(&self, number: usize) -> Postings<'_> {
        let mut reader = Reader::new(item(&self.posting_ends, &self.postings, number));
        let count = reader.varint().unwrap_or(0);
        let mut postings = Postings {
            reader,
            count,
            next: None,
        };
        postings.step(0);
        postings
    }

    #[inline(always)]
    pub(super) fn each_document(
        &self,
        passage: usize,
        mut visit: impl FnMut(u32),
    ) -> Result<(), Damage> {
        let mut reader = Reader::new(item(&self.document_ends, &self.documents, passage));
        let mut next = 0_u64;
        while !reader.is_empty() {
            let document = next + u64::from(reader.varint()?);
            next = document + 1;
            visit(u32::try_from(document).map_err(|_| Damage("number too large"))?);
        }
        Ok(())
    }

    /// Passages that have the n-gram `key`.
    pub(super) fn frequency(&self, key: u64) -> u32 {
        let number = self.keys.binary_search(&key);
        number.map_or(0, |number| self.count(number as u32))
    }

    /// Passages that have the n-gram of this number.
    pub(super) fn count(&self, number: u32) -> u32 {
        let mut reader = Reader::new(item(&self.posting_ends, &self.postings, number as usize));
        reader.varint().unwrap_or(0)
    }
}

/// The passages of an n-gram, ascending, some at a time.
#[derive(Debug, Clone)]
pub(super) struct Postings<'a> {
    reader: Reader<'a>,
    count: u32,
    /// Passage and frequency that come next.
    next: Option<(u32, u32)>,
}

impl Postings<'_> {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// Visits those below passage `end` that were not visited.
    #[inline(always)]
    pub(super) fn before(&mut self, end: u32, mut visit: impl FnMut(u32, u32)) {
        while let Some((passage, frequency)) = self.next.filter(|(passage, _)| *passage < end) {
            visit(passage, frequency);
            self.step(passage + 1);
        }
    }

    /// Reads the next one, at `from` or after it. The postings were validated when they were opened.
    #[inline(always)]
    fn step(&mut self, from: u32) {
        let gap = self.reader.varint().ok();
        self.next = gap.and_then(|gap| Some((from + gap, self.reader.varint().ok()?)));
    }
}

/// Writes the sub-words section of `documents`.
pub(crate) fn write_subwords(documents: &[&Document]) -> Vec<u8> {
    let passages = passages(documents);
    let mut postings: HashMap<u64, (u32, u32, Vec<u8>)> = HashMap::new();
    for (batch_number, batch) in passages.chunks(BATCH).enumerate() {
        let cut: Vec<_> = batch
            .par_iter()
            .map(|(passage, _)| grams(passage))
            .collect();
        for (at, grams) in cut.into_iter().enumerate() {
            let number = (batch_number * BATCH + at) as u32;
            for (key, frequency) in grams {
                let (count, next, bytes) = postings.entry(key).or_default();
                push_varint(bytes, number - *next);
                push_varint(bytes, frequency);
                (*count, *next) = (*count + 1, number + 1);
            }
        }
    }
    let mut grams: Vec<(u64, Vec<u8>)> = postings
        .into_iter()
        .map(|(key, (count, _, bytes))| {
            let mut whole = Vec::with_capacity(bytes.len() + 2);
            push_varint(&mut whole, count);
            whole.extend(bytes);
            (key, whole)
        })
        .collect();
    grams.sort_unstable_by_key(|(key, _)| *key);
    let mut writer = Writer::default();
    writer.u32(passages.len() as u32);
    writer.table(grams.iter().map(|(key, _)| *key));
    writer.list(grams.iter().map(|(_, postings)| postings.as_slice()));
    writer.list(passages.iter().map(|(_, documents)| documents.as_slice()));
    writer.bytes
}

/// Distinct short texts, in order of first appearance, each with the gaps between its documents.
fn passages(documents: &[&Document]) -> Vec<(String, Vec<u8>)> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut passages: Vec<(String, u32, Vec<u8>)> = Vec::new();
    for (document, content) in (0_u32..).zip(documents) {
        for (_, value) in content.fields.iter().filter(|(field, _)| field.is_short()) {
            let key = text::fold(value.trim());
            if key.is_empty() {
                continue;
            }
            let number = *numbers.entry(key).or_insert_with_key(|key| {
                passages.push((key.clone(), 0, Vec::new()));
                passages.len() - 1
            });
            let (_, next, gaps) = &mut passages[number];
            if *next <= document {
                push_varint(gaps, document - *next);
                *next = document + 1;
            }
        }
    }
    passages
        .into_iter()
        .map(|(passage, _, gaps)| (passage, gaps))
        .collect()
}
