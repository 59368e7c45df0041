//! The section of fitted models, and what the gate said of tonight's fits.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use deals::DealModels;
use schemas::{GateResult, Section, TableEntry};

use crate::{
    context::{Context, Inputs},
    deal_models::{Fits, MODEL_ENTRY, Standing},
};

/// What the jobs made of models.
pub(crate) const MODELS: [&str; 3] = ["models.prices", "models.likelihoods", "models.ranking"];

/// Writes the models to serve below `dir`; returns what they are, by name.
pub(crate) async fn write_models(
    context: &Context,
    inputs: &Inputs,
    dir: &Path,
) -> Result<BTreeMap<String, TableEntry>> {
    let served = served(context, inputs).await?;
    let folder = dir.join(Section::Models.as_str());
    std::fs::create_dir_all(&folder)?;
    served.save(&folder)?;
    let entries = served.cards().into_iter().map(|card| {
        let entry = TableEntry {
            rows: card.rows as u64,
            digest: card.digest.clone(),
        };
        (format!("{MODEL_ENTRY}{}", card.name), entry)
    });
    Ok(entries.collect())
}

/// Reads the models to serve.
pub(super) async fn served(context: &Context, inputs: &Inputs) -> Result<DealModels> {
    let [prices, likelihoods, rankings] = read(context, inputs).await?;
    Ok(DealModels {
        prices: prices.served.prices,
        likelihoods: likelihoods.served.likelihoods,
        rankings: rankings.served.rankings,
        rules: prices.served.rules,
    })
}

/// Says of each of tonight's fits whether it is served, or what is instead. A refused fit refuses no snapshot: the model in place is
/// carried over, or there is none and the node says so.
pub(super) async fn gates(context: &Context, inputs: &Inputs) -> Result<Vec<GateResult>> {
    let mut results = Vec::new();
    for fits in read(context, inputs).await? {
        let cards = fits.served.cards();
        for card in &fits.fitted {
            let served = cards.iter().find(|served| served.name == card.name);
            let became = match served {
                Some(served) if served.version == card.version => {
                    format!("version {} is served", card.version)
                }
                Some(served) if fits.standings.get(&card.name) == Some(&Standing::Pinned) => {
                    format!("version {} is pinned", served.version)
                }
                Some(served) => format!(
                    "version {} of {} is carried over",
                    served.version, served.slot
                ),
                None => "none is served".to_owned(),
            };
            results.push(GateResult {
                name: format!("model {}", card.name),
                is_passed: true,
                detail: format!("{}; {became}", card.sentence()),
            });
        }
    }
    Ok(results)
}

async fn read(context: &Context, inputs: &Inputs) -> Result<[Fits; 3]> {
    let [prices, likelihoods, rankings] = MODELS;
    Ok([
        Fits::read(context, inputs, prices).await?,
        Fits::read(context, inputs, likelihoods).await?,
        Fits::read(context, inputs, rankings).await?,
    ])
}
