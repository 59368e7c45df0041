//! Judged requests, asked again of the collections that a snapshot will hold, by the code that a node answers with.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Result;
use matching::{Concepts, Mentions, Request, Target};
use rayon::prelude::*;
use retrieval::{Collection, Hit, LEGS, Weights};
use schemas::Section;
use tuning::{Candidate, Figures, Question, RECALL_DEPTH, RELEVANT};

use super::{judged::Judged, weights::defaults};

/// How many documents are pooled by all legs and by each: what none has among so many is not among the first ten by any weights that
/// a fit may try.
const POOL: usize = 100;

/// The collections, open.
pub(super) struct Trial {
    collections: BTreeMap<Section, Collection>,
    mentions: Mentions,
}

impl Trial {
    /// Opens the collections of `sections` in `dir`, and the concepts.
    pub(super) async fn open(dir: &Path, sections: impl Iterator<Item = Section>) -> Result<Self> {
        let mut collections = BTreeMap::new();
        for section in sections.chain([Section::Concepts]) {
            let collection = Collection::open(&dir.join(section.as_str())).await?;
            collections.insert(section, collection);
        }
        let mentions = Mentions::new(&collections[&Section::Concepts]);
        Ok(Self {
            collections,
            mentions,
        })
    }

    /// Reads what the legs say of those who may be found for each request.
    pub(super) fn questions(&self, section: Section, judged: &[Judged]) -> Vec<Question<LEGS>> {
        let target = self.target(section, defaults(section));
        let question = |judged: &Judged| question(&target, judged);
        judged.par_iter().map(question).collect()
    }

    /// Searches each request with weights; returns the means.
    pub(super) fn figures(&self, section: Section, judged: &[Judged], weights: Weights) -> Figures {
        let target = self.target(section, weights);
        let figures: Vec<_> = judged
            .par_iter()
            .map(|judged| searched(&target, judged))
            .collect();
        Figures::mean(&figures)
    }

    /// Returns the first hits of a request, searched with weights: document and owner.
    pub(super) fn first(
        &self,
        section: Section,
        request: &Request<'_>,
        weights: Weights,
    ) -> BTreeSet<(String, String)> {
        let hits = self.target(section, weights).search(request).result.hits;
        hits.into_iter().map(|hit| (hit.id, hit.tenant)).collect()
    }

    fn target(&self, section: Section, weights: Weights) -> Target<'_> {
        Target {
            collection: &self.collections[&section],
            weights,
            concepts: Some(Concepts {
                collection: &self.collections[&Section::Concepts],
                weights: defaults(Section::Concepts),
                mentions: &self.mentions,
            }),
        }
    }
}

fn question(target: &Target<'_>, judged: &Judged) -> Question<LEGS> {
    let mut gains = judged.gains(target.collection);
    let mut candidates = Vec::new();
    for document in target.pool(&judged.request(POOL)) {
        let gain = gains.remove(&(document.id, document.tenant));
        candidates.push(Candidate {
            legs: document.legs,
            gain: gain.unwrap_or(0.0),
        });
    }
    Question {
        terms: judged.terms(),
        candidates,
        beyond: gains.into_values().collect(),
    }
}

fn searched(target: &Target<'_>, judged: &Judged) -> Figures {
    let gains = judged.gains(target.collection);
    let hits = target.search(&judged.request(RECALL_DEPTH)).result.hits;
    let gain = |hit: Hit| gains.get(&(hit.id, hit.tenant)).copied().unwrap_or(0.0);
    let found: Vec<f64> = hits.into_iter().map(gain).collect();
    let all: Vec<f64> = gains.values().copied().collect();
    Figures::of(&found, &all, RELEVANT)
}
