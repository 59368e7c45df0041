//! What a snapshot was asked lately. It lives and goes with the snapshot, so an answer is never older than its data; keys name the
//! tenant, so that nobody learns from a fast answer what another tenant asked, and results the arm, so that no arm has the other's.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use encoder::EncodedText;
use moka::sync::Cache as Entries;
use schemas::{Arm, Section};
use serde::Serialize;

use crate::{
    ApiError,
    filters::Filters,
    offers::Conditions,
    search::{Found, Like, Question},
};

/// Rough bytes of a hit beside its payload and its evidence.
const HIT_BYTES: usize = 1024;
/// Rough bytes of an entry beside what it holds.
const ENTRY_BYTES: usize = 512;
/// The share of the memory that vectors of queries may take.
const VECTORS: u64 = 8;

/// Results of searches and vectors of queries.
pub(crate) struct Cache {
    found: Counted<FoundKey, Arc<Found>>,
    encoded: Counted<EncodedKey, Arc<EncodedText>>,
}

/// How often a cache had the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CacheCounts {
    /// Requests answered from it.
    pub(crate) hits: u64,
    /// Requests that had to be computed.
    pub(crate) misses: u64,
    /// Entries that it holds now.
    pub(crate) entries: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct FoundKey {
    arm: Option<Arm>,
    section: Section,
    tenant: String,
    text: String,
    filters: Filters,
    conditions: Conditions,
    like: Option<Like>,
    limit: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct EncodedKey {
    tenant: String,
    text: String,
}

impl FoundKey {
    fn new(arm: Option<Arm>, question: &Question<'_>) -> Self {
        Self {
            arm,
            section: question.section,
            tenant: question.tenant.to_owned(),
            text: question.text.to_owned(),
            filters: question.filters.clone(),
            conditions: question.conditions.clone(),
            like: question.like.cloned(),
            limit: question.limit,
        }
    }
}

impl Cache {
    /// Makes caches that together hold about `bytes`; 0 switches them off.
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            found: Counted::new(
                bytes - bytes / VECTORS,
                |key: &FoundKey, found: &Arc<Found>| {
                    let hits = found
                        .result
                        .hits
                        .iter()
                        .map(|hit| HIT_BYTES + hit.payload.len());
                    ENTRY_BYTES + key.text.len() + hits.sum::<usize>()
                },
            ),
            encoded: Counted::new(
                bytes / VECTORS,
                |key: &EncodedKey, encoded: &Arc<EncodedText>| {
                    ENTRY_BYTES + key.text.len() + 4 * encoded.vector.len()
                },
            ),
        }
    }

    /// Returns what a question found for an arm, searching where it is not known. Equal questions at the same time are searched once.
    pub(crate) fn found(
        &self,
        arm: Option<Arm>,
        question: &Question<'_>,
        search: impl FnOnce() -> Result<Found, ApiError>,
    ) -> Result<Arc<Found>, ApiError> {
        self.found
            .get(FoundKey::new(arm, question), || search().map(Arc::new))
    }

    /// Forgets what a question found for an arm.
    pub(crate) fn forget(&self, arm: Option<Arm>, question: &Question<'_>) {
        self.found.entries.invalidate(&FoundKey::new(arm, question));
    }

    /// Returns the vector of a tenant's query, encoding it where it is not known; none where it cannot be.
    pub(crate) fn encoded(
        &self,
        tenant: &str,
        text: &str,
        encode: impl FnOnce() -> Option<EncodedText>,
    ) -> Option<Arc<EncodedText>> {
        let key = EncodedKey {
            tenant: tenant.to_owned(),
            text: text.to_owned(),
        };
        self.encoded
            .get(key, || encode().map(Arc::new).ok_or(()))
            .ok()
    }

    /// Returns how often results were known.
    pub(crate) fn result_counts(&self) -> CacheCounts {
        self.found.counts()
    }

    /// Returns how often vectors of queries were known.
    pub(crate) fn vector_counts(&self) -> CacheCounts {
        self.encoded.counts()
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("found", &self.result_counts())
            .field("encoded", &self.vector_counts())
            .finish()
    }
}

/// A cache that counts.
struct Counted<K, V> {
    entries: Entries<K, V>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<K, V> Counted<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(bytes: u64, weigh: impl Fn(&K, &V) -> usize + Send + Sync + 'static) -> Self {
        let weigher =
            move |key: &K, value: &V| u32::try_from(weigh(key, value)).unwrap_or(u32::MAX);
        Self {
            entries: Entries::builder()
                .max_capacity(bytes)
                .weigher(weigher)
                .build(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    fn get<E: Clone + Send + Sync + 'static>(
        &self,
        key: K,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let mut is_made = false;
        let value = self.entries.try_get_with(key, || {
            is_made = true;
            make()
        });
        let counter = if is_made { &self.misses } else { &self.hits };
        counter.fetch_add(1, Ordering::Relaxed);
        value.map_err(Arc::unwrap_or_clone)
    }

    fn counts(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.entries.entry_count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(cache: &Cache, tenant: &str, text: &str) -> bool {
        let mut is_made = false;
        let made = cache.encoded(tenant, text, || {
            is_made = true;
            Some(EncodedText {
                vector: vec![1.0; 4],
                fluency: 1.0,
            })
        });
        assert!(made.is_some());
        is_made
    }

    #[test]
    fn a_text_is_encoded_once_for_each_tenant() {
        let cache = Cache::new(1 << 20);
        assert!(encoded(&cache, "tenant_a", "soudeur TIG"));
        assert!(!encoded(&cache, "tenant_a", "soudeur TIG"));
        assert!(encoded(&cache, "tenant_b", "soudeur TIG"));
        let counts = cache.vector_counts();
        assert_eq!((counts.hits, counts.misses), (1, 2));
    }

    #[test]
    fn what_cannot_be_encoded_is_tried_again() {
        let cache = Cache::new(1 << 20);
        assert!(cache.encoded("tenant_a", "x", || None).is_none());
        assert!(encoded(&cache, "tenant_a", "x"));
    }

    #[test]
    fn a_cache_of_no_bytes_keeps_nothing() {
        let cache = Cache::new(0);
        assert!(encoded(&cache, "tenant_a", "x"));
        cache.encoded.entries.run_pending_tasks();
        assert!(encoded(&cache, "tenant_a", "x"));
    }
}
