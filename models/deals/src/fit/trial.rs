//! What a fit has to stand against.

use std::collections::{BTreeMap, BTreeSet};

use tabular::{Evidence, GateParams, Refusal, Stored, TabularError, digest};

use super::{LEAST_DEALS, SEED};
use crate::{
    Kind,
    card::{ModelCard, ModelKind, NEW_ROWS_LOSS, Verdict},
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
    let material = Material {
        kind: rows.kind,
        says,
        data_digest: &rows.data_digest,
        data_until_day: rows.last_day(),
        rows: weights.iter().filter(|weight| **weight > 0.0).count(),
        deals: deals(rows, &weights),
        wanted: LEAST_DEALS,
    };
    material.card(slot, parent)
}

/// What is learnt from, as a card tells it.
pub(crate) struct Material<'a> {
    pub(crate) kind: Kind,
    pub(crate) says: ModelKind,
    pub(crate) data_digest: &'a str,
    pub(crate) data_until_day: i64,
    pub(crate) rows: usize,
    pub(crate) deals: usize,
    /// Deals below which nothing is fitted.
    pub(crate) wanted: usize,
}

impl Material<'_> {
    /// The card of what is not fitted yet.
    pub(crate) fn card(self, slot: &str, parent: Option<&ModelCard>) -> ModelCard {
        ModelCard {
            name: self.says.name(self.kind),
            kind: self.kind,
            says: self.says,
            version: String::new(),
            digest: String::new(),
            slot: slot.to_owned(),
            data_digest: self.data_digest.to_owned(),
            data_until_day: self.data_until_day,
            rows: self.rows,
            deals: self.deals,
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
                deals: self.deals,
                wanted: self.wanted,
            },
        }
    }
}

/// Tells the losses of the fit and of the model in place on rows that neither had seen, where they could be compared.
pub(crate) fn compare(card: &mut ModelCard, evidence: &mut Evidence, losses: Option<[f64; 2]>) {
    if let Some([challenger, champion]) = losses {
        (evidence.challenger, evidence.champion) = (challenger, Some(champion));
        let previous = "previous loss on new rows".to_owned();
        card.metrics.insert(NEW_ROWS_LOSS.to_owned(), challenger);
        card.metrics.insert(previous, champion);
    }
}

/// Names the model on its card.
pub(crate) fn name<M: Stored>(card: &mut ModelCard, model: &M) -> Result<(), TabularError> {
    card.digest = digest(model)?;
    card.version = card.digest[..16].to_owned();
    Ok(())
}

/// The verdict of the gate.
pub(crate) fn verdict(refusals: Vec<Refusal>) -> Verdict {
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
