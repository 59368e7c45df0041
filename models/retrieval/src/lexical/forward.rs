//! Sub-words turned around: the n-grams of each passage, and the passages of each document.

use super::subwords::Subwords;
use crate::prefetch::prefetch;

/// The code of no n-gram: the next one is [`FAR`] numbers further than its own code tells.
const ON: u16 = u16::MAX;
const FAR: u32 = 0x7fff;

/// N-grams by passage and passages by document.
#[derive(Debug, Default)]
pub(crate) struct Forward {
    gram_ends: Vec<u64>,
    /// Per n-gram of a passage: its gap to the one before, doubled, plus 1 where a frequency above 1 follows, its lower half first. All
    /// are of one width, so that a processor reads on without a guess where the next one starts.
    grams: Vec<u16>,
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

    /// Visits the number and the frequency of each n-gram of `passage`, ascending.
    #[inline(always)]
    pub(super) fn each_gram(&self, passage: u32, mut visit: impl FnMut(u32, u32)) {
        let mut codes = self.codes(passage).iter();
        let mut next = 0;
        while let Some(code) = codes.next().copied() {
            if code == ON {
                next += FAR;
                continue;
            }
            let number = next + u32::from(code >> 1);
            let mut half = || codes.next().map_or(0, |half| u32::from(*half));
            let frequency = if code & 1 == 1 {
                half() | half() << 16
            } else {
                1
            };
            next = number + 1;
            visit(number, frequency);
        }
    }

    /// Asks for the n-grams of `passage`, which will be visited soon.
    pub(super) fn ask_for(&self, passage: u32) {
        prefetch(self.codes(passage));
    }

    fn codes(&self, passage: u32) -> &[u16] {
        let passage = passage as usize;
        let start = passage
            .checked_sub(1)
            .map_or(0, |before| self.gram_ends[before] as usize);
        &self.grams[start..self.gram_ends[passage] as usize]
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

/// Two passes over the postings: sizes first, then codes in their places.
fn grams(subwords: &Subwords) -> (Vec<u64>, Vec<u16>) {
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
    let mut grams = vec![0_u16; end as usize];
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
    entry: &mut Vec<u16>,
    mut visit: impl FnMut(usize, &[u16]),
) {
    for number in 0..subwords.keys().len() {
        // The postings were validated when they were opened.
        let _validated = subwords.each_passage(number, |passage, frequency| {
            entry.clear();
            let gap = number as u32 - next[passage];
            entry.extend((0..gap / FAR).map(|_| ON));
            entry.push(((gap % FAR) << 1) as u16 | u16::from(frequency > 1));
            if frequency > 1 {
                entry.extend([frequency as u16, (frequency >> 16) as u16]);
            }
            next[passage] = number as u32 + 1;
            visit(passage, entry);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Field};
    use crate::lexical::grams::grams;
    use crate::lexical::subwords::write_subwords;
    use crate::random::next_random;

    #[test]
    fn a_passage_has_the_n_grams_of_its_text_however_far_apart_they_are() {
        let mut state = 5;
        let mut letter = || char::from(b'a' + (next_random(&mut state) % 26) as u8);
        let mut texts: Vec<String> = (0..4000)
            .map(|_| (0..12).map(|_| letter()).collect())
            .collect();
        texts.extend(["aaa zzz".to_owned(), "zou ".repeat(70_000) + "abc abc"]);
        let document = |text: &String| Document {
            fields: vec![(Field::Label, text.clone())],
            ..Document::default()
        };
        let documents: Vec<Document> = texts.iter().map(document).collect();
        let section = write_subwords(&documents.iter().collect::<Vec<_>>());
        let mut subwords = Subwords::read(&section, documents.len()).unwrap();
        assert!(subwords.keys().len() > 2 * FAR as usize);
        subwords.turn(documents.len());
        for (at, text) in texts.iter().enumerate() {
            let [passage] = subwords.forward().passages_of(at as u32) else {
                panic!("one passage each");
            };
            let mut found = Vec::new();
            subwords.forward().each_gram(*passage, |number, frequency| {
                found.push((subwords.keys()[number as usize], frequency));
            });
            assert_eq!(found, grams(text).into_iter().collect::<Vec<_>>());
        }
    }
}
