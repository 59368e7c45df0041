//! `new_matches`: the profiles that an offer matches which was not there before, found by the search that nodes answer with.
//!
//! It comes after the announcement and is no part of the snapshot: what is new depends on what was announced before, and the same
//! inputs must give the same snapshot id whatever that was.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder},
    record_batch::RecordBatch,
};
use encoder::EncodedText;
use futures::future::BoxFuture;
use lake::version;
use matching::{Concepts, Mentions, Request, Target, is_firm, section_weights};
use rayon::prelude::*;
use retrieval::{Collection, Filters, Fusion, Hit, Weights, read_keys};
use schemas::{Layer, Manifest, PUBLIC_TENANT, Section, SnapshotId, TableName};
use snapshot::{Reader, VerifiedSnapshot};

use super::{Job, TextVectors, text_key};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    publish,
    rows::{self, Row},
};

const CODE: &str = "new_matches 1";

/// New offers that a profile is told of at most, the best ones.
const MOST: usize = 10;
/// Score below which nobody is told. Of what the demo market's candidates are told of 24 new offers, without an encoder, 99 % have the
/// candidate's ROME code (251 pairs); of the firm matches of any score, 82 % (358).
const LEAST_SCORE: f64 = 0.15;
/// The legs, in the order of the table's columns and of a hit's contributions.
const LEGS: [&str; 5] = ["lexical", "subword", "vector", "concept", "context"];

/// Matches every profile with the offers that are new.
pub(super) struct NewMatches;

fn table() -> TableName {
    TableName::new(Layer::Gold, "new_matches")
}

impl Job for NewMatches {
    fn name(&self) -> String {
        table().to_string()
    }

    fn reads(&self) -> Vec<String> {
        ["snapshot", "silver.profiles"].map(str::to_owned).to_vec()
    }

    fn writes(&self) -> String {
        self.name()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let mut parts = super::encoded_by(CODE, context);
        parts.insert("contract".to_owned(), context.contract(&table())?.digest());
        let before = context.before.as_ref().and_then(offers_digest);
        let before = before.unwrap_or("nothing was announced");
        parts.insert("offers announced before".to_owned(), before.to_owned());
        Ok(parts)
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let matches = find(context, inputs).await?;
            let contract = context.contract(&table())?;
            let scratch = context.lake.scratch()?;
            let made = scratch.file("new_matches");
            let (rows, digest) = sql::write_table(&contract, &batch(&matches)?, &made)?;
            let file = version(&table(), fingerprint, "parquet");
            context.lake.commit(&made, &file).await?;
            Ok(Artefact {
                name: self.name(),
                fingerprint: fingerprint.to_owned(),
                digest,
                files: vec![file],
                rows: BTreeMap::from([("rows".to_owned(), rows)]),
                ..Default::default()
            })
        })
    }
}

/// The digest of a snapshot's offers: the same offers are the same digest.
fn offers_digest(manifest: &Manifest) -> Option<&str> {
    let offers = manifest.tables.get(Section::Offers.as_str())?;
    Some(&offers.digest)
}

/// A profile that has something to be told of.
struct Profile {
    tenant: String,
    id: String,
    kind: String,
    text: String,
}

/// A row of the table.
struct NewMatch {
    tenant: String,
    profile_id: String,
    profile_kind: String,
    offer_tenant: String,
    offer_id: String,
    rank: i64,
    legs: [f64; LEGS.len()],
    matched_terms: Vec<String>,
}

/// Searches the new offers for every profile that sees one; rows by key.
async fn find(context: &Context, inputs: &Inputs) -> Result<Vec<NewMatch>> {
    let Some(before) = &context.before else {
        return Ok(Vec::new());
    };
    let id: SnapshotId = context.input(inputs, "snapshot")?.digest.parse()?;
    let reader = Reader::new(context.lake.store().clone());
    let now = reader.manifest(&id, None).await?;
    if offers_digest(&now) == offers_digest(before) {
        return Ok(Vec::new());
    }
    let cache = context.lake.scratch()?;
    let known = known_offers(&reader.bring(&before.id, None, cache.path()).await?).await?;
    let snapshot = reader.bring(&id, None, cache.path()).await?;
    let offers = open(&snapshot, Section::Offers).await?;
    let new = new_offers(&offers, &known);
    let has_new = |tenant: &str| new.contains_key(tenant) || new.contains_key(PUBLIC_TENANT);
    let profiles = read_profiles(
        &context.input_file(inputs, "silver.profiles").await?,
        has_new,
    )?;
    if profiles.is_empty() {
        return Ok(Vec::new());
    }
    let search = Search {
        encoded: encode(context, &snapshot.manifest, &profiles).await?,
        concepts: open(&snapshot, Section::Concepts).await?,
        manifest: snapshot.manifest,
        filters: Filters {
            only: Some(new),
            ..Filters::default()
        },
        offers,
    };
    Ok(tokio::task::spawn_blocking(move || search.all(&profiles)).await?)
}

async fn open(snapshot: &VerifiedSnapshot, section: Section) -> Result<Collection> {
    let opened = Collection::open(&snapshot.dir.join(section.as_str())).await;
    opened.with_context(|| format!("section {} of {}", section.as_str(), snapshot.id))
}

/// Tenant and id of every offer of a snapshot; none where it has no section of them.
async fn known_offers(snapshot: &VerifiedSnapshot) -> Result<HashSet<(String, String)>> {
    let mut known = HashSet::new();
    if offers_digest(&snapshot.manifest).is_some() {
        let folder = snapshot.dir.join(Section::Offers.as_str());
        read_keys(&folder, |tenant, id| {
            known.insert((tenant.to_owned(), id.to_owned()));
        })
        .await?;
    }
    Ok(known)
}

/// The numbers of the offers that are not known, by tenant, as retrieval counts them.
fn new_offers(
    offers: &Collection,
    known: &HashSet<(String, String)>,
) -> BTreeMap<String, Vec<u32>> {
    let mut new: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut counts: HashMap<String, u32> = HashMap::new();
    for offer in offers.every_document() {
        let count = counts.entry(offer.tenant.clone()).or_default();
        let number = *count;
        *count += 1;
        let key = (offer.tenant, offer.id);
        if !known.contains(&key) {
            new.entry(key.0).or_default().push(number);
        }
    }
    new
}

/// Reads the profiles of tenants that see something new, by tenant and id.
fn read_profiles(file: &lake::LocalFile, has_new: impl Fn(&str) -> bool) -> Result<Vec<Profile>> {
    let path: &Path = file.path();
    let mut profiles = Vec::new();
    for batch in rows::open(path)? {
        let batch = batch?;
        let seeing = Row::all(&batch).filter(|row| row.text("tenant").is_some_and(&has_new));
        let text = |row: Row<'_>, column| row.text(column).unwrap_or_default().to_owned();
        profiles.extend(seeing.map(|row| Profile {
            tenant: text(row, "tenant"),
            id: text(row, "profile_id"),
            kind: text(row, "kind"),
            text: publish::profile_text(row),
        }));
    }
    profiles.sort_by(|a, b| (&a.tenant, &a.id).cmp(&(&b.tenant, &b.id)));
    Ok(profiles)
}

/// What the snapshot's encoder says of the profiles' texts, by key; nothing where it has none.
async fn encode(
    context: &Context,
    manifest: &Manifest,
    profiles: &[Profile],
) -> Result<HashMap<String, EncodedText>> {
    let is_snapshots = |id: &str| manifest.encoder.as_ref().is_some_and(|card| card.id == id);
    let choice = context.encoder.as_ref();
    let Some(choice) = choice.filter(|choice| is_snapshots(choice.id())) else {
        return Ok(HashMap::new());
    };
    let texts = profiles.iter().map(|profile| profile.text.clone());
    let texts: BTreeMap<String, String> = texts.map(|text| (text_key(&text), text)).collect();
    TextVectors::add(context, choice, &NewMatches.name(), &texts).await?;
    let wanted = texts.keys().cloned().collect();
    let mut vectors = TextVectors::load(context, choice.id(), &wanted).await?;
    let encoder = choice.get()?;
    let mut encoded = HashMap::with_capacity(texts.len());
    for (key, text) in &texts {
        let vector = vectors.remove(key).context("a profile has no vector")?;
        let fluency = encoder.fluency(text)?;
        encoded.insert(key.clone(), EncodedText { vector, fluency });
    }
    Ok(encoded)
}

/// All that profiles are matched with.
struct Search {
    manifest: Manifest,
    offers: Collection,
    concepts: Collection,
    /// The new offers.
    filters: Filters,
    encoded: HashMap<String, EncodedText>,
}

impl Search {
    fn all(&self, profiles: &[Profile]) -> Vec<NewMatch> {
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

fn batch(matches: &[NewMatch]) -> Result<RecordBatch> {
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
