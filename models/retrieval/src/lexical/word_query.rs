//! BM25F of a query's terms (Robertson, Zaragoza, Taylor 2004; Robertson and Zaragoza 2009, §3.6).

use std::collections::BTreeMap;

use super::words::{Posting, Words};
use crate::{document::Field, query::FieldWeights};

/// Saturation of frequency.
const K1: f64 = 1.2;
/// Correction for length.
const B: f64 = 0.75;

/// A query's terms with what they weigh in the documents that a tenant sees.
pub(crate) struct WordQuery<'a> {
    parts: Vec<&'a Words>,
    fields: [f64; Field::COUNT],
    average_lengths: [f64; Field::COUNT],
    /// Term, weight (inverse document frequency × sublinear frequency in the query).
    terms: Vec<(String, f64)>,
    attainable: f64,
}

impl<'a> WordQuery<'a> {
    /// Weighs the terms of a query over `parts`, everything that the tenant sees.
    pub(crate) fn new(
        parts: Vec<&'a Words>,
        terms: &BTreeMap<String, u32>,
        fields: FieldWeights,
    ) -> Self {
        let documents: usize = parts.iter().map(|words| words.documents()).sum();
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
                (term.clone(), rarity * (1.0 + f64::from(*frequency).ln()))
            })
            .collect();
        let attainable = terms.iter().map(|(_, weight)| weight * (K1 + 1.0)).sum();
        Self {
            parts,
            fields: Field::ALL.map(|field| fields.of(field)),
            average_lengths,
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
        let Some(words) = self.parts.get(part) else {
            return Vec::new();
        };
        let mut scores = vec![0.0_f32; words.documents()];
        for (term, weight) in &self.terms {
            let Some(number) = words.number_of(term) else {
                continue;
            };
            // The postings were validated when they were opened.
            let _validated = words.each_posting(number, |posting| {
                let frequency = self.normalised_frequency(words, &posting);
                let saturated = frequency * (K1 + 1.0) / (K1 + frequency);
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
                let norm = 1.0 - B + B * length / self.average_lengths[field].max(1e-9);
                sum += self.fields[field] * f64::from(posting.frequencies[field]) / norm;
            }
        }
        sum
    }

    /// Which of `documents` (sorted) of part `part` have which of the query's terms.
    pub(crate) fn matched(&self, part: usize, documents: &[u32]) -> Vec<(u32, &str)> {
        let mut matched = Vec::new();
        let Some(words) = self.parts.get(part) else {
            return matched;
        };
        for (term, _) in &self.terms {
            let Some(number) = words.number_of(term) else {
                continue;
            };
            let _validated = words.each_posting(number, |posting| {
                if documents.binary_search(&posting.document).is_ok()
                    && self.normalised_frequency(words, &posting) > 0.0
                {
                    matched.push((posting.document, term.as_str()));
                }
            });
        }
        matched
    }
}
