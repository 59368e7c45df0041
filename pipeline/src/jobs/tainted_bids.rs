//! `gold.tainted_bids`: bids whose prices are no prices, as far as is known before prices are learnt.
//!
//! Spam and collusion are seen without a price model, so that it can be learnt without them; dumping is seen by it, and is left out once someone confirmed it.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, EntityKind, Family};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;
use lineage::Kind;
use serde::Serialize;

use super::{
    Declared,
    table_job::{Rows, contract},
};
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
    signs::{DECISIONS, Signals, Verdicts, read_signals},
};

/// The table.
pub(super) const TABLE: &str = "gold.tainted_bids";
const BIDS: &str = "silver.bids";
const SIGNALS: [&str; 2] = ["gold.conduct_signals", "gold.collusion_signals"];

/// Says which bids are left out.
pub(super) struct TaintedBids;

#[derive(Serialize)]
struct Tainted {
    tenant: String,
    bid_id: String,
    family: &'static str,
    by: String,
}

impl Rows for TaintedBids {
    const TABLE: &'static str = "tainted_bids";

    fn reads(&self) -> Vec<String> {
        let all = SIGNALS.into_iter().chain([BIDS, DECISIONS]);
        all.map(str::to_owned).collect()
    }

    fn columns(&self) -> Vec<Declared> {
        let same = |name| (name, vec![format!("{BIDS}.{name}")], Kind::Identity);
        vec![same("tenant"), same("bid_id")]
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([(
            "code".to_owned(),
            abuse::RULES.to_owned(),
        )]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let mut signals = Signals::new();
            for table in SIGNALS {
                read_signals(context, inputs, table, &mut signals).await?;
            }
            let verdicts = Verdicts::read(context, inputs).await?;
            let flagged = flagged(&signals, &verdicts);
            let files = context.input_files(inputs, BIDS).await?;
            let mut tainted = Vec::new();
            for batch in rows::open_all(&files)? {
                for row in Row::all(&batch?) {
                    tainted.extend(tainted_bid(row, &flagged));
                }
            }
            tainted.sort_by(|a, b| (&a.tenant, &a.bid_id).cmp(&(&b.tenant, &b.bid_id)));
            rows::batch(&contract::<Self>(context)?, &tainted)
        })
    }
}

/// What is flagged, and as what.
fn flagged(signals: &Signals, verdicts: &Verdicts) -> BTreeMap<(String, Entity), Family> {
    let precisions = verdicts.precisions(signals);
    let mut flagged = BTreeMap::new();
    for whose in verdicts.things(signals) {
        let case = verdicts.case(whose, signals, &precisions);
        if case.level.is_flagged() {
            // What was confirmed without a sign that is seen here is a matter of its price.
            flagged.insert(whose.clone(), case.family.unwrap_or(Family::Dumping));
        }
    }
    flagged
}

/// A bid is tainted by itself, or by a bidder who sends spam or was confirmed to dump. A bidder of a ring taints the bids of the ring only: those are flagged themselves.
fn tainted_bid(row: Row<'_>, flagged: &BTreeMap<(String, Entity), Family>) -> Option<Tainted> {
    let tenant = row.text("tenant")?;
    let entity = |kind, column| Some(Entity::new(kind, row.text(column)?));
    let (bid, provider) = (
        entity(EntityKind::Bid, "bid_id")?,
        entity(EntityKind::Provider, "provider_id")?,
    );
    let of = |entity: &Entity| flagged.get(&(tenant.to_owned(), entity.clone()));
    let by_provider =
        of(&provider).filter(|family| matches!(family, Family::Spam | Family::Dumping));
    let (by, family) = match (of(&bid), by_provider) {
        (Some(family), _) => (&bid, family),
        (None, Some(family)) => (&provider, family),
        (None, None) => return None,
    };
    Some(Tainted {
        tenant: tenant.to_owned(),
        family: family.as_str(),
        by: by.to_string(),
        bid_id: bid.id.clone(),
    })
}

/// Reads the bids that are left out, as tenant and bid.
pub(super) async fn read(context: &Context, inputs: &Inputs) -> Result<BTreeSet<(String, String)>> {
    let file = context.input_file(inputs, TABLE).await?;
    let mut all = BTreeSet::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            all.insert((text("tenant"), text("bid_id")));
        }
    }
    Ok(all)
}
