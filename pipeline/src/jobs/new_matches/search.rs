//! Searching the new offers for every profile, and the rows that come of it.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder},
    record_batch::RecordBatch,
};
use encoder::EncodedText;
use matching::{Concepts, Mentions, Request, Target, is_firm, section_weights};
use rayon::prelude::*;
use retrieval::{Collection, Filters, Fusion, Hit, Weights};
use schemas::{Manifest, Section};

use crate::jobs::text_key;

/// New offers that a profile is told of at most, the best ones.
const MOST: usize = 10;
/// Score below which nobody is told. Of what the demo market's candidates are told of 24 new offers, without an encoder, 99 % have the
/// candidate's ROME code (251 pairs); of the firm matches of any score, 82 % (358).
const LEAST_SCORE: f64 = 0.15;
/// The legs, in the order of the table's columns and of a hit's contributions.
const LEGS: [&str; 5] = ["lexical", "subword", "vector", "concept", "context"];

/// A profile that has something to be told of.
pub(super) struct Profile {
    pub(super) tenant: String,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) text: String,
}

/// A row of the table.
pub(super) struct NewMatch {
    tenant: String,
    profile_id: String,
    profile_kind: String,
    offer_tenant: String,
    offer_id: String,
    rank: i64,
    legs: [f64; LEGS.len()],
    matched_terms: Vec<String>,
}

/// All that profiles are matched with.
pub(super) struct Search {
    pub(super) manifest: Manifest,
    pub(super) offers: Collection,
    pub(super) concepts: Collection,
    /// The new offers.
    pub(super) filters: Filters,
    pub(super) encoded: HashMap<String, EncodedText>,
}

impl Search {
    /// Matches every profile; rows by key where profiles are.
    pub(super) fn all(&self, profiles: &[Profile]) -> Vec<NewMatch> {
        let mentions = Mentions::new(&self.concepts);
        let weights = |section: Section| section_weights(&self.manifest.fusion, section.as_str());
        let target = Target {
            collection: &self.offers,
            // A score that is told must not depend on what else is new.
            weights: Weights {
                fusion: Fusion::WeightedSum,
                ..weights(Section::Offers)
            },
            concepts: Some(Concepts {
                collection: &self.concepts,
                weights: weights(Section::Concepts),
                mentions: &mentions,
            }),
        };
        let found: Vec<Vec<NewMatch>> = profiles
            .par_iter()
            .map(|profile| self.of_profile(profile, &target))
            .collect();
        found.into_iter().flatten().collect()
    }

    fn of_profile(&self, profile: &Profile, target: &Target<'_>) -> Vec<NewMatch> {
        let found = target.search(&Request {
            text: &profile.text,
            encoded: self.encoded.get(&text_key(&profile.text)),
            tenant: &profile.tenant,
            filters: &self.filters,
            limit: MOST,
        });
        // As a node, which calls an answer weak where no word of the text is known.
        let is_known = !found.result.is_weak;
        let hits = found.result.hits.into_iter().filter(|_| is_known);
        let firm = hits.filter(|hit| hit.score >= LEAST_SCORE && is_firm(hit));
        let mut rows: Vec<NewMatch> = firm
            .zip(1..)
            .map(|(hit, rank)| NewMatch::new(profile, hit, rank))
            .collect();
        rows.sort_by(|a, b| (&a.offer_tenant, &a.offer_id).cmp(&(&b.offer_tenant, &b.offer_id)));
        rows
    }
}

impl NewMatch {
    fn new(profile: &Profile, hit: Hit, rank: i64) -> Self {
        Self {
            tenant: profile.tenant.clone(),
            profile_id: profile.id.clone(),
            profile_kind: profile.kind.clone(),
            offer_tenant: hit.tenant,
            offer_id: hit.id,
            rank,
            legs: std::array::from_fn(|leg| {
                let contribution = hit.contributions.get(leg);
                six_decimals(contribution.map_or(0.0, |contribution| contribution.value))
            }),
            matched_terms: hit.matched_terms,
        }
    }

    /// The sum of what the legs give.
    fn score(&self) -> f64 {
        six_decimals(self.legs.iter().sum())
    }
}

/// Rounds so that the last bits of a logarithm, which machines compute differently, make no other table.
fn six_decimals(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The rows as the contract has them.
pub(super) fn batch(matches: &[NewMatch]) -> Result<RecordBatch> {
    let texts = |value: fn(&NewMatch) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(matches.iter().map(value)))
    };
    let numbers = |value: &dyn Fn(&NewMatch) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(matches.iter().map(value)))
    };
    let ranks = Int64Array::from_iter_values(matches.iter().map(|row| row.rank));
    let mut terms = ListBuilder::new(StringBuilder::new());
    for row in matches {
        terms.append_value(row.matched_terms.iter().map(Some));
    }
    let mut columns = vec![
        ("tenant", texts(|row| &row.tenant)),
        ("profile_id", texts(|row| &row.profile_id)),
        ("profile_kind", texts(|row| &row.profile_kind)),
        ("offer_tenant", texts(|row| &row.offer_tenant)),
        ("offer_id", texts(|row| &row.offer_id)),
        ("rank", Arc::new(ranks) as ArrayRef),
        ("score", numbers(&NewMatch::score)),
    ];
    for (leg, name) in LEGS.into_iter().enumerate() {
        columns.push((name, numbers(&|row| row.legs[leg])));
    }
    columns.push(("matched_terms", Arc::new(terms.finish())));
    Ok(RecordBatch::try_from_iter(columns)?)
}
