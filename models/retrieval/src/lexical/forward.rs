//! Sub-words turned around: the n-grams of each passage, and the passages of each document.

use super::codec::{Reader, push_varint};
use super::subwords::Subwords;

/// N-grams by passage and passages by document.
#[derive(Debug, Default)]
pub(crate) struct Forward {
    gram_ends: Vec<u64>,
    /// Per n-gram of a passage: its gap to the one before, doubled, plus 1 where a frequency above 1 follows.
    grams: Vec<u8>,
    passage_ends: Vec<u32>,
    passages: Vec<u32>,
}

impl Forward {
    /// Turns `subwords` of a tenant with `documents` documents.
    pub(super) fn new(subwords: &Subwords, documents: usize) -> Self {
        let (gram_ends, grams) = grams(subwords);
        let mut passage_ends = vec![0_u32; documents];
        let each = |visit: &mut dyn FnMut(u32, usize)| {
            for passage in 0..subwords.passages() {
                // The lists were validated when they were opened.
                let _validated = subwords
                    .each_document(passage, |document| visit(passage as u32, document as usize));
            }
        };
        each(&mut |_, document| passage_ends[document] += 1);
        let mut starts = Vec::with_capacity(documents);
        let mut end = 0;
        for count in &mut passage_ends {
            starts.push(end);
            end += *count;
            *count = end;
        }
        let mut passages = vec![0_u32; end as usize];
        each(&mut |passage, document| {
            passages[starts[document] as usize] = passage;
            starts[document] += 1;
        });
        Self {
            gram_ends,
            grams,
            passage_ends,
            passages,
        }
    }

    /// Visits the number and the frequency of each n-gram of `passage`, ascending, as long as `visit` says so.
    #[inline(always)]
    pub(super) fn each_gram(&self, passage: u32, mut visit: impl FnMut(u32, u32) -> bool) {
        let passage = passage as usize;
        let start = passage
            .checked_sub(1)
            .map_or(0, |before| self.gram_ends[before] as usize);
        let mut reader = Reader::new(&self.grams[start..self.gram_ends[passage] as usize]);
        let mut next = 0;
        while let Ok(coded) = reader.varint() {
            let number = next + (coded >> 1);
            let frequency = if coded & 1 == 1 {
                reader.varint().unwrap_or(1)
            } else {
                1
            };
            next = number + 1;
            if !visit(number, frequency) {
                return;
            }
        }
    }

    /// The passages of `document`.
    pub(super) fn passages_of(&self, document: u32) -> &[u32] {
        let document = document as usize;
        let start = document
            .checked_sub(1)
            .map_or(0, |before| self.passage_ends[before]);
        &self.passages[start as usize..self.passage_ends[document] as usize]
    }
}

/// Two passes over the postings: sizes first, then bytes in their places.
fn grams(subwords: &Subwords) -> (Vec<u64>, Vec<u8>) {
    let mut next = vec![0_u32; subwords.passages()];
    let mut places = vec![0_u64; subwords.passages()];
    let mut entry = Vec::new();
    each_entry(subwords, &mut next, &mut entry, |passage, entry| {
        places[passage] += entry.len() as u64
    });
    let mut end = 0;
    for place in &mut places {
        let size = *place;
        *place = end;
        end += size;
    }
    let mut grams = vec![0_u8; end as usize];
    next.fill(0);
    each_entry(subwords, &mut next, &mut entry, |passage, entry| {
        let place = places[passage] as usize;
        grams[place..place + entry.len()].copy_from_slice(entry);
        places[passage] += entry.len() as u64;
    });
    (places, grams)
}

fn each_entry(
    subwords: &Subwords,
    next: &mut [u32],
    entry: &mut Vec<u8>,
    mut visit: impl FnMut(usize, &[u8]),
) {
    for number in 0..subwords.keys().len() {
        // The postings were validated when they were opened.
        let _validated = subwords.each_passage(number, |passage, frequency| {
            entry.clear();
            push_varint(
                entry,
                (number as u32 - next[passage]) << 1 | u32::from(frequency > 1),
            );
            if frequency > 1 {
                push_varint(entry, frequency);
            }
            next[passage] = number as u32 + 1;
            visit(passage, entry);
        });
    }
}
