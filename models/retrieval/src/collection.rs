//! A collection in memory: opened from a folder or assembled from documents.

use std::path::Path;

use crate::assembler::Assembler;
use crate::batches::RANKED;
use crate::build::{Card, CollectionStats, Prepared};
use crate::document::{Document, DocumentConcept, Vectors};
use crate::error::RetrievalError;
use crate::lexical::{FILE, LexicalIndex};
use crate::query::Filters;
use crate::reach::Reach;
use crate::shown_file;
use crate::store;
use crate::tenant_index::TenantIndex;
use crate::vector_file;
use crate::vectors::unit;

/// The reserved tenant whose documents every tenant sees.
pub const SHARED_TENANT: &str = "tenant_public";

/// Documents to search: indexes in memory, vectors and what is shown mapped. It never changes, so any number of threads may ask it.
#[derive(Debug)]
pub struct Collection {
    /// Sorted by tenant.
    pub(crate) tenants: Vec<TenantIndex>,
    pub(crate) card: Card,
    pub(crate) reach: Reach,
}

/// A document as it was built, without its searched texts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// Identifier.
    pub id: String,
    /// Owner.
    pub tenant: String,
    /// Shown name.
    pub title: String,
    /// Prior worth in [0, 1].
    pub quality: f32,
    /// Activated concepts.
    pub concepts: Vec<DocumentConcept>,
    /// What the node shows, as JSON text.
    pub payload: String,
}

impl Collection {
    /// Opens the collection that [`build`](crate::build()) wrote into `dir`.
    ///
    /// # Errors
    /// `Corrupt` where a file is not what was written: refuse the snapshot. `Io` and `Table` where it cannot be read.
    pub async fn open(dir: &Path) -> Result<Self, RetrievalError> {
        let card = Card::read(dir)?;
        let (vectors, shown) = (vector_file::open(dir)?, shown_file::open(dir)?);
        let mut assembler = Assembler::new(vectors, shown, Reach::default());
        store::read_documents(dir, RANKED, |document| assembler.push(&document)).await?;
        assembler.finish(LexicalIndex::open(&dir.join(FILE))?, card)
    }

    /// Makes a collection that lives in memory only, the same as one built and opened.
    ///
    /// # Errors
    /// `Invalid` where `documents` or `vectors` contradict themselves.
    pub fn in_memory(
        documents: Vec<Document>,
        vectors: Option<Vectors>,
    ) -> Result<Self, RetrievalError> {
        Self::in_memory_within(documents, vectors, Reach::default())
    }

    /// The same, where searches look as far as `reach` says.
    pub(crate) fn in_memory_within(
        documents: Vec<Document>,
        vectors: Option<Vectors>,
        reach: Reach,
    ) -> Result<Self, RetrievalError> {
        let prepared = Prepared::new(documents, vectors)?;
        let index = LexicalIndex::read(&prepared.lexical())?;
        let vectors = vector_file::in_memory(&prepared, &reach)?;
        let mut assembler = Assembler::new(vectors, shown_file::in_memory(&prepared)?, reach);
        for document in &prepared.documents {
            assembler.push(document)?;
        }
        let card = prepared.card(&index);
        assembler.finish(index, card)
    }

    /// Counts and logical digest.
    pub fn stats(&self) -> &CollectionStats {
        &self.card.stats
    }

    /// Identifier of the encoder that made the vectors; none in a lexical collection.
    pub fn model(&self) -> Option<&str> {
        self.card.model.as_deref()
    }

    /// Length of the vectors; none in a lexical collection.
    pub fn dimension(&self) -> Option<usize> {
        self.card.dimension
    }

    /// The document `id` as `tenant` sees it: its own before a shared one.
    pub fn document(&self, tenant: &str, id: &str) -> Option<StoredDocument> {
        self.find(tenant, id)
            .map(|(part, position)| part.document(position))
    }

    /// The unit vector of document `id` as `tenant` sees it.
    pub fn vector(&self, tenant: &str, id: &str) -> Option<&[f32]> {
        self.find(tenant, id)
            .and_then(|(part, position)| part.vectors.row_of(position))
    }

    /// All documents that `tenant` sees: the shared ones, then its own, each sorted by id.
    pub fn documents<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = StoredDocument> + 'a {
        self.visible(tenant)
            .into_iter()
            .flat_map(|part| (0..part.len() as u32).map(|position| part.document(position)))
    }

    /// All documents of all tenants, sorted by tenant, then id: to know what filters are made of, not to answer anyone.
    pub fn every_document(&self) -> impl Iterator<Item = StoredDocument> + '_ {
        self.tenants
            .iter()
            .flat_map(|part| (0..part.len() as u32).map(|position| part.document(position)))
    }

    /// The `k` documents nearest to `vector` by cosine, best first, ties by id: exactly where a tenant has up to some ten
    /// thousand documents, else of those that the index finds; the cosines are exact. Empty where `vector` has another dimension
    /// than the collection or is not finite.
    pub fn nearest(
        &self,
        vector: &[f32],
        tenant: &str,
        filters: &Filters,
        k: usize,
    ) -> Vec<(String, f32)> {
        let Some(query) = self
            .dimension()
            .and_then(|dimension| unit(vector, dimension))
        else {
            return Vec::new();
        };
        let mut nearest = Vec::new();
        for part in self.visible(tenant) {
            let admitted = part.admitted(filters);
            let found: Vec<u32> = if admitted.count <= self.reach.few {
                admitted.documents.iter().collect()
            } else {
                let share = admitted.count as f64 / part.len() as f64;
                let depth = self.reach.depth.max(k);
                part.vectors
                    .nominate(&query, depth, &admitted.documents, share)
            };
            let cosines = found.into_iter().filter_map(|document| {
                let cosine = part.vectors.cosine(&query, document)?;
                Some((part.ids.get(document as usize), cosine))
            });
            nearest.extend(cosines);
        }
        let order =
            |a: &(&str, f32), b: &(&str, f32)| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0));
        if k < nearest.len() && k > 0 {
            nearest.select_nth_unstable_by(k - 1, order);
        }
        nearest.truncate(k);
        nearest.sort_unstable_by(order);
        nearest
            .into_iter()
            .map(|(id, cosine)| (id.to_owned(), cosine))
            .collect()
    }

    /// The parts that `tenant` sees: the shared one first, then its own.
    pub(crate) fn visible(&self, tenant: &str) -> Vec<&TenantIndex> {
        let own = (tenant != SHARED_TENANT).then_some(tenant);
        [Some(SHARED_TENANT), own]
            .into_iter()
            .flatten()
            .filter_map(|name| self.part(name))
            .collect()
    }

    fn part(&self, tenant: &str) -> Option<&TenantIndex> {
        let at = self
            .tenants
            .binary_search_by(|part| part.tenant.as_str().cmp(tenant))
            .ok()?;
        self.tenants.get(at)
    }

    fn find(&self, tenant: &str, id: &str) -> Option<(&TenantIndex, u32)> {
        self.visible(tenant)
            .into_iter()
            .rev()
            .find_map(|part| Some((part, part.position(id)?)))
    }
}
