//! Facets: which documents have which value.

use std::collections::HashMap;

/// A set of documents of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentSet {
    words: Vec<u64>,
}

impl DocumentSet {
    /// All of `count` documents, or none.
    pub(crate) fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !count.is_multiple_of(64)
        {
            *last = (1 << (count % 64)) - 1;
        }
        Self { words }
    }

    pub(crate) fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(64)],
        }
    }

    /// These of `count` documents.
    pub(crate) fn of(documents: &[u32], count: usize) -> Self {
        let mut set = Self::none(count);
        let known = documents.iter().filter(|d| (**d as usize) < count);
        known.for_each(|document| set.insert(*document));
        set
    }

    pub(crate) fn insert(&mut self, document: u32) {
        if let Some(word) = self.words.get_mut(document as usize / 64) {
            *word |= 1 << (document % 64);
        }
    }

    pub(crate) fn retain(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= other);
    }

    /// The documents, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.words).flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    #[inline]
    pub(crate) fn contains(&self, document: u32) -> bool {
        self.words
            .get(document as usize / 64)
            .is_some_and(|word| word >> (document % 64) & 1 == 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }
}

/// Facet → folded value → documents.
#[derive(Debug, Default)]
pub(crate) struct FacetIndex {
    facets: HashMap<String, HashMap<String, Vec<u32>>>,
}

impl FacetIndex {
    /// Notes that `document` has `value`; documents come in ascending order.
    pub(crate) fn insert(&mut self, facet: &str, value: &str, document: u32) {
        if !self.facets.contains_key(facet) {
            self.facets.insert(facet.to_owned(), HashMap::new());
        }
        let Some(values) = self.facets.get_mut(facet) else {
            return;
        };
        let documents = values.entry(key(value)).or_default();
        if documents.last() != Some(&document) {
            documents.push(document);
        }
    }

    /// The documents, of `count`, that have one of the values wanted of a facet.
    pub(crate) fn having(&self, facet: &str, wanted: &[String], count: usize) -> DocumentSet {
        let mut having = DocumentSet::none(count);
        if let Some(values) = self.facets.get(facet) {
            let documents = wanted.iter().filter_map(|value| values.get(&key(value)));
            documents
                .flatten()
                .for_each(|document| having.insert(*document));
        }
        having
    }
}

fn key(value: &str) -> String {
    text::fold(value.trim())
}
