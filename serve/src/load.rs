//! From a pointer to a snapshot that can answer: verify, open, warm up.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use matching::Mentions;
use retrieval::{Collection, RetrievalError};
use schemas::{Manifest, PUBLIC_TENANT, Pointer, Section};
use snapshot::{Announcement, Reader, SnapshotError, VerifiedSnapshot};

use crate::{
    Serving,
    cache::Cache,
    encoders::Encoders,
    filters::Filters,
    offers::{Conditions, OfferIndex},
    reference::{Reference, ReferenceError},
    rerank::Reranker,
    search::{Question, search},
    serving::Opened,
};

/// Queries that a new snapshot answers before it is served, so that the first caller waits no longer than the second.
const WARM_UP: [&str; 3] = [
    "usinage de précision 5 axes",
    "tôlerie inox pour l'agroalimentaire",
    "soudeur TIG",
];

/// What a search may spend on reranking unless something else is said.
const RERANK_BUDGET: Duration = Duration::from_millis(500);

/// Why a snapshot is not served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It could not be read, or is not what its manifest says.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A collection cannot be opened. Publish again.
    #[error("section {section} cannot be opened")]
    Section {
        /// The section.
        section: &'static str,
        /// What retrieval said.
        source: RetrievalError,
    },
    /// Suggestions, glossary or market cannot be opened. Publish again.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A collection's vectors are not by the encoder that the manifest names. Publish again.
    #[error("section {section} has vectors of {found}, the manifest names {named}")]
    Encoder {
        /// The section.
        section: &'static str,
        /// The encoder of its vectors.
        found: String,
        /// The encoder of the manifest.
        named: String,
    },
    /// It opens, and does not answer. Publish again.
    #[error("the warm-up failed: {reason}")]
    WarmUp {
        /// What was wrong with the answer.
        reason: String,
    },
}

impl LoadError {
    /// Says whether the same pointer may load later: the store or the disk failed, and nothing is known of the snapshot.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Snapshot(SnapshotError::Store { .. } | SnapshotError::Cache { .. })
                | Self::Section {
                    source: RetrievalError::Io { .. },
                    ..
                }
        ) || matches!(self, Self::Reference(error) if error.is_transient())
    }
}

/// Opens the snapshots of one lake.
#[derive(Debug)]
pub struct Loader {
    reader: Reader,
    cache: PathBuf,
    encoders: Encoders,
    answer_bytes: u64,
    rerank_budget: Duration,
}

impl Loader {
    /// Reads snapshots with `reader`, copies remote ones to `cache` and looks for encoders in `weights`. Each snapshot remembers
    /// about `answer_bytes` of answers.
    #[must_use]
    pub fn new(reader: Reader, cache: PathBuf, weights: PathBuf, answer_bytes: u64) -> Self {
        Self {
            reader,
            cache,
            encoders: Encoders::new(weights),
            answer_bytes,
            rerank_budget: RERANK_BUDGET,
        }
    }

    /// Lets a search spend so much time on reranking instead of half a second; none switches it off.
    #[must_use]
    pub fn reranking_within(mut self, budget: Duration) -> Self {
        self.rerank_budget = budget;
        self
    }

    /// Returns what nodes are to serve: the pin, else the announced snapshot, and the canary beside it.
    ///
    /// # Errors
    /// The store failed or a pointer is malformed.
    pub async fn announcement(&self) -> Result<Option<Announcement>, SnapshotError> {
        self.reader.announcement().await
    }

    /// Verifies every byte of a snapshot, opens its collections and answers the warm-up queries.
    ///
    /// # Errors
    /// Any of it failed; the snapshot must not be served.
    pub async fn load(&self, pointer: &Pointer) -> Result<Serving, LoadError> {
        let VerifiedSnapshot { manifest, dir, .. } =
            self.reader.materialise(pointer, &self.cache).await?;
        let mut collections = BTreeMap::new();
        for section in [Section::Companies, Section::Concepts, Section::Offers] {
            let name = section.as_str();
            let prefix = format!("{name}/");
            if manifest.files.keys().any(|file| file.starts_with(&prefix)) {
                let opened = Collection::open(&dir.join(name)).await;
                let collection = opened.map_err(|source| LoadError::Section {
                    section: name,
                    source,
                })?;
                check_encoder(&manifest, name, &collection)?;
                collections.insert(name, collection);
            }
        }
        let encoder = manifest
            .encoder
            .as_ref()
            .and_then(|card| self.encoders.get(card));
        let card = manifest.reranker.as_ref();
        let model = card.and_then(|card| self.encoders.reranker(&card.id));
        let reranker = Reranker::new(card, model, self.rerank_budget);
        let cache = Cache::new(self.answer_bytes);
        tokio::task::spawn_blocking(move || {
            let reference = Reference::open(&dir, &manifest)?;
            let concepts = collections.get(Section::Concepts.as_str());
            let offers = collections.get(Section::Offers.as_str());
            let companies = collections.get(Section::Companies.as_str());
            let opened = Opened {
                mentions: concepts.map(Mentions::new).unwrap_or_default(),
                offers: offers
                    .map(|offers| OfferIndex::new(offers, companies))
                    .unwrap_or_default(),
                manifest,
                collections,
                reference,
                encoder,
                reranker,
                cache,
            };
            let serving = Serving::open(opened, &dir)?;
            warm_up(&serving)?;
            serving.arm_b().map_or(Ok(()), |arm| warm_up(arm))?;
            Ok(serving)
        })
        .await
        .unwrap_or_else(|panic| {
            Err(LoadError::WarmUp {
                reason: panic.to_string(),
            })
        })
    }
}

/// Refuses vectors of one encoder under the name of another: the query's vector would mean something else.
fn check_encoder(
    manifest: &Manifest,
    section: &'static str,
    collection: &Collection,
) -> Result<(), LoadError> {
    let named = manifest
        .encoder
        .as_ref()
        .map_or("none", |card| card.id.as_str());
    match collection.model() {
        Some(found) if found != named => Err(LoadError::Encoder {
            section,
            found: found.to_owned(),
            named: named.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Answers a few queries and checks that every score is the sum of its contributions.
fn warm_up(serving: &Serving) -> Result<(), LoadError> {
    let failed = |reason: String| LoadError::WarmUp { reason };
    let searched = [Section::Companies, Section::Offers]
        .into_iter()
        .filter(|section| serving.collection(*section).is_ok());
    for section in searched {
        for text in WARM_UP {
            let tenant = PUBLIC_TENANT;
            let question = Question {
                section,
                text,
                tenant,
                filters: &Filters::new(),
                conditions: &Conditions::default(),
                like: None,
                limit: 10,
            };
            let found = search(serving, &question).map_err(|error| failed(error.to_string()))?;
            for hit in &found.result.hits {
                let sum: f64 = hit.contributions.iter().map(|part| part.value).sum();
                if !hit.score.is_finite() || (hit.score - sum).abs() > 1e-6 {
                    return Err(failed(format!(
                        "{section:?}: the score of {} is no sum",
                        hit.id
                    )));
                }
            }
        }
    }
    Ok(())
}
