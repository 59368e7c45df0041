//! `gold.price_signals`: signs of dumping in what bids ask, and in what bidders ask again and again.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, EntityKind, LowBid, Sign, Signal, habits};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use deals::bids::{Auction, BidFacts, Evidence, Own, Sign as LowSign};
use futures::future::BoxFuture;
use ranking::Reference;

use super::{
    tainted_bids,
    table_job::{Rows, contract},
};
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
    signs::{Found, signal_rows},
};

const CODE: &str = "dumping 1";
/// The bids of every auction.
const BIDS: &str = "gold.project_bids";

/// Looks at every bid.
pub(super) struct PriceSignals;

/// A bid of an auction, and who sent it.
struct Sent {
    bid: Entity,
    provider: Entity,
    facts: BidFacts,
}

/// The bids of a project, and what its work costs.
#[derive(Default)]
struct Room {
    reference: Option<Reference>,
    bids: Vec<Sent>,
}

impl Rows for PriceSignals {
    const TABLE: &'static str = "price_signals";

    fn reads(&self) -> Vec<String> {
        [BIDS, tainted_bids::TABLE].map(str::to_owned).to_vec()
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
            let tainted = tainted_bids::read(context, inputs).await?;
            let rooms = read(context, inputs, &tainted).await?;
            let found = tokio::task::spawn_blocking(move || look(&rooms)).await?;
            rows::batch(&contract::<Self>(context)?, &signal_rows(found))
        })
    }
}

/// Rooms by tenant and project. What spam accounts bid is no price, and what a ring agreed says nothing of who asks too little.
async fn read(
    context: &Context,
    inputs: &Inputs,
    tainted: &BTreeSet<(String, String)>,
) -> Result<BTreeMap<(String, String), Room>> {
    let file = context.input_file(inputs, BIDS).await?;
    let mut rooms: BTreeMap<(String, String), Room> = BTreeMap::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let is_known = tainted.contains(&(text("tenant"), text("bid_id")));
            if is_known || row.claim("is_late") == Some(true) {
                continue;
            }
            let cents = |column| row.integer(column).unwrap_or(0);
            let room = rooms.entry((text("tenant"), text("project_id"))).or_default();
            room.reference =
                Reference::new(cents("p10_cents"), cents("p50_cents"), cents("p90_cents"));
            let own = row.number("own_price_to_reference");
            room.bids.push(Sent {
                bid: Entity::new(EntityKind::Bid, text("bid_id")),
                provider: Entity::new(EntityKind::Provider, text("provider_id")),
                facts: BidFacts {
                    price_cents: cents("price_cents"),
                    own: own.map(|price_to_reference| Own {
                        bids: cents("own_bids"),
                        price_to_reference,
                    }),
                    is_withdrawn: row.claim("is_withdrawn") == Some(true),
                    ..BidFacts::default()
                },
            });
        }
    }
    Ok(rooms)
}

fn look(rooms: &BTreeMap<(String, String), Room>) -> Vec<Found> {
    let mut by_tenant: BTreeMap<&str, Vec<LowBid>> = BTreeMap::new();
    for ((tenant, _), room) in rooms {
        let auction = Auction {
            reference: room.reference,
            bids: room.bids.iter().map(|sent| sent.facts).collect(),
            ..Auction::default()
        };
        let low_bids = by_tenant.entry(tenant).or_default();
        for at in auction.standing() {
            let signals = signals(&auction.low(at).evidence, room, at);
            low_bids.push(LowBid {
                bid: room.bids[at].bid.clone(),
                provider: room.bids[at].provider.clone(),
                signals,
            });
        }
    }
    let mut found = Vec::new();
    for (tenant, low_bids) in by_tenant {
        let mut add = |of: &Entity, signal: Signal| {
            found.push(Found {
                tenant: tenant.to_owned(),
                of: of.clone(),
                signal,
                said_by: CODE.to_owned(),
            });
        };
        for (provider, signals) in habits(&low_bids) {
            for signal in signals {
                add(&provider, signal);
            }
        }
        for low in low_bids {
            // Of the many bids that no sign speaks against nothing is written.
            if low.signals.iter().any(|signal| signal.is_raised) {
                for signal in low.signals {
                    add(&low.bid, signal);
                }
            }
        }
    }
    found
}

/// What was found of a bid, one signal a sign: of the two that hold it against other bids, the stronger.
fn signals(evidence: &[Evidence], room: &Room, at: usize) -> Vec<Signal> {
    let others = room.bids.iter().enumerate();
    let others = others
        .filter(|(place, sent)| *place != at && !sent.facts.is_withdrawn)
        .map(|(_, sent)| sent.bid.clone());
    let others: Vec<Entity> = others.collect();
    let mut signals: BTreeMap<Sign, Signal> = BTreeMap::new();
    for one in evidence {
        let sign = match one.sign {
            LowSign::BelowReference => Sign::BelowReference,
            LowSign::DoubleMean | LowSign::BelowOthers => Sign::BelowOthers,
            LowSign::BelowOwnHistory => Sign::BelowOwnHistory,
        };
        let shown = match sign {
            Sign::BelowOthers => others.clone(),
            _ => vec![room.bids[at].bid.clone()],
        };
        let signal = Signal {
            sign,
            value: one.below,
            threshold: one.sign.threshold(),
            percentile: None,
            is_raised: one.is_raised,
            support: shown.len() as u64,
            evidence: shown,
            detail: Some(("against_cents".to_owned(), one.against_cents as f64)),
        };
        let known = signals.entry(sign).or_insert_with(|| signal.clone());
        if signal.is_raised && !known.is_raised {
            *known = signal;
        }
    }
    signals.into_values().collect()
}
