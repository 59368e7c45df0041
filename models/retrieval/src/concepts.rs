//! Concepts of one tenant's documents, by document and by concept.

use std::collections::HashMap;

use crate::accumulator::Window;
use crate::best::Best;
use crate::document::DocumentConcept;
use crate::facets::DocumentSet;
use crate::result::HitConcept;
use crate::strings::Strings;

/// Which documents have which concepts, how strongly and why.
#[derive(Debug, Default)]
pub(crate) struct ConceptIndex {
    numbers: HashMap<String, u32>,
    ids: Strings,
    /// End of each document's entries.
    ends: Vec<usize>,
    entries: Vec<Entry>,
    evidence: Strings,
    /// Documents and strengths of each concept.
    postings: Vec<Vec<(u32, f32)>>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    concept: u32,
    strength: f32,
    is_claimed: bool,
}

impl ConceptIndex {
    /// Appends the concepts of the next document.
    pub(crate) fn push(&mut self, concepts: &[DocumentConcept]) {
        let document = self.ends.len() as u32;
        for concept in concepts {
            let number = self.number(&concept.id);
            let strength = share(concept.strength);
            self.entries.push(Entry {
                concept: number,
                strength,
                is_claimed: concept.is_claimed,
            });
            self.evidence.push(&concept.evidence);
            self.postings[number as usize].push((document, strength));
        }
        self.ends.push(self.entries.len());
    }

    /// Whether no document has a concept.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn number(&mut self, id: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.postings.len() as u32;
        self.numbers.insert(id.to_owned(), number);
        self.ids.push(id);
        self.postings.push(Vec::new());
        number
    }

    /// The concepts of `relevance` that documents have, with their relevance, by number.
    pub(crate) fn known(&self, relevance: &HashMap<String, f32>) -> Vec<(u32, f32)> {
        let mut known: Vec<(u32, f32)> = relevance
            .iter()
            .filter_map(|(id, relevance)| Some((*self.numbers.get(id)?, share(*relevance))))
            .filter(|(_, relevance)| *relevance > 0.0)
            .collect();
        known.sort_unstable_by_key(|(number, _)| *number);
        known
    }

    /// Best relevance × strength of each document that has one of the `known` concepts.
    pub(crate) fn scores(&self, known: &[(u32, f32)], scores: &mut [f32]) {
        for (number, relevance) in known {
            for (document, strength) in &self.postings[*number as usize] {
                if let Some(score) = scores.get_mut(*document as usize) {
                    *score = score.max(relevance * strength);
                }
            }
        }
    }

    /// Best relevance × strength of one document.
    pub(crate) fn score(&self, known: &[(u32, f32)], document: u32) -> f32 {
        let entries = self.entries[self.range(document)].iter();
        entries
            .filter_map(|entry| {
                let at = known
                    .binary_search_by_key(&entry.concept, |(number, _)| *number)
                    .ok()?;
                Some(known[at].1 * entry.strength)
            })
            .fold(0.0, f32::max)
    }

    /// The `depth` documents of `eligible` that score best. All that have one of the `known` concepts are noted in `linked`.
    pub(crate) fn nominate(
        &self,
        known: &[(u32, f32)],
        depth: usize,
        eligible: &DocumentSet,
        linked: &mut DocumentSet,
    ) -> Vec<u32> {
        let postings =
            |(number, relevance): &(u32, f32)| (&self.postings[*number as usize][..], *relevance);
        let mut lists: Vec<(&[(u32, f32)], f32)> = known.iter().map(postings).collect();
        let mut best = Best::new(depth);
        let fill = |window: &mut Window, end: u32| {
            for (rest, relevance) in &mut lists {
                while let Some(((document, strength), later)) =
                    rest.split_first().filter(|(next, _)| next.0 < end)
                {
                    let value = *relevance * strength;
                    if value > 0.0 && eligible.contains(*document) {
                        window.raise(*document, value);
                    }
                    *rest = later;
                }
            }
        };
        Window::each(self.ends.len(), fill, |document, value| {
            linked.insert(document);
            best.offer(document, value);
        });
        best.finish()
            .into_iter()
            .map(|(document, _)| document)
            .collect()
    }

    /// All concepts of `document`, as given.
    pub(crate) fn of(&self, document: u32) -> Vec<DocumentConcept> {
        self.range(document)
            .map(|at| DocumentConcept {
                id: self.ids.get(self.entries[at].concept as usize).to_owned(),
                strength: self.entries[at].strength,
                is_claimed: self.entries[at].is_claimed,
                evidence: self.evidence.get(at).to_owned(),
            })
            .collect()
    }

    /// The concepts of `document` that the query is about, best first, ties by id.
    pub(crate) fn matching(
        &self,
        document: u32,
        relevance: &HashMap<String, f32>,
    ) -> Vec<HitConcept> {
        let mut matching: Vec<HitConcept> = self
            .of(document)
            .into_iter()
            .filter_map(|concept| {
                let relevance = share(*relevance.get(&concept.id)?);
                (relevance * concept.strength > 0.0).then(|| HitConcept {
                    value: f64::from(relevance * concept.strength),
                    id: concept.id,
                    relevance,
                    strength: concept.strength,
                    is_claimed: concept.is_claimed,
                    evidence: concept.evidence,
                })
            })
            .collect();
        matching.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.id.cmp(&b.id)));
        matching
    }

    fn range(&self, document: u32) -> std::ops::Range<usize> {
        let document = document as usize;
        let start = document
            .checked_sub(1)
            .map_or(0, |before| self.ends[before]);
        start..self.ends[document]
    }
}

/// `value` in [0, 1]; 0 where it is not a number.
pub(crate) fn share(value: f32) -> f32 {
    if value.is_nan() {
        0.0
    } else {
        value.clamp(0.0, 1.0)
    }
}
