//! Which entries of a part complete what was typed, best first.

use std::ops::Range;

use crate::part::Part;
use crate::query::tolerance;
use crate::vocabulary::Near;

/// An entry that completes the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) entry: u32,
    pub(crate) edits: u8,
}

/// Entries of a part are looked through in their order where more than this share of them (one in so many) may match: the first
/// ones come soon, and there is no list of them to make.
const COMMON: u32 = 16;

impl Part {
    /// The best `limit` things that complete a reading, best first.
    pub(crate) fn complete(&self, reading: &[String], limit: usize) -> Vec<Match> {
        let mut chosen = Chosen {
            part: self,
            limit,
            matches: Vec::with_capacity(limit),
        };
        self.exact(reading, &mut chosen);
        if !chosen.is_full() {
            self.tolerant(reading, &mut chosen);
        }
        chosen.matches
    }

    /// Offers the entries that have a word beginning with each word of the reading, in order of rank.
    fn exact(&self, reading: &[String], chosen: &mut Chosen<'_>) {
        let mut ranges: Vec<Range<u32>> = reading
            .iter()
            .map(|word| self.vocabulary.completions(word))
            .collect();
        ranges.sort_by_key(|range| self.said_by.several(range.clone()).len());
        let Some((rarest, others)) = ranges.split_first() else {
            return;
        };
        let has = |entry: u32, range: &Range<u32>| {
            let words = self.says.get(entry);
            let first = words.partition_point(|word| *word < range.start);
            words.get(first).is_some_and(|word| *word < range.end)
        };
        let has_all = |entry: &u32| others.iter().all(|range| has(*entry, range));
        let said_by = self.said_by.several(rarest.clone());
        if said_by.len() > (self.len() / COMMON) as usize {
            let all = (0..self.len()).filter(|entry| has(*entry, rarest));
            chosen.offer(all.filter(has_all), 0);
        } else {
            let mut some = said_by.to_vec();
            some.sort_unstable();
            some.dedup();
            chosen.offer(some.into_iter().filter(has_all), 0);
        }
    }

    /// Offers the entries that have, for each word of the reading, a word near to it, fewest edits first.
    fn tolerant(&self, reading: &[String], chosen: &mut Chosen<'_>) {
        if reading.iter().all(|word| tolerance(word) == 0) {
            return;
        }
        // One more than the edits of an entry so far; 0 where a word of the reading is missing.
        let mut totals: Option<Vec<u8>> = None;
        for word in reading {
            let near = self.near(word);
            if near.is_empty() {
                return;
            }
            let mut edits = vec![0_u8; self.len() as usize];
            for Near { words, edits: cost } in near {
                for entry in self.said_by.several(words) {
                    let best = &mut edits[*entry as usize];
                    if *best == 0 || *best > cost + 1 {
                        *best = cost + 1;
                    }
                }
            }
            match &mut totals {
                None => totals = Some(edits),
                Some(totals) => totals.iter_mut().zip(&edits).for_each(|(total, more)| {
                    *total = if *total == 0 || *more == 0 {
                        0
                    } else {
                        *total + *more - 1
                    };
                }),
            }
        }
        for (edits, entries) in by_edits(&totals.unwrap_or_default()) {
            chosen.offer(entries.into_iter(), edits);
        }
    }

    fn near(&self, word: &str) -> Vec<Near> {
        match tolerance(word) {
            0 => {
                let words = self.vocabulary.completions(word);
                let near = (!words.is_empty()).then_some(Near { words, edits: 0 });
                near.into_iter().collect()
            }
            most => self.vocabulary.near(word, most),
        }
    }
}

/// The entries with at least one edit, by the number of them, each list in order of rank.
fn by_edits(totals: &[u8]) -> Vec<(u8, Vec<u32>)> {
    let mut found: Vec<Vec<u32>> = Vec::new();
    for (eight, start) in totals.chunks(8).zip((0_u32..).step_by(8)) {
        if eight.iter().all(|total| *total == 0) {
            continue;
        }
        for (total, entry) in eight.iter().zip(start..).filter(|(total, _)| **total > 1) {
            let edits = usize::from(*total) - 1;
            if found.len() < edits {
                found.resize_with(edits, Vec::new);
            }
            found[edits - 1].push(entry);
        }
    }
    (1..).zip(found).collect()
}

/// The best of what was offered, each thing once.
struct Chosen<'a> {
    part: &'a Part,
    limit: usize,
    matches: Vec<Match>,
}

impl Chosen<'_> {
    fn is_full(&self) -> bool {
        self.matches.len() >= self.limit
    }

    fn offer(&mut self, entries: impl Iterator<Item = u32>, edits: u8) {
        for entry in entries {
            if self.is_full() {
                return;
            }
            let thing = |entry: u32| self.part.things[entry as usize];
            let is_new = self
                .matches
                .iter()
                .all(|chosen| thing(chosen.entry) != thing(entry));
            if is_new {
                self.matches.push(Match { entry, edits });
            }
        }
    }
}
