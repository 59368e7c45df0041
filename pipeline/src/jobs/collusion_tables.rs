//! `gold.bid_screens`, `gold.collusion_pairs`, `gold.collusion_rings` and `gold.collusion_signals`: what was found of collusion.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, EntityKind, Sign};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use collusion::{Level, RingKind, Signal};
use futures::future::BoxFuture;
use schemas::Contract;
use serde::Serialize;

use super::table_job::{Rows, contract};
use crate::{
    context::{Context, Inputs},
    rows,
    signs::{COLLUSION, Found, Market, markets, signal_rows, united},
};

const CODE: &str = "collusion_tables 2";
/// Pieces of evidence that are kept of a thing.
const SHOWN: usize = 200;

/// The screens of every auction.
pub(super) struct BidScreens;
/// Pairs that are watched or flagged.
pub(super) struct CollusionPairs;
/// Groups of them.
pub(super) struct CollusionRings;
/// Signs of auctions, bids, bidders and rings.
pub(super) struct CollusionSignals;

/// One of the tables that are told from what was found.
pub(super) trait Told: Send + Sync + 'static {
    /// The table's name in gold.
    const TABLE: &'static str;

    /// Makes its rows.
    fn rows(markets: &[Market], contract: &Contract) -> Result<RecordBatch>;
}

/// The job that writes it.
pub(super) struct OfMarkets<T>(pub(super) T);

impl<T: Told> Rows for OfMarkets<T> {
    const TABLE: &'static str = T::TABLE;

    fn reads(&self) -> Vec<String> {
        vec![COLLUSION.to_owned()]
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([("code".to_owned(), CODE.to_owned())]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let markets = markets(context, inputs).await?;
            T::rows(&markets, &contract::<Self>(context)?)
        })
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Quiet => "quiet",
        Level::Watched => "watched",
        Level::Flagged => "flagged",
    }
}

fn kind(kind: RingKind) -> &'static str {
    match kind {
        RingKind::Cover => "cover",
        RingKind::Rotation => "rotation",
        RingKind::Sharing => "sharing",
        RingKind::OneHand => "one_hand",
        RingKind::Concerted => "concerted",
    }
}

/// Signals as parallel lists.
#[derive(Serialize)]
struct Signals {
    signals: Vec<&'static str>,
    values: Vec<f64>,
    chances: Vec<f64>,
    thresholds: Vec<f64>,
    supports: Vec<f64>,
    raised: Vec<&'static str>,
}

impl Signals {
    fn new(signals: &[Signal]) -> Self {
        let raised = signals.iter().filter(|signal| signal.is_raised);
        Self {
            signals: signals.iter().map(|one| one.kind.name()).collect(),
            values: signals.iter().map(|one| one.value).collect(),
            chances: signals.iter().map(|one| one.chance).collect(),
            thresholds: signals.iter().map(|one| one.threshold).collect(),
            supports: signals.iter().map(|one| f64::from(one.support)).collect(),
            raised: raised.map(|one| one.kind.name()).collect(),
        }
    }
}

#[derive(Serialize)]
struct ScreenRow<'a> {
    tenant: &'a str,
    project_id: &'a str,
    market: Option<&'a str>,
    prices: u32,
    #[serde(flatten)]
    screens: BTreeMap<&'static str, f64>,
    score: f64,
    level: &'static str,
    #[serde(flatten)]
    signals: Signals,
    ring_ids: Vec<&'a str>,
}

#[derive(Serialize)]
struct PairRow<'a> {
    tenant: &'a str,
    provider_a: &'a str,
    provider_b: &'a str,
    shared: u32,
    score: f64,
    level: &'static str,
    ring_id: Option<&'a str>,
    #[serde(flatten)]
    signals: Signals,
    project_ids: Vec<&'a str>,
}

#[derive(Serialize)]
struct RingRow<'a> {
    tenant: &'a str,
    ring_id: String,
    kind: &'static str,
    score: f64,
    provider_ids: Vec<&'a str>,
    provider_names: Vec<&'a str>,
    wins: Vec<f64>,
    #[serde(flatten)]
    signals: Signals,
    project_ids: Vec<&'a str>,
}

impl Told for BidScreens {
    const TABLE: &'static str = "bid_screens";

    fn rows(markets: &[Market], contract: &Contract) -> Result<RecordBatch> {
        let ids: Vec<Vec<String>> = markets.iter().map(Market::ring_ids).collect();
        let mut all = Vec::new();
        for (market, ids) in markets.iter().zip(&ids) {
            let auctions = market.detection.auctions.iter();
            for found in auctions.filter(|found| found.screens.prices > 0) {
                let screens = found.screens.iter();
                let place = found.auction as usize;
                all.push(ScreenRow {
                    tenant: &market.tenant,
                    project_id: market.project(found.auction),
                    market: market.names.markets[place].as_deref(),
                    prices: found.screens.prices,
                    screens: screens
                        .filter_map(|(screen, value)| Some((screen.name(), value?)))
                        .collect(),
                    score: found.score,
                    level: level(found.level),
                    signals: Signals::new(&found.signals),
                    ring_ids: found
                        .rings
                        .iter()
                        .map(|at| ids[*at as usize].as_str())
                        .collect(),
                });
            }
        }
        all.sort_by_key(|row| (row.tenant, row.project_id));
        rows::batch(contract, &all)
    }
}

impl Told for CollusionPairs {
    const TABLE: &'static str = "collusion_pairs";

    fn rows(markets: &[Market], contract: &Contract) -> Result<RecordBatch> {
        let ids: Vec<Vec<String>> = markets.iter().map(Market::ring_ids).collect();
        let mut all = Vec::new();
        for (market, ids) in markets.iter().zip(&ids) {
            let mut ring_of = BTreeMap::new();
            for (ring, id) in market.detection.rings.iter().zip(ids) {
                ring_of.extend(ring.edges.iter().map(|edge| (*edge as usize, id.as_str())));
            }
            for (place, pair) in market.detection.pairs.iter().enumerate() {
                if pair.level == Level::Quiet {
                    continue;
                }
                let [a, b] = pair.firms.map(|firm| market.provider(firm));
                all.push(PairRow {
                    tenant: &market.tenant,
                    provider_a: a.min(b),
                    provider_b: a.max(b),
                    shared: pair.shared,
                    score: pair.score,
                    level: level(pair.level),
                    ring_id: ring_of.get(&place).copied(),
                    signals: Signals::new(&pair.signals),
                    project_ids: projects(market, &pair.auctions),
                });
            }
        }
        all.sort_by_key(|row| (row.tenant, row.provider_a, row.provider_b));
        rows::batch(contract, &all)
    }
}

impl Told for CollusionRings {
    const TABLE: &'static str = "collusion_rings";

    fn rows(markets: &[Market], contract: &Contract) -> Result<RecordBatch> {
        let mut all = Vec::new();
        for market in markets {
            for ring in &market.detection.rings {
                let name = |firm: &u32| market.names.provider_names[*firm as usize].as_str();
                all.push(RingRow {
                    tenant: &market.tenant,
                    ring_id: market.ring_id(ring),
                    kind: kind(ring.kind),
                    score: ring.score,
                    provider_ids: ring
                        .members
                        .iter()
                        .map(|firm| market.provider(*firm))
                        .collect(),
                    provider_names: ring.members.iter().map(name).collect(),
                    wins: ring.wins.iter().map(|wins| f64::from(*wins)).collect(),
                    signals: Signals::new(&ring.signals),
                    project_ids: projects(market, &ring.auctions),
                });
            }
        }
        all.sort_by(|a, b| (a.tenant, &a.ring_id).cmp(&(b.tenant, &b.ring_id)));
        rows::batch(contract, &all)
    }
}

impl Told for CollusionSignals {
    const TABLE: &'static str = "collusion_signals";

    fn rows(markets: &[Market], contract: &Contract) -> Result<RecordBatch> {
        let found: Vec<Found> = markets.iter().flat_map(signals).collect();
        rows::batch(contract, &signal_rows(united(found)))
    }
}

fn projects<'a>(market: &'a Market, auctions: &[u32]) -> Vec<&'a str> {
    auctions
        .iter()
        .map(|auction| market.project(*auction))
        .collect()
}

/// The signs of a market's rings, their members, and what they bid together on.
fn signals(market: &Market) -> Vec<Found> {
    let mut found = Vec::new();
    let mut add = |sign: Sign, of: Entity, chance: f64, evidence: Vec<Entity>| {
        found.push(Found {
            tenant: market.tenant.clone(),
            of,
            said_by: CODE.to_owned(),
            signal: abuse::Signal {
                sign,
                value: chance,
                threshold: 0.0,
                percentile: None,
                is_raised: true,
                support: evidence.len() as u64,
                evidence,
                detail: None,
            },
        });
    };
    let auction = |auction: &u32| Entity::new(EntityKind::Project, market.project(*auction));
    for ring in &market.detection.rings {
        let named = Entity::new(EntityKind::Ring, market.ring_id(ring));
        let members = ring.members.iter();
        let members = members.map(|firm| Entity::new(EntityKind::Provider, market.provider(*firm)));
        let shown = ring.auctions.iter().take(SHOWN).map(auction);
        add(
            Sign::BidsTogether,
            named.clone(),
            ring.score,
            members.clone().chain(shown).collect(),
        );
        for (firm, member) in ring.members.iter().zip(members.clone()) {
            let others = members.clone().filter(|other| *other != member);
            let own: Vec<&u32> = ring
                .auctions
                .iter()
                .filter(|auction| market.bid(**auction, *firm).is_some())
                .collect();
            let shown = own.iter().take(SHOWN).map(|one| auction(one));
            let evidence = std::iter::once(named.clone())
                .chain(others)
                .chain(shown)
                .collect();
            add(Sign::InRing, member, ring.score, evidence);
            for one in own {
                if let Some(bid) = market.bid(*one, *firm) {
                    add(
                        Sign::InRing,
                        bid,
                        ring.score,
                        vec![named.clone(), auction(one)],
                    );
                }
            }
        }
    }
    let ids = market.ring_ids();
    for one in &market.detection.auctions {
        if one.level != Level::Flagged {
            continue;
        }
        let rings = one.rings.iter().map(|at| &ids[*at as usize]);
        let rings = rings.map(|id| Entity::new(EntityKind::Ring, id));
        let own = one
            .rings
            .iter()
            .map(|at| &market.detection.rings[*at as usize]);
        let members: BTreeSet<u32> = own.flat_map(|ring| ring.members.iter().copied()).collect();
        let bids = members
            .into_iter()
            .filter_map(|firm| market.bid(one.auction, firm));
        let evidence = rings.chain(bids).collect();
        add(Sign::RiggedBids, auction(&one.auction), one.score, evidence);
    }
    found
}
