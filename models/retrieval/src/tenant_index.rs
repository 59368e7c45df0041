//! Everything of one tenant's documents, in memory.

use crate::background::Background;
use crate::collection::StoredDocument;
use crate::concepts::{ConceptIndex, share};
use crate::document::Document;
use crate::facets::{DocumentSet, FacetIndex};
use crate::lexical::{SubwordView, TenantText};
use crate::query::Filters;
use crate::shown_file::Shown;
use crate::strings::Strings;
use crate::vectors::VectorBlock;

/// The documents of one tenant that conditions admit.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Those that meet every condition.
    pub(crate) documents: DocumentSet,
    /// How many these are.
    pub(crate) count: usize,
    /// How many meet each condition by itself, in the order of the facets asked, documents admitted by number last.
    pub(crate) by_each: Vec<usize>,
}

/// One tenant's documents, sorted by id; a document is known by its position.
#[derive(Debug)]
pub(crate) struct TenantIndex {
    pub(crate) tenant: String,
    pub(crate) ids: Strings,
    pub(crate) shown: Shown,
    pub(crate) quality: Vec<f32>,
    pub(crate) concepts: ConceptIndex,
    pub(crate) facets: FacetIndex,
    pub(crate) vectors: VectorBlock,
    pub(crate) text: TenantText,
    /// What the tenant sees (its own and the shared documents) as a background for sub-words and vectors.
    pub(crate) subword_view: SubwordView,
    pub(crate) background: Background,
}

impl TenantIndex {
    pub(crate) fn new(tenant: &str, vectors: VectorBlock, shown: Shown) -> Self {
        Self {
            tenant: tenant.to_owned(),
            ids: Strings::default(),
            shown,
            quality: Vec::new(),
            concepts: ConceptIndex::default(),
            facets: FacetIndex::default(),
            vectors,
            text: TenantText::default(),
            subword_view: SubwordView::default(),
            background: Background::default(),
        }
    }

    /// Appends `document`, the next by id; its texts are indexed and mapped already.
    pub(crate) fn push(&mut self, document: &Document) {
        let number = self.ids.len() as u32;
        self.ids.push(&document.id);
        self.quality.push(share(document.quality));
        self.concepts.push(&document.concepts);
        for (facet, values) in &document.facets {
            values
                .iter()
                .for_each(|value| self.facets.insert(facet, value, number));
        }
    }

    /// The documents that meet every condition.
    pub(crate) fn admitted(&self, filters: &Filters) -> Admitted {
        let facets = filters.asked();
        let facets = facets.map(|(facet, wanted)| self.facets.having(facet, wanted, self.len()));
        let numbered = filters.only.iter().map(|only| {
            let numbers = only.get(&self.tenant).map_or(&[][..], Vec::as_slice);
            DocumentSet::of(numbers, self.len())
        });
        let mut documents = DocumentSet::all(self.len());
        let mut by_each = Vec::new();
        for set in facets.chain(numbered) {
            by_each.push(set.len());
            documents.retain(&set);
        }
        Admitted {
            count: documents.len(),
            documents,
            by_each,
        }
    }

    /// How many documents there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Position of the document with this id.
    pub(crate) fn position(&self, id: &str) -> Option<u32> {
        self.ids.position_sorted(id).map(|position| position as u32)
    }

    /// The document at `position`.
    pub(crate) fn document(&self, position: u32) -> StoredDocument {
        let at = position as usize;
        StoredDocument {
            id: self.ids.get(at).to_owned(),
            tenant: self.tenant.clone(),
            title: self.shown.titles.get(at).to_owned(),
            quality: self.quality[at],
            concepts: self.concepts.of(position),
            payload: self.shown.payloads.get(at).to_owned(),
        }
    }
}
