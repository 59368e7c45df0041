//! `fit_prices`, `fit_likelihoods` and `fit_ranking`: what deals cost, how likely they are and which bid comes first, learnt anew from all that is
//! known, and served where that is no worse than the models in place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use deals::{
    Kind, ModelCard, ModelKind, Observed, PRICE_TO_REFERENCE, Previous, Purpose, Rows, Verdict,
    fit_likelihood, fit_price, fit_version,
};
use futures::future::BoxFuture;
use rayon::prelude::*;
use tabular::{Refusal, Stored, Value, to_bytes};

use super::{Job, fit_ranking};
use crate::{
    artefact::{Artefact, Learnt},
    context::{Context, Inputs},
    deal_models::{
        DECISIONS, Deal, DealTable, Fits, InPlace, Key, OBSERVATIONS, Observation, Standing,
        before_digest, before_table, in_place, observations,
    },
    rows,
};

const CODE: &str = "fit_models 3";
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
            ModelKind::Ranking => {
                return [fit_ranking::BIDS, DECISIONS].map(str::to_owned).to_vec();
            }
        };
        tables
            .into_iter()
            .chain([other, DECISIONS])
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
                "decisions before".to_owned(),
                before_table(context, DECISIONS),
            ),
            (
                "rules".to_owned(),
                serde_json::to_string(&context.project.price_rules()?)?,
            ),
        ]))
    }

    /// All but what people decided: more rows, and what the fits before led to.
    fn outlives(&self) -> BTreeSet<String> {
        let tables = self.reads().into_iter().filter(|table| table != DECISIONS);
        let tables = tables.map(|table| format!("input {table}"));
        let before = ["models in place", "decisions before"].map(str::to_owned);
        tables.chain(before).collect()
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let fits = self.fit(context, inputs).await?;
            let mut made = fits.commit(context, &self.writes(), fingerprint).await?;
            made.learnt = Some(Learnt {
                slot: context.slot,
                rows: inputs.values().map(|input| input.count("rows")).sum(),
            });
            Ok(made)
        })
    }
}

impl FitModels {
    async fn fit(&self, context: &Context, inputs: &Inputs) -> Result<Fits> {
        if self.says == ModelKind::Ranking {
            return fit_ranking::fit(context, inputs).await;
        }
        let mut tables = Vec::new();
        for table in DealTable::ALL {
            let digest = context.input(inputs, table.table)?.digest.clone();
            tables.push((table.kind, digest, table.read(context, inputs).await?));
        }
        let before = in_place(context, inputs, self.says).await?;
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
        Ok(fits)
    }
}

/// Kind of deal, digest of its table, the deals.
type Table = (Kind, String, Vec<Deal>);

fn prices(
    tables: &[Table],
    observed: &HashMap<(Kind, Key), Vec<Observation>>,
    before: &InPlace,
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
                        // What a ring or a spam account asked says nothing of what things cost.
                        weight: if one.is_tainted { 0.0 } else { 1.0 },
                    },
                );
                keys.push(&deal.key);
            }
        }
        let previous = before.models.prices.get(kind);
        let fitted = fit_price(&rows, slot, previous)?;
        // All prices of a deal lie in one fold: what was said of one of them was said of all.
        let unseen = keys
            .into_iter()
            .zip(fitted.unseen)
            .filter_map(|(key, said)| Some((key.clone(), said?)));
        Ok((
            *kind,
            Fit {
                model: fitted.model,
                card: fitted.card,
                unseen: unseen.collect(),
                previous: previous.cloned(),
            },
        ))
    };
    let fitted: Result<Vec<_>> = tables.par_iter().map(fit).collect();
    let mut fits = Fits::default();
    for (kind, fit) in fitted? {
        let served = fit.choose(kind, before, &mut fits)?;
        fits.served
            .prices
            .extend(served.map(|served| (kind, served)));
    }
    Ok(fits)
}

fn likelihoods(
    tables: &[Table],
    references: &HashMap<(Kind, Key), f64>,
    before: &InPlace,
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
                values.insert(PRICE_TO_REFERENCE, Value::Number(price / reference));
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
        let previous = before.models.likelihoods.get(kind);
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
            Fit {
                model: fitted.model,
                card: fitted.card,
                unseen: unseen.collect(),
                previous: previous.cloned(),
            },
        ))
    };
    let fitted: Result<Vec<_>> = tables.par_iter().map(fit).collect();
    let mut fits = Fits::default();
    for (kind, fit) in fitted? {
        let served = fit.choose(kind, before, &mut fits)?;
        fits.served
            .likelihoods
            .extend(served.map(|served| (kind, served)));
    }
    Ok(fits)
}

/// A fit, and what it stands against.
pub(super) struct Fit<M> {
    pub(super) model: Option<M>,
    pub(super) card: ModelCard,
    pub(super) unseen: HashMap<Key, Vec<f64>>,
    pub(super) previous: Option<Previous<M>>,
}

impl<M: Stored> Fit<M> {
    /// Returns what is served: the fit where it was promoted, with what it said unseen; else the model in place. A pinned one stays
    /// whatever is fitted, and one that was promoted by decision until a fit was found to be no worse.
    pub(super) fn choose(
        self,
        kind: Kind,
        before: &InPlace,
        fits: &mut Fits,
    ) -> Result<Option<Previous<M>>> {
        let (mut card, previous) = (self.card, self.previous);
        let standing = before.standings.get(&card.name);
        if let Some(model) = &self.model {
            fits.bytes.insert(card.name.clone(), to_bytes(model)?);
        }
        let same = previous
            .as_ref()
            .filter(|previous| previous.card.version == card.version);
        let is_same = same.is_some();
        if let Some(same) = same {
            // The same rows again: a version stays as it was first fitted, so that a night without news gives no other snapshot.
            card.clone_from(&same.card);
        }
        let is_held = match standing {
            Some(Standing::Promoted) => !is_same && !card.is_compared(),
            _ => false,
        };
        if is_held && card.is_promoted() {
            let reasons = vec![Refusal::Uncompared];
            card.verdict = Verdict::Refused { reasons };
        }
        let is_pinned = standing == Some(&Standing::Pinned) && !is_same;
        let promoted = self.model.filter(|_| card.is_promoted() && !is_pinned);
        // What is served is tonight's fit: it must not tell of deals what it learnt from them.
        if promoted.is_some() || is_same {
            let unseen = self.unseen.into_iter();
            fits.unseen
                .extend(unseen.map(|(key, said)| ((kind, key), said)));
        }
        fits.standings
            .extend(standing.map(|standing| (card.name.clone(), *standing)));
        fits.fitted.push(card.clone());
        Ok(promoted.map(|model| Previous { model, card }).or(previous))
    }
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
