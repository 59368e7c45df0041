//! A collection in memory: opened from a folder or assembled from documents.

use std::path::Path;

use crate::build::{Card, CollectionStats, Prepared};
use crate::document::{Document, DocumentConcept, Vectors};
use crate::error::RetrievalError;
use crate::lexical::{FILE, LexicalIndex, Parameters, SubwordView};
use crate::query::Filters;
use crate::store;
use crate::tenant_index::TenantIndex;
use crate::vectors::{VectorBlock, unit};

/// The reserved tenant whose documents every tenant sees.
pub const SHARED_TENANT: &str = "tenant_public";

/// Documents to search, whole in memory. It never changes, so any number of threads may ask it.
#[derive(Debug)]
pub struct Collection {
    /// Sorted by tenant.
    tenants: Vec<TenantIndex>,
    card: Card,
    pub(crate) parameters: Parameters,
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
        let mut assembler = Assembler::new(card.dimension.unwrap_or(0));
        store::read_documents(dir, store::Columns::Shown, |document| assembler.push(&document)).await?;
        if card.dimension.is_some() {
            store::read_vectors(dir, |tenant, id, row| assembler.push_vector(tenant, id, row)).await?;
        }
        assembler.finish(LexicalIndex::open(&dir.join(FILE))?, card)
    }

    /// Makes a collection that lives in memory only, the same as one built and opened.
    ///
    /// # Errors
    /// `Invalid` where `documents` or `vectors` contradict themselves.
    pub fn in_memory(documents: Vec<Document>, vectors: Option<Vectors>) -> Result<Self, RetrievalError> {
        let prepared = Prepared::new(documents, vectors)?;
        let index = LexicalIndex::read(&prepared.lexical())?;
        let mut assembler = Assembler::new(prepared.dimension().unwrap_or(0));
        for document in &prepared.documents {
            assembler.push(document)?;
        }
        for (document, row) in prepared.rows() {
            assembler.push_vector(&document.tenant, &document.id, row)?;
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
        self.find(tenant, id).map(|(part, position)| part.document(position))
    }

    /// The unit vector of document `id` as `tenant` sees it.
    pub fn vector(&self, tenant: &str, id: &str) -> Option<&[f32]> {
        self.find(tenant, id).and_then(|(part, position)| part.vectors.row_of(position))
    }

    /// All documents that `tenant` sees: the shared ones, then its own, each sorted by id.
    pub fn documents<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = StoredDocument> + 'a {
        self.visible(tenant)
            .into_iter()
            .flat_map(|part| (0..part.len() as u32).map(|position| part.document(position)))
    }

    /// The `k` documents nearest to `vector` by cosine, exactly, best first, ties by id. Empty where `vector` has another
    /// dimension than the collection or is not finite.
    pub fn nearest(&self, vector: &[f32], tenant: &str, filters: &Filters, k: usize) -> Vec<(String, f32)> {
        let Some(query) = self.dimension().and_then(|dimension| unit(vector, dimension)) else {
            return Vec::new();
        };
        let mut nearest = Vec::new();
        for part in self.visible(tenant) {
            let eligible = part.facets.eligible(filters, part.len());
            let cosines = part.vectors.cosines(&query).into_iter();
            nearest.extend(
                cosines
                    .filter(|(document, _)| eligible.contains(*document))
                    .map(|(document, cosine)| (part.ids.get(document as usize), cosine)),
            );
        }
        let order = |a: &(&str, f32), b: &(&str, f32)| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0));
        if k < nearest.len() && k > 0 {
            nearest.select_nth_unstable_by(k - 1, order);
        }
        nearest.truncate(k);
        nearest.sort_unstable_by(order);
        nearest.into_iter().map(|(id, cosine)| (id.to_owned(), cosine)).collect()
    }

    /// The parts that `tenant` sees: the shared one first, then its own.
    pub(crate) fn visible(&self, tenant: &str) -> Vec<&TenantIndex> {
        let own = (tenant != SHARED_TENANT).then_some(tenant);
        [Some(SHARED_TENANT), own].into_iter().flatten().filter_map(|name| self.part(name)).collect()
    }

    fn part(&self, tenant: &str) -> Option<&TenantIndex> {
        let at = self.tenants.binary_search_by(|part| part.tenant.as_str().cmp(tenant)).ok()?;
        self.tenants.get(at)
    }

    fn find(&self, tenant: &str, id: &str) -> Option<(&TenantIndex, u32)> {
        self.visible(tenant).into_iter().rev().find_map(|part| Some((part, part.position(id)?)))
    }
}

/// Collects the parts of the tenants from sorted rows.
struct Assembler {
    tenants: Vec<TenantIndex>,
    dimension: usize,
}

impl Assembler {
    fn new(dimension: usize) -> Self {
        Self { tenants: Vec::new(), dimension }
    }

    fn push(&mut self, document: &Document) -> Result<(), RetrievalError> {
        let is_new_tenant = self.tenants.last().is_none_or(|last| last.tenant < document.tenant);
        if is_new_tenant {
            self.tenants.push(TenantIndex::new(&document.tenant, self.dimension));
        }
        let unsorted = || RetrievalError::corrupt(store::DOCUMENTS, format!("document {} is out of order", document.id));
        let part = self.tenants.last_mut().filter(|part| part.tenant == document.tenant).ok_or_else(unsorted)?;
        let last = part.len().checked_sub(1).map(|last| part.ids.get(last));
        if last.is_some_and(|last| last >= document.id.as_str()) {
            return Err(unsorted());
        }
        part.push(document);
        Ok(())
    }

    fn push_vector(&mut self, tenant: &str, id: &str, row: &[f32]) -> Result<(), RetrievalError> {
        let damaged = |reason: &str| RetrievalError::corrupt(store::VECTORS, format!("vector of {id} {reason}"));
        if row.len() != self.dimension || row.iter().any(|value| !value.is_finite()) {
            return Err(damaged("is not finite or has another dimension"));
        }
        let part = self.tenants.iter_mut().find(|part| part.tenant == tenant);
        let part = part.ok_or_else(|| damaged("has no document"))?;
        let position = part.position(id).ok_or_else(|| damaged("has no document"))?;
        if part.vectors.rows().last().is_some_and(|(last, _)| last >= position) {
            return Err(damaged("is out of order"));
        }
        part.vectors.push(position, row);
        Ok(())
    }

    fn finish(mut self, index: LexicalIndex, card: Card) -> Result<Collection, RetrievalError> {
        let is_same = index.tenants.len() == self.tenants.len()
            && index.tenants.iter().zip(&self.tenants).all(|((tenant, text), part)| {
                *tenant == part.tenant && text.words.documents() == part.len()
            });
        let documents: usize = self.tenants.iter().map(TenantIndex::len).sum();
        let vectors: usize = self.tenants.iter().map(|part| part.vectors.len()).sum();
        if !is_same || documents as u64 != card.stats.documents || vectors as u64 != card.stats.vectors {
            return Err(RetrievalError::corrupt(FILE, "does not belong to the documents and vectors beside it"));
        }
        for (part, (_, text)) in self.tenants.iter_mut().zip(index.tenants) {
            part.text = text;
        }
        self.weigh();
        Ok(Collection { tenants: self.tenants, card, parameters: Parameters::default() })
    }

    /// Takes each tenant's background from what it sees: its own and the shared documents.
    fn weigh(&mut self) {
        let shared = self.tenants.iter().find(|part| part.tenant == SHARED_TENANT);
        let views: Vec<_> = self
            .tenants
            .iter()
            .map(|part| {
                let base = shared.filter(|_| part.tenant != SHARED_TENANT);
                let view = SubwordView::new(&part.text.subwords, base.map(|base| &base.text.subwords));
                let blocks = std::iter::once(part).chain(base).map(|part| &part.vectors);
                (view, VectorBlock::background(blocks))
            })
            .collect();
        for (part, (view, background)) in self.tenants.iter_mut().zip(views) {
            (part.subword_view, part.background) = (view, background);
        }
    }
}
