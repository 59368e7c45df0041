//! BM25F of a query's terms (Robertson, Zaragoza, Taylor 2004; Robertson and Zaragoza 2009, §3.6).

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::words::{Posting, Words};
use crate::accumulator::Window;
use crate::best::{Best, best};
use crate::facets::DocumentSet;
use crate::reach::Reach;
use crate::{document::Field, query::FieldWeights};

/// Saturation of frequency.
const K1: f64 = 1.2;
/// Correction for length.
const B: f64 = 0.75;
/// Documents scored exactly for each one nominated, where some terms were not read to their end.
const OVERSAMPLING: usize = 4;

/// What an occurrence counts in each field of a document of average length.
#[derive(Debug, Clone, Copy)]
struct Norms {
    fields: [f64; Field::COUNT],
    average_lengths: [f64; Field::COUNT],
}

/// A query's terms with what they weigh in the documents that a tenant sees.
pub(crate) struct WordQuery<'a> {
    parts: Vec<Part<'a>>,
    norms: Norms,
    /// Term, weight (inverse document frequency × sublinear frequency in the query).
    terms: Vec<(String, f64)>,
    attainable: f64,
}

struct Part<'a> {
    words: &'a Words,
    /// Number of each term of the query.
    numbers: Vec<Option<usize>>,
}

/// A term that a part has.
struct Term {
    number: usize,
    weight: f32,
    /// Its postings not read yet.
    rest: Range<usize>,
}

impl Norms {
    fn new(parts: &[&Words], fields: FieldWeights) -> Self {
        let documents: usize = parts.iter().map(|words| words.documents()).sum();
        let mut average_lengths = [0.0; Field::COUNT];
        for (field, average) in average_lengths.iter_mut().enumerate() {
            let sum: u64 = parts.iter().map(|words| words.length_sums[field]).sum();
            *average = sum as f64 / documents.max(1) as f64;
        }
        Self {
            fields: Field::ALL.map(|field| fields.of(field)),
            average_lengths,
        }
    }

    fn frequency(&self, words: &Words, posting: &Posting) -> f64 {
        let mut sum = 0.0;
        for field in 0..Field::COUNT {
            if posting.frequencies[field] > 0 {
                let length = f64::from(words.lengths[posting.document as usize][field]);
                let norm = 1.0 - B + B * length / self.average_lengths[field].max(1e-9);
                sum += self.fields[field] * f64::from(posting.frequencies[field]) / norm;
            }
        }
        sum
    }

    fn saturated(&self, words: &Words, posting: &Posting) -> f64 {
        let frequency = self.frequency(words, posting);
        frequency * (K1 + 1.0) / (K1 + frequency)
    }
}

/// Prepares `words` for [`WordQuery::nominate`].
pub(crate) fn weigh(words: &mut Words) {
    let norms = Norms::new(&[words], FieldWeights::DEFAULT);
    words.weigh(K1 + 1.0, |words, posting| norms.saturated(words, posting));
}

impl<'a> WordQuery<'a> {
    /// Weighs the terms of a query over `parts`, everything that the tenant sees.
    pub(crate) fn new(
        parts: Vec<&'a Words>,
        terms: &BTreeMap<String, u32>,
        fields: FieldWeights,
    ) -> Self {
        let norms = Norms::new(&parts, fields);
        let documents: usize = parts.iter().map(|words| words.documents()).sum();
        let parts: Vec<Part<'a>> = parts
            .into_iter()
            .map(|words| Part {
                words,
                numbers: terms.keys().map(|term| words.number_of(term)).collect(),
            })
            .collect();
        let terms: Vec<(String, f64)> = terms
            .iter()
            .enumerate()
            .map(|(at, (term, frequency))| {
                let having: u32 = parts
                    .iter()
                    .filter_map(|part| Some(part.words.document_frequency(part.numbers[at]?)))
                    .sum();
                let (having, all) = (f64::from(having), documents as f64);
                let rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
                (term.clone(), rarity * (1.0 + f64::from(*frequency).ln()))
            })
            .collect();
        let attainable = terms.iter().map(|(_, weight)| weight * (K1 + 1.0)).sum();
        Self {
            parts,
            norms,
            terms,
            attainable,
        }
    }

    /// The score that a document with every term, without end, would come near.
    pub(crate) fn attainable(&self) -> f64 {
        self.attainable
    }

    /// BM25F of every document of part `part`.
    pub(crate) fn scores(&self, part: usize) -> Vec<f32> {
        let part = &self.parts[part];
        let mut scores = vec![0.0_f32; part.words.documents()];
        for (number, (_, weight)) in part.numbers.iter().zip(&self.terms) {
            for posting in number
                .iter()
                .flat_map(|number| part.words.postings(*number))
            {
                let saturated = self.norms.saturated(part.words, &posting);
                scores[posting.document as usize] += (weight * saturated) as f32;
            }
        }
        scores
    }

    /// BM25F of one document: the same bits as in [`scores`](Self::scores).
    pub(crate) fn score(&self, part: usize, document: u32) -> f32 {
        let part = &self.parts[part];
        let mut score = 0.0_f32;
        for (number, (_, weight)) in part.numbers.iter().zip(&self.terms) {
            let posting = number.and_then(|number| part.words.posting_of(number, document));
            if let Some(posting) = posting {
                score += (weight * self.norms.saturated(part.words, &posting)) as f32;
            }
        }
        score
    }

    /// Whether a document, admitted by a filter or not, has a term of the query.
    pub(crate) fn is_known(&self, part: usize) -> bool {
        let part = &self.parts[part];
        let mut numbers = part.numbers.iter().flatten();
        if !self.skips_fields() {
            return numbers.next().is_some();
        }
        numbers.any(|number| {
            part.words
                .postings(*number)
                .any(|posting| self.counts(part, &posting))
        })
    }

    /// The best documents of part `part` as far as the rarest terms tell: at least `reach.depth` of them, or all that have a
    /// term. Every document of `eligible` that has a term is noted in `linked`.
    pub(crate) fn nominate(
        &self,
        part: usize,
        reach: &Reach,
        eligible: &DocumentSet,
        linked: &mut DocumentSet,
    ) -> Vec<u32> {
        let content = &self.parts[part];
        let (mut taken, left) = self.chosen(content, reach, eligible);
        let depth = if left.is_empty() {
            reach.depth
        } else {
            OVERSAMPLING * reach.depth
        };
        let mut found = Best::new(depth);
        let fill = |window: &mut Window, end: u32| {
            for term in &mut taken {
                self.accumulate(content, term, end, eligible, window);
            }
        };
        Window::each(content.words.documents(), fill, |document, sum| {
            linked.insert(document);
            found.offer(document, sum);
        });
        let mut found = found.finish();
        if !left.is_empty() {
            left.iter()
                .for_each(|number| self.link(content, *number, eligible, linked));
            let exact = found.into_iter();
            let exact = exact.map(|(document, _)| (document, self.score(part, document)));
            found = best(exact.collect(), reach.depth);
        }
        found.into_iter().map(|(document, _)| document).collect()
    }

    /// The terms that are read to find documents, rarest first, and the numbers of those left: with them more than `reach.postings`
    /// would be read, and the terms before them are in `reach.depth` documents of `eligible`.
    fn chosen(
        &self,
        part: &Part<'_>,
        reach: &Reach,
        eligible: &DocumentSet,
    ) -> (Vec<Term>, Vec<usize>) {
        let weighed = part.numbers.iter().zip(&self.terms);
        let mut terms: Vec<Term> = weighed
            .filter_map(|(number, (_, weight))| {
                Some(Term {
                    number: (*number)?,
                    weight: (weight * (K1 + 1.0)) as f32,
                    rest: part.words.range((*number)?),
                })
            })
            .collect();
        terms.sort_by_key(|term| (term.rest.len(), term.number));
        let (mut taken, mut left, mut read) = (Vec::new(), Vec::new(), 0);
        for term in terms {
            let size = term.rest.len();
            if read + size > reach.postings && self.have(part, &taken, reach.depth, eligible) {
                left.push(term.number);
            } else {
                read += size;
                taken.push(term);
            }
        }
        (taken, left)
    }

    /// Whether `terms` are in `count` documents of `eligible`: most often the last of them, which is the most frequent, tells.
    fn have(&self, part: &Part<'_>, terms: &[Term], count: usize, eligible: &DocumentSet) -> bool {
        let mut documents = HashSet::new();
        let mut found = terms.iter().rev().flat_map(|term| {
            let postings = part.words.postings(term.number);
            postings
                .filter(|posting| eligible.contains(posting.document) && self.counts(part, posting))
        });
        count == 0
            || found.any(|posting| documents.insert(posting.document) && documents.len() >= count)
    }

    /// Adds to `window` what the next postings of `term` are worth, those before document `end`.
    fn accumulate(
        &self,
        part: &Part<'_>,
        term: &mut Term,
        end: u32,
        eligible: &DocumentSet,
        window: &mut Window,
    ) {
        let words = part.words;
        if self.skips_fields() {
            let postings = words.postings_at(term.rest.clone());
            for posting in postings.take_while(|posting| posting.document < end) {
                term.rest.start += 1;
                if eligible.contains(posting.document) && self.counts(part, &posting) {
                    let share = self.norms.saturated(words, &posting) / (K1 + 1.0);
                    let worth = (term.weight * share as f32).max(f32::MIN_POSITIVE);
                    window.add(posting.document, worth);
                }
            }
            return;
        }
        let mut read = 0;
        for (document, share) in words.impacts(term.rest.clone()) {
            if document >= end {
                break;
            }
            read += 1;
            if eligible.contains(document) {
                window.add(document, term.weight * share);
            }
        }
        term.rest.start += read;
    }

    fn link(
        &self,
        part: &Part<'_>,
        number: usize,
        eligible: &DocumentSet,
        linked: &mut DocumentSet,
    ) {
        if self.skips_fields() {
            let postings = part.words.postings(number);
            postings
                .filter(|posting| eligible.contains(posting.document) && self.counts(part, posting))
                .for_each(|posting| linked.insert(posting.document));
            return;
        }
        let documents = part.words.documents_of(number).iter();
        documents
            .filter(|document| eligible.contains(**document))
            .for_each(|document| linked.insert(*document));
    }

    /// Whether a field is not searched, so that having a term may count for nothing.
    fn skips_fields(&self) -> bool {
        self.norms.fields.contains(&0.0)
    }

    fn counts(&self, part: &Part<'_>, posting: &Posting) -> bool {
        self.norms.frequency(part.words, posting) > 0.0
    }

    /// Which of `documents` of part `part` have which of the query's terms, term by term.
    pub(crate) fn matched(&self, part: usize, documents: &[u32]) -> Vec<(u32, &str)> {
        let mut matched = Vec::new();
        let part = &self.parts[part];
        for (number, (term, _)) in part.numbers.iter().zip(&self.terms) {
            let Some(number) = *number else { continue };
            for document in documents {
                let posting = part.words.posting_of(number, *document);
                if posting.is_some_and(|posting| self.counts(part, &posting)) {
                    matched.push((*document, term.as_str()));
                }
            }
        }
        matched
    }
}
