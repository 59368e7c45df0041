//! `fit_prices`, `fit_likelihoods` and `fit_ranking`: what deals cost, how likely they are and which bid comes first, learnt anew from all that is
//! known, and served where that is no worse than the models in place.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use deals::{
    DealModels, Kind, ModelKind, Observed, Previous, Purpose, Rows, fit_likelihood, fit_price,
    fit_version,
};
use futures::future::BoxFuture;
use rayon::prelude::*;
use tabular::Value;

use super::{Job, fit_ranking};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    deal_models::{
        Deal, DealTable, Fits, Key, OBSERVATIONS, Observation, Unseen, before, before_digest,
        observations,
    },
    rows,
};

const CODE: &str = "fit_models 1";
/// The table of reference prices, which likelihoods hold prices against.
const REFERENCE: &str = "gold.price_reference";

/// Fits the models that say one thing, of every kind of deal.
pub(super) struct FitModels {
    pub(super) says: ModelKind,
}

/// What a job made of models is called.
pub(crate) const fn artefact_of(says: ModelKind) -> &'static str {
    match says {
        ModelKind::Price => "models.prices",
        ModelKind::Likelihood => "models.likelihoods",
        ModelKind::Ranking => "models.ranking",
    }
}

impl Job for FitModels {
    fn name(&self) -> String {
        match self.says {
            ModelKind::Price => "fit_prices",
            ModelKind::Likelihood => "fit_likelihoods",
            ModelKind::Ranking => "fit_ranking",
        }
        .to_owned()
    }

    fn reads(&self) -> Vec<String> {
        let tables = DealTable::ALL.map(|table| table.table);
        let other = match self.says {
            ModelKind::Price => OBSERVATIONS,
            ModelKind::Likelihood => REFERENCE,
            ModelKind::Ranking => return vec![fit_ranking::BIDS.to_owned()],
        };
        tables
            .into_iter()
            .chain([other])
            .map(str::to_owned)
            .collect()
    }

    fn writes(&self) -> String {
        artefact_of(self.says).to_owned()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([
            ("code".to_owned(), format!("{CODE}, {}", fit_version())),
            ("models in place".to_owned(), before_digest(context)),
            (
                "rules".to_owned(),
                serde_json::to_string(&context.project.price_rules()?)?,
            ),
        ]))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            if self.says == ModelKind::Ranking {
                let fits = fit_ranking::fit(context, inputs).await?;
                return fits.commit(context, &self.writes(), fingerprint).await;
            }
            let mut tables = Vec::new();
            for table in DealTable::ALL {
                let digest = context.input(inputs, table.table)?.digest.clone();
                tables.push((table.kind, digest, table.read(context, inputs).await?));
            }
            let before = before(context).await?;
            let slot = context.slot.to_string();
            let mut fits = match self.says {
                ModelKind::Price => {
                    let observed = observations(context, inputs).await?;
                    tokio::task::spawn_blocking(move || prices(&tables, &observed, &before, &slot))
                        .await??
                }
                ModelKind::Likelihood | ModelKind::Ranking => {
                    let references = references(context, inputs).await?;
                    tokio::task::spawn_blocking(move || {
                        likelihoods(&tables, &references, &before, &slot)
                    })
                    .await??
                }
            };
            fits.served.rules = context.project.price_rules()?;
            fits.commit(context, &self.writes(), fingerprint).await
        })
    }
}

/// Kind of deal, digest of its table, the deals.
type Table = (Kind, String, Vec<Deal>);

fn prices(
    tables: &[Table],
    observed: &HashMap<(Kind, Key), Vec<Observation>>,
    before: &DealModels,
    slot: &str,
) -> Result<Fits> {
    let fit = |(kind, digest, deals): &Table| {
        let mut rows = Rows::new(*kind, Purpose::Price, digest.clone());
        let mut keys = Vec::new();
        for (place, deal) in deals.iter().enumerate() {
            let of_deal = observed.get(&(*kind, deal.key.clone()));
            for one in of_deal.into_iter().flatten() {
                let (deal_number, target) = (place as u64, one.cents);
                rows.push(
                    &deal.facts.values(),
                    Observed {
                        deal: deal_number,
                        day: one.day,
                        target,
                        weight: 1.0,
                    },
                );
                keys.push(&deal.key);
            }
        }
        let previous = before.prices.get(kind);
        let fitted = fit_price(&rows, slot, previous)?;
        // All prices of a deal lie in one fold: what was said of one of them was said of all.
        let unseen = keys
            .into_iter()
            .zip(fitted.unseen)
            .filter_map(|(key, said)| Some((key.clone(), said?)));
        Ok((
            *kind,
            fitted.model,
            fitted.card,
            unseen.collect::<HashMap<_, _>>(),
            previous.cloned(),
        ))
    };
    let fitted: Result<Vec<_>> = tables.par_iter().map(fit).collect();
    let mut fits = Fits::default();
    for (kind, model, card, unseen, previous) in fitted? {
        let served = choose(model, &card, previous, kind, unseen, &mut fits.unseen);
        fits.served
            .prices
            .extend(served.map(|served| (kind, served)));
        fits.fitted.push(card);
    }
    Ok(fits)
}

fn likelihoods(
    tables: &[Table],
    references: &HashMap<(Kind, Key), f64>,
    before: &DealModels,
    slot: &str,
) -> Result<Fits> {
    let fit = |(kind, digest, deals): &Table| {
        let mut rows = Rows::new(*kind, Purpose::Likelihood, digest.clone());
        let mut keys = Vec::new();
        for (place, deal) in deals.iter().enumerate() {
            let Some(outcome) = deal.outcome else {
                continue;
            };
            let mut values = deal.facts.values();
            if let (Some(price), Some(reference)) =
                (deal.price_cents, references.get(&(*kind, deal.key.clone())))
            {
                values.insert("price_to_reference", Value::Number(price / reference));
            }
            let observed = Observed {
                deal: place as u64,
                day: deal.day,
                target: outcome as f64,
                weight: 1.0,
            };
            rows.push(&values, observed);
            keys.push(&deal.key);
        }
        let previous = before.likelihoods.get(kind);
        let fitted = fit_likelihood(&rows, slot, previous)?;
        let said = fitted
            .unseen
            .into_iter()
            .map(|said| said.map(|said| vec![said]));
        let unseen = keys
            .into_iter()
            .zip(said)
            .filter_map(|(key, said)| Some((key.clone(), said?)));
        Ok((
            *kind,
            fitted.model,
            fitted.card,
            unseen.collect::<HashMap<_, _>>(),
            previous.cloned(),
        ))
    };
    let fitted: Result<Vec<_>> = tables.par_iter().map(fit).collect();
    let mut fits = Fits::default();
    for (kind, model, card, unseen, previous) in fitted? {
        let served = choose(model, &card, previous, kind, unseen, &mut fits.unseen);
        fits.served
            .likelihoods
            .extend(served.map(|served| (kind, served)));
        fits.fitted.push(card);
    }
    Ok(fits)
}

/// The fit where it was promoted, with what it said unseen; else the model in place.
fn choose<M>(
    model: Option<M>,
    card: &deals::ModelCard,
    previous: Option<Previous<M>>,
    kind: Kind,
    unseen: HashMap<Key, Vec<f64>>,
    all: &mut Unseen,
) -> Option<Previous<M>> {
    let promoted = model.filter(|_| card.is_promoted());
    if promoted.is_some() {
        all.extend(unseen.into_iter().map(|(key, said)| ((kind, key), said)));
    }
    let card = card.clone();
    promoted.map(|model| Previous { model, card }).or(previous)
}

/// Reads the median price of every deal.
async fn references(context: &Context, inputs: &Inputs) -> Result<HashMap<(Kind, Key), f64>> {
    let file = context.input_file(inputs, REFERENCE).await?;
    let mut all = HashMap::new();
    for batch in rows::open(file.path())? {
        for row in rows::Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let Some(kind) = row.text("kind").and_then(|kind| kind.parse().ok()) else {
                continue;
            };
            let Some(cents) = row.integer("p50_cents").filter(|cents| *cents > 0) else {
                continue;
            };
            all.insert(
                (
                    kind,
                    Key {
                        tenant: text("tenant"),
                        id: text("deal_id"),
                    },
                ),
                cents as f64,
            );
        }
    }
    Ok(all)
}
