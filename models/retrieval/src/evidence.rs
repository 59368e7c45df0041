//! What each leg says of every document that a tenant sees.

use std::collections::{BTreeMap, HashMap};

use crate::collection::Collection;
use crate::facets::DocumentSet;
use crate::lexical::{SubwordQuery, WordQuery};
use crate::query::{Query, Weights};
use crate::tenant_index::TenantIndex;
use crate::vectors::{Background, unit};

/// Number of legs.
pub(crate) const LEGS: usize = 5;
/// Their names, in the order of the contributions.
pub(crate) const LEG_NAMES: [&str; LEGS] = ["lexical", "subword", "vector", "concept", "context"];

/// Sub-word cosine below which a few common n-grams are all that is shared: no reason to be found.
const SUBWORD_FLOOR: f64 = 0.15;
/// Deviations above the background from which a cosine alone is a reason to be found.
const VECTOR_FLOOR: f64 = 3.0;

/// The query read once, for all documents.
pub(crate) struct Evidence<'a> {
    pub(crate) parts: Vec<PartEvidence<'a>>,
    pub(crate) words: WordQuery<'a>,
    /// Shares of the legs that the query and the collection have; 0 for the others.
    pub(crate) weights: [f64; LEGS],
    background: Background,
    /// Whether the query has a word and none is found, whole or in part, in anything visible.
    pub(crate) is_weak: bool,
}

/// Raw values of one part's documents; empty for a leg that is off.
pub(crate) struct PartEvidence<'a> {
    pub(crate) part: &'a TenantIndex,
    pub(crate) eligible: DocumentSet,
    raw: [Vec<f32>; LEGS - 1],
}

impl<'a> Evidence<'a> {
    pub(crate) fn gather(
        collection: &'a Collection,
        query: &Query<'_>,
        terms: &BTreeMap<String, u32>,
    ) -> Self {
        let visible = collection.visible(query.tenant);
        let words = WordQuery::new(
            visible.iter().map(|part| &part.text.words).collect(),
            terms,
            query.weights.fields,
        );
        let subwords = SubwordQuery::new(query.text);
        let vector = query
            .vector
            .and_then(|vector| unit(vector, collection.dimension()?));
        let has_relevance = query
            .concept_relevance
            .values()
            .any(|relevance| *relevance > 0.0);
        let is_on = [
            !terms.is_empty(),
            !terms.is_empty() && visible.iter().any(|part| part.text.subwords.passages() > 0),
            vector.is_some() && visible.iter().any(|part| part.vectors.len() > 0),
            has_relevance && visible.iter().any(|part| !part.concepts.is_empty()),
            true,
        ];
        let weights = shares(query.weights, is_on);
        let parts: Vec<PartEvidence<'a>> = visible
            .iter()
            .enumerate()
            .map(|(number, part)| {
                let base = (number > 0).then(|| &visible[0].text.subwords);
                let when = |leg: usize, raw: &dyn Fn() -> Vec<f32>| {
                    if is_on[leg] { raw() } else { Vec::new() }
                };
                let raw = [
                    when(0, &|| words.scores(number)),
                    when(1, &|| {
                        subwords.scores(&part.text.subwords, base, &part.subword_view, part.len())
                    }),
                    when(2, &|| {
                        vector
                            .as_ref()
                            .map_or_else(Vec::new, |vector| cosines(part, vector))
                    }),
                    when(3, &|| concept_scores(part, query.concept_relevance)),
                ];
                PartEvidence {
                    part,
                    eligible: part.eligible(query.filters),
                    raw,
                }
            })
            .collect();
        // The last part sees itself and the shared one before it.
        let prior = visible
            .last()
            .map_or_else(Background::default, |part| part.background);
        let cosines = parts.iter().flat_map(|part| &part.raw[2]).copied();
        let background = prior.of_query(cosines.filter(|cosine| cosine.is_finite()));
        let is_found = |part: &PartEvidence<'_>| {
            part.raw[0].iter().any(|score| *score > 0.0)
                || part.raw[1]
                    .iter()
                    .any(|score| f64::from(*score) >= SUBWORD_FLOOR)
        };
        let is_weak = !terms.is_empty() && !parts.iter().any(is_found);
        Self {
            parts,
            words,
            weights,
            background,
            is_weak,
        }
    }

    /// Raw value of a leg for a document; 0 where the leg says nothing.
    pub(crate) fn raw(&self, part: usize, document: u32, leg: usize) -> f64 {
        let part = &self.parts[part];
        let value = match part.raw.get(leg) {
            Some(values) => values.get(document as usize).copied().unwrap_or(0.0),
            None => part.part.quality[document as usize],
        };
        if value.is_finite() {
            f64::from(value)
        } else {
            0.0
        }
    }

    /// Value in [0, 1] of a leg for a document, from its raw value and what the tenant sees, nothing else.
    pub(crate) fn calibrated(&self, part: usize, document: u32, leg: usize) -> f64 {
        let raw = self.raw(part, document, leg);
        match leg {
            0 if raw > 0.0 => (raw / self.words.attainable()).clamp(0.0, 1.0),
            2 if self.has_cosine(part, document) => self.background.calibrated(raw),
            0 | 2 => 0.0,
            _ => raw.clamp(0.0, 1.0),
        }
    }

    /// Whether a leg that counts gives a reason to be found.
    pub(crate) fn is_candidate(&self, part: usize, document: u32) -> bool {
        let counts = |leg: usize| self.weights[leg] > 0.0;
        self.parts[part].eligible.contains(document)
            && ((counts(0) && self.raw(part, document, 0) > 0.0)
                || (counts(1) && self.raw(part, document, 1) >= SUBWORD_FLOOR)
                || (counts(3) && self.raw(part, document, 3) > 0.0)
                || (counts(2)
                    && self.has_cosine(part, document)
                    && self.background.deviations(self.raw(part, document, 2)) >= VECTOR_FLOOR))
    }

    fn has_cosine(&self, part: usize, document: u32) -> bool {
        self.parts[part].raw[2]
            .get(document as usize)
            .is_some_and(|cosine| cosine.is_finite())
    }
}

/// Weights of the legs that are on, as shares of their sum.
fn shares(weights: &Weights, is_on: [bool; LEGS]) -> [f64; LEGS] {
    let given = [
        weights.lexical,
        weights.subword,
        weights.vector,
        weights.concept,
        weights.context,
    ];
    let mut shares = [0.0; LEGS];
    for leg in 0..LEGS {
        if is_on[leg] && given[leg].is_finite() && given[leg] > 0.0 {
            shares[leg] = given[leg];
        }
    }
    let sum: f64 = shares.iter().sum();
    shares.map(|share| {
        if sum > 0.0 && sum.is_finite() {
            share / sum
        } else {
            0.0
        }
    })
}

/// Cosine by document; not a number where there is no vector.
fn cosines(part: &TenantIndex, vector: &[f32]) -> Vec<f32> {
    let mut cosines = vec![f32::NAN; part.len()];
    for (document, cosine) in part.vectors.cosines(vector) {
        cosines[document as usize] = cosine;
    }
    cosines
}

fn concept_scores(part: &TenantIndex, relevance: &HashMap<String, f32>) -> Vec<f32> {
    let mut scores = vec![0.0; part.len()];
    part.concepts.scores(relevance, &mut scores);
    scores
}
