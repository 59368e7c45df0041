//! What a fit has to stand against.

use std::collections::{BTreeMap, BTreeSet};

use tabular::{GateParams, Refusal, Stored, TabularError, digest};

use super::{LEAST_DEALS, SEED};
use crate::{
    card::{ModelCard, ModelKind, Verdict},
    rows::Rows,
};

/// Rows that are new to the model in place below which it is not compared.
const LEAST_NEW_ROWS: usize = 30;

/// The model in place, with its card.
#[derive(Debug, Clone, PartialEq)]
pub struct Previous<M> {
    /// The model.
    pub model: M,
    /// Its card.
    pub card: ModelCard,
}

impl<M> Previous<M> {
    /// The places of rows that came after all that it learnt from, and that count; none where they are too few to compare by.
    pub(super) fn new_rows(&self, rows: &Rows, weights: &[f32]) -> Option<Vec<usize>> {
        let observed = rows.observed.iter().zip(weights).enumerate();
        let new = observed
            .filter(|(_, (row, weight))| row.day > self.card.data_until_day && **weight > 0.0);
        let places: Vec<usize> = new.map(|(place, _)| place).collect();
        (places.len() >= LEAST_NEW_ROWS).then_some(places)
    }
}

/// Counts the deals of rows that count.
pub(super) fn deals(rows: &Rows, weights: &[f32]) -> usize {
    let counted = rows
        .observed
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight > 0.0);
    counted
        .map(|(row, _)| row.deal)
        .collect::<BTreeSet<_>>()
        .len()
}

/// The card of what is not fitted yet.
pub(super) fn blank(
    rows: &Rows,
    says: ModelKind,
    slot: &str,
    parent: Option<&ModelCard>,
) -> ModelCard {
    let weights: Vec<f32> = rows.observed.iter().map(|row| row.weight).collect();
    let deals = deals(rows, &weights);
    ModelCard {
        name: says.name(rows.kind),
        kind: rows.kind,
        says,
        version: String::new(),
        digest: String::new(),
        slot: slot.to_owned(),
        data_digest: rows.data_digest.clone(),
        data_until_day: rows.last_day(),
        rows: weights.iter().filter(|weight| **weight > 0.0).count(),
        deals,
        seed: SEED,
        params: BTreeMap::new(),
        features: Vec::new(),
        champion: String::new(),
        metrics: BTreeMap::new(),
        folds: Vec::new(),
        by_time: Vec::new(),
        reliability: Vec::new(),
        parent: parent.map(|card| card.version.clone()),
        verdict: Verdict::TooFew {
            deals,
            wanted: LEAST_DEALS,
        },
    }
}

/// Names the model on its card.
pub(crate) fn name<M: Stored>(card: &mut ModelCard, model: &M) -> Result<(), TabularError> {
    card.digest = digest(model)?;
    card.version = card.digest[..16].to_owned();
    Ok(())
}

/// The verdict of the gate.
pub(super) fn verdict(refusals: Vec<Refusal>) -> Verdict {
    if refusals.is_empty() {
        Verdict::Promoted
    } else {
        Verdict::Refused { reasons: refusals }
    }
}

/// The gate's bounds for so many independent deals: a gap may be as wide as chance makes it, beside what is tolerated, and skill must be
/// beyond what chance gives.
pub(super) fn gate(least_skill: f64, chance: f64, deals: usize) -> GateParams {
    let defaults = GateParams::default();
    GateParams {
        least_skill: least_skill.max(5.0 / deals.max(1) as f64),
        gap: defaults.gap + chance,
        ..defaults
    }
}
