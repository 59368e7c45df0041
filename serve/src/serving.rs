//! A snapshot that answers, as one arm of its experiment is served.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use encoder::Encoder;
use matching::{Concepts, Mentions, section_weights};
use retrieval::{Collection, Weights};
use schemas::{Arm, Manifest, Section, Slot, SnapshotId};

use crate::{
    ApiError, Code,
    cache::Cache,
    deals::DealBook,
    offers::OfferIndex,
    reference::{Reference, ReferenceError, missing},
    rerank::Reranker,
};

/// What both arms have in common.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) manifest: Manifest,
    pub(crate) collections: BTreeMap<&'static str, Collection>,
    pub(crate) mentions: Mentions,
    pub(crate) offers: OfferIndex,
    pub(crate) reference: Reference,
    pub(crate) encoder: Option<Arc<Encoder>>,
    pub(crate) reranker: Reranker,
    pub(crate) cache: Cache,
}

/// A snapshot that answers: verified, open, warm. Shared by the requests that began while it was the current one.
///
/// Where the snapshot runs an experiment this is one of its arms: arm A, which is what is in place, knows the other.
#[derive(Debug)]
pub struct Serving {
    opened: Arc<Opened>,
    arm: Option<Arm>,
    weights: BTreeMap<&'static str, Weights>,
    deals: Option<DealBook>,
    arm_b: Option<Arc<Serving>>,
}

impl Serving {
    /// Makes what answers, of both arms where there are two; `dir` holds the models.
    pub(crate) fn open(opened: Opened, dir: &Path) -> Result<Self, ReferenceError> {
        let opened = Arc::new(opened);
        let manifest = &opened.manifest;
        let deals = DealBook::open(dir, manifest)?;
        let arms = manifest.experiment.as_ref().map(|card| &card.arms);
        let arm_b = arms.map(|arms| {
            let own = arms.get(&Arm::B).and_then(|arm| arm.fusion.as_ref());
            let fusion = own.unwrap_or(&manifest.fusion);
            let deals = deals.as_ref().map(|deals| deals.challenged(dir, manifest));
            Ok::<_, ReferenceError>(Arc::new(Self {
                arm: Some(Arm::B),
                weights: weights(&opened, fusion),
                deals: deals.transpose()?,
                arm_b: None,
                opened: Arc::clone(&opened),
            }))
        });
        Ok(Self {
            arm: arms.map(|_| Arm::A),
            weights: weights(&opened, &manifest.fusion),
            deals,
            arm_b: arm_b.transpose()?,
            opened,
        })
    }

    /// Returns the arm that this is; none where the snapshot runs no experiment.
    pub(crate) fn arm(&self) -> Option<Arm> {
        self.arm
    }

    /// Returns the other arm, of arm A.
    pub(crate) fn arm_b(&self) -> Option<&Arc<Self>> {
        self.arm_b.as_ref()
    }

    /// Returns the models and the deals that can be asked about.
    pub(crate) fn deals(&self) -> Result<&DealBook, ApiError> {
        self.deals.as_ref().ok_or_else(|| missing("models"))
    }

    /// Returns the snapshot's id.
    #[must_use]
    pub fn id(&self) -> &SnapshotId {
        &self.opened.manifest.id
    }

    /// Returns the slot it was made for.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.opened.manifest.slot
    }

    /// Returns its manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.opened.manifest
    }

    /// Returns the encoder that made its vectors, where the node has it.
    #[must_use]
    pub fn encoder(&self) -> Option<&Encoder> {
        self.opened.encoder.as_deref()
    }

    /// Returns what orders its best hits anew.
    pub(crate) fn reranker(&self) -> &Reranker {
        &self.opened.reranker
    }

    /// Returns what it was asked lately.
    pub(crate) fn cache(&self) -> &Cache {
        &self.opened.cache
    }

    /// Returns the names of its concepts.
    pub(crate) fn mentions(&self) -> &Mentions {
        &self.opened.mentions
    }

    /// Returns what links queries to its concepts, where it has any.
    pub(crate) fn concepts(&self) -> Option<Concepts<'_>> {
        Some(Concepts {
            collection: self.collection(Section::Concepts).ok()?,
            weights: self.weights(Section::Concepts),
            mentions: &self.opened.mentions,
        })
    }

    /// Returns where its offers are, what they pay and which skills they want.
    pub(crate) fn offers(&self) -> &OfferIndex {
        &self.opened.offers
    }

    /// Returns what it has besides collections.
    pub(crate) fn reference(&self) -> &Reference {
        &self.opened.reference
    }

    /// Returns the collection of a section.
    pub(crate) fn collection(&self, section: Section) -> Result<&Collection, ApiError> {
        let name = section.as_str();
        self.opened.collections.get(name).ok_or_else(|| {
            ApiError::new(
                Code::NoSection,
                format!("L'instantané servi n'a pas de section « {name} »."),
                format!("The snapshot served has no section \"{name}\"."),
            )
        })
    }

    /// Returns the weights of a section's legs.
    pub(crate) fn weights(&self, section: Section) -> Weights {
        self.weights
            .get(section.as_str())
            .copied()
            .unwrap_or_default()
    }
}

fn weights(opened: &Opened, fusion: &serde_json::Value) -> BTreeMap<&'static str, Weights> {
    let sections = opened.collections.keys();
    sections
        .map(|name| (*name, section_weights(fusion, name)))
        .collect()
}
