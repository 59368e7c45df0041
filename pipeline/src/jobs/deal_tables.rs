//! `gold.price_reference` and `gold.likelihoods`: what the models say of every deal.

use std::collections::BTreeMap;

use anyhow::Result;
use arrow::record_batch::RecordBatch;
use deals::{Kind, ModelKind};
use futures::future::BoxFuture;
use serde::Serialize;

use super::{
    Declared,
    fit_models::artefact_of,
    table_job::{Rows, contract},
};
use crate::{
    context::{Context, Inputs},
    deal_models::{Deal, DealTable, Fits},
    rows,
};

const CODE: &str = "deal_tables 2";

/// What every deal should cost.
pub(super) struct PriceReference;
/// How likely every deal is, or was.
pub(super) struct Likelihoods;

#[derive(Serialize)]
struct Reference<'a> {
    tenant: &'a str,
    kind: &'static str,
    deal_id: &'a str,
    p10_cents: i64,
    p50_cents: i64,
    p90_cents: i64,
    model_version: &'a str,
    is_unseen: bool,
}

#[derive(Serialize)]
struct Likelihood<'a> {
    tenant: &'a str,
    kind: &'static str,
    deal_id: &'a str,
    probability: f64,
    outcome: Option<i64>,
    model_version: &'a str,
    is_unseen: bool,
    day: String,
}

fn reads(says: ModelKind) -> Vec<String> {
    let tables = DealTable::ALL.map(|table| table.table);
    let all = tables.into_iter().chain([artefact_of(says)]);
    all.map(str::to_owned).collect()
}

/// The key of a deal is that of its feature table.
fn columns() -> Vec<Declared> {
    let of = |column: fn(&DealTable) -> String| DealTable::ALL.iter().map(column).collect();
    let tenants = of(|table| format!("{}.tenant", table.table));
    let ids = of(|table| format!("{}.{}", table.table, table.id()));
    vec![
        ("tenant", tenants, lineage::Kind::Identity),
        ("deal_id", ids, lineage::Kind::Identity),
    ]
}

fn code() -> BTreeMap<String, String> {
    BTreeMap::from([("code".to_owned(), CODE.to_owned())])
}

/// Every deal, in the order of the tables' keys.
async fn deals(context: &Context, inputs: &Inputs) -> Result<Vec<(Kind, Deal)>> {
    let mut deals = Vec::new();
    for table in DealTable::ALL {
        let read = table.read(context, inputs).await?;
        deals.extend(read.into_iter().map(|deal| (table.kind, deal)));
    }
    let place =
        |(kind, deal): &(Kind, Deal)| (deal.key.tenant.clone(), kind.as_str(), deal.key.id.clone());
    deals.sort_by_cached_key(place);
    Ok(deals)
}

impl Rows for PriceReference {
    const TABLE: &'static str = "price_reference";

    fn reads(&self) -> Vec<String> {
        reads(ModelKind::Price)
    }

    fn columns(&self) -> Vec<Declared> {
        columns()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(code())
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let fits = Fits::read(context, inputs, artefact_of(ModelKind::Price)).await?;
            let deals = deals(context, inputs).await?;
            let said = deals.iter().filter_map(|(kind, deal)| {
                let served = fits.served.prices.get(kind)?;
                let prices = match fits.unseen.get(&(*kind, deal.key.clone())) {
                    Some(unseen) => unseen.clone(),
                    None => served.prices(&deal.facts.values()),
                };
                let [p10, p50, p90] = prices[..] else {
                    return None;
                };
                Some(Reference {
                    tenant: &deal.key.tenant,
                    kind: kind.as_str(),
                    deal_id: &deal.key.id,
                    p10_cents: p10.round() as i64,
                    p50_cents: p50.round() as i64,
                    p90_cents: p90.round() as i64,
                    model_version: &served.card.version,
                    is_unseen: fits.is_new(&served.card),
                })
            });
            rows::batch(&contract::<Self>(context)?, &said.collect::<Vec<_>>())
        })
    }
}

impl Rows for Likelihoods {
    const TABLE: &'static str = "likelihoods";

    fn reads(&self) -> Vec<String> {
        let mut all = reads(ModelKind::Likelihood);
        all.push(artefact_of(ModelKind::Price).to_owned());
        all
    }

    fn columns(&self) -> Vec<Declared> {
        columns()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(code())
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let mut fits = Fits::read(context, inputs, artefact_of(ModelKind::Likelihood)).await?;
            fits.served.prices = Fits::read(context, inputs, artefact_of(ModelKind::Price))
                .await?
                .served
                .prices;
            let deals = deals(context, inputs).await?;
            let said = deals.iter().filter_map(|(kind, deal)| {
                let unseen = fits
                    .unseen
                    .get(&(*kind, deal.key.clone()))
                    .and_then(|said| said.first());
                let card = &fits.served.likelihoods.get(kind)?.card;
                let told = || {
                    let values = deal.facts.values();
                    fits.served.probability(*kind, &values, deal.price_cents)
                };
                Some(Likelihood {
                    tenant: &deal.key.tenant,
                    kind: kind.as_str(),
                    deal_id: &deal.key.id,
                    probability: unseen.copied().or_else(told)?.clamp(0.0, 1.0),
                    outcome: deal.outcome,
                    model_version: &card.version,
                    is_unseen: fits.is_new(card),
                    day: rows::date_text(deal.day),
                })
            });
            rows::batch(&contract::<Self>(context)?, &said.collect::<Vec<_>>())
        })
    }
}
