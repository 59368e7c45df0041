//! Putting a collection together from sorted rows, and refusing rows that do not belong together.

use crate::build::Card;
use crate::collection::{Collection, SHARED_TENANT};
use crate::document::Document;
use crate::error::RetrievalError;
use crate::lexical::{FILE, LexicalIndex, SubwordView, weigh};
use crate::reach::Reach;
use crate::shown_file::Shown;
use crate::store;
use crate::tenant_index::TenantIndex;
use crate::vectors::VectorBlock;

/// What is mapped of each tenant.
type Mapped =
    std::iter::Zip<std::vec::IntoIter<(String, VectorBlock)>, std::vec::IntoIter<(String, Shown)>>;

/// Collects the parts of the tenants from sorted rows.
pub(crate) struct Assembler {
    tenants: Vec<TenantIndex>,
    mapped: Mapped,
    reach: Reach,
}

impl Assembler {
    /// Nothing yet; `vectors` and `shown` have what is mapped of every tenant, sorted.
    pub(crate) fn new(
        vectors: Vec<(String, VectorBlock)>,
        shown: Vec<(String, Shown)>,
        reach: Reach,
    ) -> Self {
        Self {
            tenants: Vec::new(),
            mapped: vectors.into_iter().zip(shown),
            reach,
        }
    }

    /// Appends a document; they come by tenant, then id.
    pub(crate) fn push(&mut self, document: &Document) -> Result<(), RetrievalError> {
        let is_new_tenant = self
            .tenants
            .last()
            .is_none_or(|last| last.tenant < document.tenant);
        if is_new_tenant {
            let own = self
                .mapped
                .next()
                .filter(|((of_vectors, _), (of_shown, _))| {
                    [of_vectors, of_shown]
                        .iter()
                        .all(|tenant| **tenant == document.tenant)
                });
            let ((tenant, vectors), (_, shown)) = own.ok_or_else(|| {
                let reason = format!("tenant {} is not in the mapped files", document.tenant);
                RetrievalError::corrupt(store::DOCUMENTS, reason)
            })?;
            self.tenants.push(TenantIndex::new(&tenant, vectors, shown));
        }
        let unsorted = || {
            RetrievalError::corrupt(
                store::DOCUMENTS,
                format!("document {} is out of order", document.id),
            )
        };
        let part = self
            .tenants
            .last_mut()
            .filter(|part| part.tenant == document.tenant)
            .ok_or_else(unsorted)?;
        let last = part.len().checked_sub(1).map(|last| part.ids.get(last));
        if last.is_some_and(|last| last >= document.id.as_str()) {
            return Err(unsorted());
        }
        part.push(document);
        Ok(())
    }

    /// The whole, once its parts are known to belong together.
    pub(crate) fn finish(
        mut self,
        index: LexicalIndex,
        card: Card,
    ) -> Result<Collection, RetrievalError> {
        let is_same = index.tenants.len() == self.tenants.len()
            && index
                .tenants
                .iter()
                .zip(&self.tenants)
                .all(|((tenant, text), part)| {
                    *tenant == part.tenant
                        && text.words.documents() == part.len()
                        && part.shown.titles.len() == part.len()
                });
        let documents: usize = self.tenants.iter().map(TenantIndex::len).sum();
        let is_known = |part: &TenantIndex| {
            part.vectors
                .last()
                .is_none_or(|last| (last as usize) < part.len())
        };
        let is_same = is_same && self.mapped.next().is_none() && self.tenants.iter().all(is_known);
        let vectors: usize = self.tenants.iter().map(|part| part.vectors.len()).sum();
        if !is_same
            || documents as u64 != card.stats.documents
            || vectors as u64 != card.stats.vectors
        {
            return Err(RetrievalError::corrupt(
                FILE,
                "does not belong to the documents and vectors beside it",
            ));
        }
        for (part, (_, text)) in self.tenants.iter_mut().zip(index.tenants) {
            part.text = text;
            if part.len() > self.reach.exhaustive {
                weigh(&mut part.text.words);
                part.text.subwords.turn(part.len());
            }
        }
        self.weigh();
        Ok(Collection {
            tenants: self.tenants,
            card,
            reach: self.reach,
        })
    }

    /// Takes each tenant's background from what it sees: its own and the shared documents.
    fn weigh(&mut self) {
        let shared = self
            .tenants
            .iter()
            .find(|part| part.tenant == SHARED_TENANT);
        let views: Vec<_> = self
            .tenants
            .iter()
            .map(|part| {
                let base = shared.filter(|_| part.tenant != SHARED_TENANT);
                let view =
                    SubwordView::new(&part.text.subwords, base.map(|base| &base.text.subwords));
                let blocks = std::iter::once(part).chain(base).map(|part| &part.vectors);
                (view, VectorBlock::background(blocks))
            })
            .collect();
        for (part, (view, background)) in self.tenants.iter_mut().zip(views) {
            (part.subword_view, part.background) = (view, background);
        }
    }
}
