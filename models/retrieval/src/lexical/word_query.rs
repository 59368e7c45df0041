//! BM25F of a query's terms (Robertson, Zaragoza, Taylor 2004; Robertson and Zaragoza 2009, §3.6).

use std::collections::BTreeMap;

use super::words::{Posting, Words};
use crate::accumulator::{Accumulator, best};
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
        let mut terms: Vec<(usize, f32)> = content
            .numbers
            .iter()
            .zip(&self.terms)
            .filter_map(|(number, (_, weight))| Some(((*number)?, (weight * (K1 + 1.0)) as f32)))
            .collect();
        terms.sort_by_key(|(number, _)| (content.words.document_frequency(*number), *number));
        Accumulator::with(content.words.documents(), |sums| {
            let (mut read, mut left) = (0, Vec::new());
            for (number, weight) in terms {
                let size = content.words.documents_of(number).len();
                if read + size > reach.postings && sums.touched().len() >= reach.depth {
                    left.push(number);
                    continue;
                }
                read += size;
                self.accumulate(content, number, weight, eligible, sums);
            }
            sums.touched()
                .iter()
                .for_each(|document| linked.insert(*document));
            left.iter()
                .for_each(|number| self.link(content, *number, eligible, linked));
            let scored: Vec<(u32, f32)> = sums.values().collect();
            let found = if left.is_empty() {
                best(scored, reach.depth)
            } else {
                let wide = best(scored, OVERSAMPLING * reach.depth).into_iter();
                let exact = wide.map(|(document, _)| (document, self.score(part, document)));
                best(exact.collect(), reach.depth)
            };
            found.into_iter().map(|(document, _)| document).collect()
        })
    }

    fn accumulate(
        &self,
        part: &Part<'_>,
        number: usize,
        weight: f32,
        eligible: &DocumentSet,
        sums: &mut Accumulator,
    ) {
        if self.skips_fields() {
            for posting in part.words.postings(number) {
                if eligible.contains(posting.document) && self.counts(part, &posting) {
                    let share = self.norms.saturated(part.words, &posting) / (K1 + 1.0);
                    sums.add(
                        posting.document,
                        (weight * share as f32).max(f32::MIN_POSITIVE),
                    );
                }
            }
            return;
        }
        for (document, share) in part.words.impacts(number) {
            if eligible.contains(document) {
                sums.add(document, weight * share);
            }
        }
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
