//! What each leg says of every document that a tenant sees.

use std::collections::BTreeMap;

use crate::admission::Way;
use crate::background::Background;
use crate::collection::Collection;
use crate::facets::DocumentSet;
use crate::fusion::Fusion;
use crate::legs::Legs;
use crate::lexical::WordQuery;
use crate::neighbours::Neighbours;
use crate::query::{Query, Weights};
use crate::tenant_index::{Admitted, TenantIndex};
use crate::vectors::unit;

/// Number of legs.
pub const LEGS: usize = 5;
/// Their names, in the order of the contributions.
pub(crate) const LEG_NAMES: [&str; LEGS] = ["lexical", "subword", "vector", "concept", "context"];

/// Sub-word cosine below which a few common n-grams are all that is shared: no reason to be found.
pub(crate) const SUBWORD_FLOOR: f64 = 0.15;
/// Deviations above the background from which a cosine alone is a reason to be found.
pub(crate) const VECTOR_FLOOR: f64 = 3.0;

/// The query read once, for all documents.
pub(crate) struct Evidence<'a> {
    pub(crate) parts: Vec<PartEvidence<'a>>,
    pub(crate) words: WordQuery<'a>,
    /// Shares of the legs that the query and the collection have; 0 for the others.
    pub(crate) weights: [f64; LEGS],
    pub(crate) fusion: Fusion,
    background: Background,
    neighbours: Neighbours,
    /// Whether the query has a word and none is found, whole or in part, in anything visible.
    pub(crate) is_weak: bool,
}

/// Raw values of one part's documents; empty for a leg that is off.
pub(crate) struct PartEvidence<'a> {
    pub(crate) part: &'a TenantIndex,
    /// The documents scored: all, or in a large part those that the legs nominate.
    pub(crate) documents: Vec<u32>,
    /// Which documents those are.
    pub(crate) way: Way,
    /// The documents that the filters admit.
    pub(crate) admitted: Admitted,
    /// In a large part, those admitted that a word or a concept links to the query.
    pub(crate) linked: Option<DocumentSet>,
    pub(crate) raw: [Vec<f32>; LEGS - 1],
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
        let vector = vector.as_deref().filter(|_| is_on[2]);
        // A vector without a text is that of a document: what is near it is asked for, not what it may mean.
        let asking = vector.filter(|_| !terms.is_empty() && weights[2] > 0.0);
        let legs = Legs {
            query,
            words: &words,
            vector,
            asking,
            is_on,
            weights,
            reach: &collection.reach,
        };
        let mut is_known = false;
        let mut cosines: Vec<(Vec<f32>, f64)> = Vec::new();
        let (mut parts, mut near) = (Vec::with_capacity(visible.len()), Vec::new());
        for (number, part) in visible.iter().enumerate() {
            let base = (number > 0).then(|| &visible[0].text.subwords);
            let read = legs.of_part(number, part, base);
            is_known |= read.is_known;
            cosines.push(read.cosines);
            near.push(read.near);
            parts.push(read.evidence);
        }
        // The last part sees itself and the shared one before it.
        let prior = visible
            .last()
            .map_or_else(Background::default, |part| part.background);
        let cosines = cosines
            .iter()
            .flat_map(|(cosines, weight)| cosines.iter().map(|cosine| (*cosine, *weight)));
        let background = prior.of_query(cosines);
        let neighbours = match asking {
            Some(vector) => {
                let cosines = near_cosines(&parts, &near, vector);
                let share = query.weights.neighbours;
                Neighbours::find(&visible, cosines, &words, &background, prior, share)
            }
            None => Neighbours::default(),
        };
        Self {
            parts,
            words,
            weights,
            fusion: query.weights.fusion,
            background,
            neighbours,
            is_weak: !terms.is_empty() && !is_known,
        }
    }

    /// Raw value of a leg for a document; 0 where the leg says nothing.
    pub(crate) fn raw(&self, part: usize, row: usize, leg: usize) -> f64 {
        let part = &self.parts[part];
        let value = match part.raw.get(leg) {
            Some(values) => values.get(row).copied().unwrap_or(0.0),
            None => part.part.quality[part.documents[row] as usize],
        };
        if value.is_finite() {
            f64::from(value)
        } else {
            0.0
        }
    }

    /// Value in [0, 1] of a leg for a document, from its raw value and what the tenant sees, nothing else.
    pub(crate) fn calibrated(&self, part: usize, row: usize, leg: usize) -> f64 {
        let raw = self.raw(part, row, leg);
        match leg {
            0 if raw > 0.0 => (raw / self.words.attainable()).clamp(0.0, 1.0),
            2 if self.has_cosine(part, row) => {
                let own = self.background.calibrated(raw);
                let evidence = &self.parts[part];
                self.neighbours
                    .heard(own, part, evidence.part, evidence.documents[row])
            }
            0 | 2 => 0.0,
            _ => raw.clamp(0.0, 1.0),
        }
    }

    /// Whether a leg that counts gives a reason to be found.
    pub(crate) fn is_candidate(&self, part: usize, row: usize) -> bool {
        let counts = |leg: usize| self.weights[leg] > 0.0;
        self.parts[part]
            .admitted
            .documents
            .contains(self.parts[part].documents[row])
            && ((counts(0) && self.raw(part, row, 0) > 0.0)
                || (counts(1) && self.raw(part, row, 1) >= SUBWORD_FLOOR)
                || (counts(3) && self.raw(part, row, 3) > 0.0)
                || (counts(2)
                    && self.has_cosine(part, row)
                    && self.background.deviations(self.raw(part, row, 2)) >= VECTOR_FLOOR))
    }

    fn has_cosine(&self, part: usize, row: usize) -> bool {
        self.parts[part].raw[2]
            .get(row)
            .is_some_and(|cosine| cosine.is_finite())
    }
}

/// Cosines of `vector` with the documents that may be its nearest: all of a small part, those of `near` in a large one.
fn near_cosines<'e>(
    parts: &'e [PartEvidence<'_>],
    near: &'e [Vec<u32>],
    vector: &'e [f32],
) -> impl Iterator<Item = (usize, u32, f32)> + 'e {
    let of_small = |part: &'e PartEvidence<'_>| {
        let rows = part
            .documents
            .iter()
            .copied()
            .zip(part.raw[2].iter().copied());
        rows.filter(|_| part.linked.is_none())
    };
    let of_large = move |part: &'e PartEvidence<'_>, near: &'e [u32]| {
        let vectors = &part.part.vectors;
        near.iter()
            .filter_map(move |document| Some((*document, vectors.cosine(vector, *document)?)))
    };
    parts
        .iter()
        .zip(near)
        .enumerate()
        .flat_map(move |(number, (part, near))| {
            of_small(part)
                .filter(|(_, cosine)| cosine.is_finite())
                .chain(of_large(part, near))
                .map(move |(document, cosine)| (number, document, cosine))
        })
}

/// Weights of the legs that are on, as shares of their sum.
fn shares(weights: &Weights, is_on: [bool; LEGS]) -> [f64; LEGS] {
    let given = weights.legs();
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
