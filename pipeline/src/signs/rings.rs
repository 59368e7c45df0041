//! What was found of collusion in a night, as one artefact that several tables are made of.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, EntityKind};
use anyhow::{Context as _, Result};
use chrono::DateTime;
use collusion::{
    Bids, CaseCard, CaseParams, CaseVerdict, Detection, ParamGuard as _, Ring, Subject, Verdict, fit_cases,
};
use serde::{Deserialize, Serialize};

use super::{Names, Verdicts};
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
    /// With the scores of what was learnt from decided cases, where that is better.
    pub(crate) detection: Detection,
    /// What was learnt from decided cases.
    pub(crate) cards: Vec<CaseCard>,
}

impl Market {
    /// Learns from what was decided of rings, bidders and auctions, and scores all that was found by it where it is better than the combination of
    /// signs. Of two decisions on one subject the later stands.
    pub(crate) fn learn(&mut self, bids: &Bids, verdicts: &Verdicts, seed: u64) -> Result<()> {
        let mut decided: BTreeMap<Subject, Verdict> = BTreeMap::new();
        for ((tenant, entity), one) in verdicts.iter() {
            if *tenant != self.tenant {
                continue;
            }
            let decided_at = DateTime::parse_from_rfc3339(&one.at)?.timestamp();
            let is_confirmed = one.decision.verdict == abuse::Verdict::Confirmed;
            for subject in self.subjects(entity, &one.decision.evidence) {
                let verdict = Verdict {
                    subject,
                    is_confirmed,
                    decided_at,
                };
                let known = decided.entry(subject).or_insert(verdict);
                if known.decided_at <= decided_at {
                    *known = verdict;
                }
            }
        }
        let decided: Vec<Verdict> = decided.into_values().collect();
        let params = CaseParams::new(seed).check()?;
        let model = fit_cases(bids, &self.detection, &decided, &params)?;
        let scores = model.score(&self.detection);
        let found = &mut self.detection;
        for (one, score) in found.pairs.iter_mut().zip(scores.pairs) {
            one.score = score;
        }
        for (one, score) in found.auctions.iter_mut().zip(scores.auctions) {
            one.score = score;
        }
        for (one, score) in found.rings.iter_mut().zip(scores.rings) {
            one.score = score;
        }
        self.cards = model.cards;
        Ok(())
    }

    /// What a decision says of auctions and pairs: of an auction itself; of a bidder, with each of those that it was held to act with; of a ring, each two
    /// members.
    fn subjects(&self, entity: &Entity, evidence: &BTreeSet<String>) -> Vec<Subject> {
        let place = |names: &[String], id: &str| {
            let found = names.iter().position(|name| name == id)?;
            u32::try_from(found).ok()
        };
        let named = evidence
            .iter()
            .filter_map(|one| one.parse::<Entity>().ok())
            .filter(|one| one.kind == EntityKind::Provider);
        let firm = |one: &Entity| place(&self.names.providers, &one.id);
        let others: Vec<u32> = named.filter_map(|one| firm(&one)).collect();
        let pair = |a: u32, b: u32| Subject::Pair([a.min(b), a.max(b)]);
        match entity.kind {
            EntityKind::Project => {
                let auction = place(&self.names.projects, &entity.id);
                auction.map(Subject::Auction).into_iter().collect()
            }
            EntityKind::Provider => {
                let own = firm(entity);
                let pairs = others.iter().filter_map(|other| Some(pair(own?, *other)));
                pairs.filter(|pair| !matches!(pair, Subject::Pair([a, b]) if a == b)).collect()
            }
            EntityKind::Ring => {
                let later = |at: usize| others[at + 1..].iter();
                let pairs = (0..others.len()).flat_map(|at| later(at).map(move |b| (at, *b)));
                pairs.map(|(at, other)| pair(others[at], other)).collect()
            }
            _ => Vec::new(),
        }
    }

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
        notes: markets.iter().flat_map(notes).collect(),
        ..Default::default()
    })
}

/// What was learnt of a market's cases, in words; nothing where nobody decided anything.
fn notes(market: &Market) -> impl Iterator<Item = String> {
    let decided = market.cards.iter().filter(|card| card.confirmed + card.cleared > 0);
    decided.map(|card| {
        let (confirmed, cleared) = (card.confirmed, card.cleared);
        let became = match card.verdict {
            CaseVerdict::Learned => "the learned score is better and stands",
            CaseVerdict::TooFew => "too few to learn from, the combination of signs stands",
            CaseVerdict::LearntNothing => "nothing could be learnt, the combination of signs stands",
            CaseVerdict::NoGain => "the combination of signs is as good and stands",
        };
        format!(
            "{}: {}s, {confirmed} confirmed and {cleared} cleared: {became}",
            market.tenant, card.subject
        )
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
