//! What was found of collusion in a night, as one artefact that several tables are made of.

use std::collections::BTreeMap;

use abuse::{Entity, EntityKind};
use anyhow::{Context as _, Result};
use collusion::{Detection, Ring};
use serde::{Deserialize, Serialize};

use super::Names;
use crate::{
    artefact::{Artefact, fingerprint},
    context::{Context, Inputs},
};

/// The artefact's name.
pub(crate) const COLLUSION: &str = "models.collusion";

/// What was found of a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Market {
    pub(crate) tenant: String,
    pub(crate) names: Names,
    pub(crate) detection: Detection,
}

impl Market {
    /// The name of a ring: of the same members it is the same every night.
    pub(crate) fn ring_id(&self, ring: &Ring) -> String {
        let members = ring.members.iter().map(|firm| self.provider(*firm));
        let members: Vec<&str> = members.collect();
        let digest = blake3::hash(format!("{}\n{}", self.tenant, members.join("\n")).as_bytes());
        format!("RNG-{}", &digest.to_hex()[..10])
    }

    /// The rings' names, by place.
    pub(crate) fn ring_ids(&self) -> Vec<String> {
        let rings = self.detection.rings.iter();
        rings.map(|ring| self.ring_id(ring)).collect()
    }

    pub(crate) fn project(&self, auction: u32) -> &str {
        &self.names.projects[auction as usize]
    }

    pub(crate) fn provider(&self, firm: u32) -> &str {
        &self.names.providers[firm as usize]
    }

    /// The bid of a firm in an auction, where it has one.
    pub(crate) fn bid(&self, auction: u32, firm: u32) -> Option<Entity> {
        let id = self.names.bids.get(&(auction, firm))?;
        Some(Entity::new(EntityKind::Bid, id))
    }
}

/// Commits what was found.
pub(crate) async fn commit(
    context: &Context,
    markets: &[Market],
    key: &str,
) -> Result<Artefact> {
    let scratch = context.lake.scratch()?;
    let file = scratch.path().join("markets.postcard");
    let bytes = postcard::to_stdvec(markets)?;
    std::fs::write(&file, &bytes)?;
    let path = format!("models/collusion/{key}/markets.postcard");
    context.lake.commit(&file, &path).await?;
    let content = blake3::hash(&bytes).to_hex().to_string();
    let count = |of: fn(&Market) -> usize| markets.iter().map(of).sum::<usize>() as u64;
    Ok(Artefact {
        name: COLLUSION.to_owned(),
        fingerprint: key.to_owned(),
        digest: fingerprint(&BTreeMap::from([("markets".to_owned(), content)])),
        files: vec![path],
        rows: BTreeMap::from([
            ("auctions".to_owned(), count(|one| one.detection.auctions.len())),
            ("pairs".to_owned(), count(|one| one.detection.met)),
            ("rings".to_owned(), count(|one| one.detection.rings.len())),
        ]),
        ..Default::default()
    })
}

/// Reads what was found.
pub(crate) async fn markets(context: &Context, inputs: &Inputs) -> Result<Vec<Market>> {
    let artefact = context.input(inputs, COLLUSION)?;
    let file = artefact.files.first();
    let file = file.with_context(|| format!("{COLLUSION} has no file"))?;
    let bytes = context.lake.read(file).await?;
    let bytes = bytes.with_context(|| format!("{file} is gone"))?;
    postcard::from_bytes(&bytes).with_context(|| format!("{file} is malformed"))
}
