//! `gold.price_signals`: signs of dumping in what bids ask, and in what bidders ask again and again.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, EntityKind, Offer, Offers, Signal, habits, low_bids};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;

use super::{
    table_job::{Rows, contract},
    tainted_bids,
};
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
    signs::{Found, signal_rows},
};

/// The bids of every auction.
const BIDS: &str = "gold.project_bids";

/// Looks at every bid.
pub(super) struct PriceSignals;

/// Auctions by tenant and project.
type Auctions = BTreeMap<String, BTreeMap<String, Offers>>;

impl Rows for PriceSignals {
    const TABLE: &'static str = "price_signals";

    fn reads(&self) -> Vec<String> {
        [BIDS, tainted_bids::TABLE].map(str::to_owned).to_vec()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([("code".to_owned(), abuse::RULES.to_owned())]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let tainted = tainted_bids::read(context, inputs).await?;
            let auctions = read(context, inputs, &tainted).await?;
            let found = tokio::task::spawn_blocking(move || look(auctions)).await?;
            rows::batch(&contract::<Self>(context)?, &signal_rows(found))
        })
    }
}

/// Reads the bids that stand. What spam accounts bid is no price, and what a ring agreed says nothing of who asks too little.
async fn read(
    context: &Context,
    inputs: &Inputs,
    tainted: &BTreeSet<(String, String)>,
) -> Result<Auctions> {
    let file = context.input_file(inputs, BIDS).await?;
    let mut auctions = Auctions::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let claim = |column| row.claim(column) == Some(true);
            let is_left_out = claim("is_late")
                || claim("is_withdrawn")
                || tainted.contains(&(text("tenant"), text("bid_id")));
            let price = row.integer("price_cents").filter(|cents| *cents > 0);
            let (Some(price_cents), false) = (price, is_left_out) else {
                continue;
            };
            let of_tenant = auctions.entry(text("tenant")).or_default();
            let offers = of_tenant.entry(text("project_id")).or_default();
            offers.p10_cents = row.integer("p10_cents");
            offers.bids.push(Offer {
                bid: Entity::new(EntityKind::Bid, text("bid_id")),
                provider: Entity::new(EntityKind::Provider, text("provider_id")),
                price_cents,
            });
        }
    }
    Ok(auctions)
}

fn look(auctions: Auctions) -> Vec<Found> {
    let mut found = Vec::new();
    for (tenant, auctions) in auctions {
        let auctions: Vec<Offers> = auctions.into_values().collect();
        let mut add = |of: &Entity, signal: Signal| {
            found.push(Found {
                tenant: tenant.clone(),
                of: of.clone(),
                signal,
                said_by: abuse::RULES.to_owned(),
            });
        };
        let bids = low_bids(&auctions);
        for (provider, signals) in habits(&bids) {
            for signal in signals {
                add(&provider, signal);
            }
        }
        // Of the many bids that no sign speaks against nothing is written.
        let low = bids.into_iter();
        for bid in low.filter(|bid| bid.signals.iter().any(|one| one.is_raised)) {
            for signal in bid.signals {
                add(&bid.bid, signal);
            }
        }
    }
    found
}
