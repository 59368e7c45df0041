//! `new_matches`: the profiles that an offer matches which was not there before, found by the search that nodes answer with.
//!
//! It comes after the announcement and is no part of the snapshot: what is new depends on what was announced before, and the same
//! inputs must give the same snapshot id whatever that was.

mod search;

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{Context as _, Result};
use arrow::record_batch::RecordBatch;
use encoder::EncodedText;
use futures::future::BoxFuture;
use retrieval::{Collection, Filters, read_keys};
use schemas::{Manifest, PUBLIC_TENANT, Section, SnapshotId};
use snapshot::{Reader, VerifiedSnapshot};

use search::{NewMatch, Profile, Search, batch};

use super::{
    Job as _, TextVectors,
    table_job::{Rows, TableJob},
    text_key,
};
use crate::{
    context::{Context, Inputs},
    publish,
    rows::{self, Row},
};

const CODE: &str = "new_matches 1";

/// Matches every profile with the offers that are new.
pub(super) struct NewMatches;

impl Rows for NewMatches {
    const TABLE: &'static str = "new_matches";

    fn reads(&self) -> Vec<String> {
        ["snapshot", "silver.profiles"].map(str::to_owned).to_vec()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let mut parts = super::encoded_by(CODE, context);
        let before = context.before.as_ref().and_then(offers_digest);
        let before = before.unwrap_or("nothing was announced");
        parts.insert("offers announced before".to_owned(), before.to_owned());
        Ok(parts)
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move { batch(&find(context, inputs).await?) })
    }
}

/// The digest of a snapshot's offers: the same offers are the same digest.
fn offers_digest(manifest: &Manifest) -> Option<&str> {
    let offers = manifest.tables.get(Section::Offers.as_str())?;
    Some(&offers.digest)
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
        &context.input_files(inputs, "silver.profiles").await?,
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
fn read_profiles(
    files: &[lake::LocalFile],
    has_new: impl Fn(&str) -> bool,
) -> Result<Vec<Profile>> {
    let mut profiles = Vec::new();
    for batch in rows::open_all(files)? {
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
    TextVectors::add(context, choice, &TableJob(NewMatches).name(), &texts).await?;
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
