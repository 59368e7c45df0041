//! The weights of the legs by section: the defaults, or others where judgements speak for them.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use matching::section_weights;
use retrieval::{Fusion, Weights};
use schemas::{GateResult, Manifest, Section};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tuning::{CheckedParams, Figures, Params, Report, Verdict};

use super::{assemble::fusion, judged::Judged, trial::Trial};
use crate::experiment::SearchWeights;

/// Raise it when the same judgements give other weights: also where a search says something else of the same document.
const CODE: &str = "weights 1";
/// Deals judged requests to folds, and draws the signs of the test.
const SEED: u64 = 1;
/// Where the cards lie in the manifest's fusion parameters.
const CARDS: &str = "tuning";
/// The sections whose weights are tuned: nobody judges concepts.
const TUNED: [Section; 2] = [Section::Companies, Section::Offers];

/// Tuned weights by section; a section that is not named has the defaults.
pub(crate) type Tuned = BTreeMap<Section, Weights>;
/// Judged requests by section.
pub(crate) type JudgedSections = BTreeMap<Section, Vec<Judged>>;

/// The weights of a snapshot's sections, and why they are these.
#[derive(Debug, Clone)]
pub(crate) struct SectionWeights {
    cards: BTreeMap<Section, Card>,
}

/// What is known of a section's weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Card {
    /// The tuned weights announced before; none where those were the defaults.
    previous: Option<Weights>,
    /// The tuned weights; none where these are the defaults.
    tuned: Option<Weights>,
    /// The weights that were fitted, whatever became of them; none where too little is judged.
    #[serde(default)]
    fitted: Option<Weights>,
    /// What the fit found.
    report: Report,
    /// Where weights are replaced: means over the judged requests, searched with the previous weights and with the new ones.
    searched: Option<[Figures; 2]>,
}

/// Returns the weights of a section that need no judgement.
pub(super) fn defaults(section: Section) -> Weights {
    section_weights(&fusion(), section.as_str())
}

/// Returns the weights of a section: its tuned legs, else the defaults.
fn weights(section: Section, tuned: Option<&Weights>) -> Weights {
    let defaults = defaults(section);
    tuned.map_or(defaults, |tuned| defaults.with_legs(tuned.legs()))
}

/// Returns what weights depend on besides collections, judgements and the weights announced before.
pub(crate) fn weights_code() -> String {
    format!("{CODE}, {}", tuning::method_version())
}

/// Returns the tuned weights of a snapshot.
pub(crate) fn tuned(manifest: Option<&Manifest>) -> Tuned {
    let of = |section: Section| {
        let card = manifest?.fusion.get(CARDS)?.get(section.as_str())?;
        let card: Card = serde_json::from_value(card.clone()).ok()?;
        Some((section, card.tuned?))
    };
    TUNED.into_iter().filter_map(of).collect()
}

impl SectionWeights {
    /// Chooses the weights for the collections in `dir`, from what is judged and from the weights announced before.
    pub(crate) async fn choose(
        dir: &Path,
        judged: &JudgedSections,
        previous: &Tuned,
    ) -> Result<Self> {
        let params = Params::new(SEED).check()?;
        let mut cards = Self::untold(previous)?.cards;
        if !judged.is_empty() {
            let trial = Trial::open(dir, judged.keys().copied()).await?;
            // A fit orders by the sum of weight × value; fusion by rank has other laws.
            let is_sum = |section: Section| defaults(section).fusion == Fusion::WeightedSum;
            for (section, judged) in judged.iter().filter(|(section, _)| is_sum(**section)) {
                let previous = previous.get(section).copied();
                cards.insert(
                    *section,
                    card(&params, &trial, (*section, judged.as_slice()), previous),
                );
            }
        }
        Ok(Self { cards })
    }

    /// The defaults, where nothing is judged.
    pub(crate) fn untold(previous: &Tuned) -> Result<Self> {
        let params = Params::new(SEED).check()?;
        let card = |section: Section| {
            let legs = defaults(section).legs();
            let card = Card {
                previous: previous.get(&section).copied(),
                tuned: None,
                fitted: None,
                report: params.tune(&[], &legs, &legs).report,
                searched: None,
            };
            (section, card)
        };
        Ok(Self {
            cards: TUNED.into_iter().map(card).collect(),
        })
    }

    /// Returns the weights by section, as a node reads them.
    pub(crate) fn weights(&self) -> Value {
        let mut all = fusion();
        for (section, card) in &self.cards {
            all[section.as_str()] = json!(weights(*section, card.tuned.as_ref()));
        }
        all
    }

    /// Returns the weights by section as an experiment tries them; none where something to try is missing, or nothing differs from
    /// [`Self::weights`].
    pub(crate) fn tried(&self, choice: SearchWeights) -> Option<Value> {
        let mut all = fusion();
        for (section, card) in &self.cards {
            let legs = match choice {
                SearchWeights::Default => None,
                SearchWeights::Tuned => card.fitted.or(card.tuned),
            };
            all[section.as_str()] = json!(weights(*section, legs.as_ref()));
        }
        (all != self.weights()).then_some(all)
    }

    /// Returns the manifest's fusion parameters: the weights, and what is known of them.
    pub(crate) fn parameters(&self) -> Value {
        let mut parameters = self.weights();
        parameters[CARDS] = json!(self.cards);
        parameters
    }

    /// Checks that no weights find less than those announced before: held out by what the fit reports, and where weights are replaced
    /// also by searches of the collections in `dir` as they are read back.
    pub(crate) async fn gates(
        &self,
        dir: &Path,
        judged: &JudgedSections,
    ) -> Result<Vec<GateResult>> {
        let mut results = Vec::new();
        for (section, card) in &self.cards {
            let mut detail = card.sentence();
            let mut is_passed = true;
            if card.searched.is_some() {
                let trial = Trial::open(dir, [*section].into_iter()).await?;
                let judged = judged.get(section).map_or(&[][..], Vec::as_slice);
                let [before, after] = card.searched_by(&trial, *section, judged);
                is_passed = is_no_worse([card.report.before, card.report.chosen()])
                    && is_no_worse([before, after]);
                detail = format!("{detail}; by searches, {}", compared([before, after]));
            }
            results.push(GateResult {
                name: format!("weights {}", section.as_str()),
                is_passed,
                detail,
            });
        }
        Ok(results)
    }
}

/// Fits a section's weights, and says what became of them.
fn card(
    params: &CheckedParams,
    trial: &Trial,
    (section, judged): (Section, &[Judged]),
    previous: Option<Weights>,
) -> Card {
    let questions = trial.questions(section, judged);
    let before = weights(section, previous.as_ref()).legs();
    let fitted = params.tune(&questions, &defaults(section).legs(), &before);
    let mut card = Card {
        previous,
        tuned: match fitted.report.verdict {
            Verdict::Promoted => Some(defaults(section).with_legs(fitted.weights)),
            Verdict::Reverted | Verdict::TooFew => None,
            Verdict::NoGain | Verdict::Chance | Verdict::LessFound => previous,
        },
        fitted: fitted.fitted.map(|legs| defaults(section).with_legs(legs)),
        report: fitted.report,
        searched: None,
    };
    if matches!(card.report.verdict, Verdict::Promoted | Verdict::Reverted) {
        let searched = card.searched_by(trial, section, judged);
        if is_no_worse(searched) {
            card.searched = Some(searched);
        } else {
            // Held out they are better, and of all together they find less: no reason to change.
            card.report.verdict = Verdict::LessFound;
            card.tuned = previous;
        }
    }
    card
}

impl Card {
    /// Searches with the weights announced before, and with these.
    fn searched_by(&self, trial: &Trial, section: Section, judged: &[Judged]) -> [Figures; 2] {
        [self.previous, self.tuned]
            .map(|tuned| trial.figures(section, judged, weights(section, tuned.as_ref())))
    }

    fn sentence(&self) -> String {
        let report = &self.report;
        let became = match report.verdict {
            Verdict::Promoted => "fitted weights replace the previous ones",
            Verdict::Reverted => "the defaults replace the previous weights",
            Verdict::TooFew => return format!("{}: too few, the defaults stand", counted(report)),
            Verdict::NoGain => "the previous weights stay, fitted ones are hardly better",
            Verdict::Chance => "the previous weights stay, fitted ones may be better by chance",
            Verdict::LessFound => "the previous weights stay, fitted ones find less",
        };
        let held_out = compared([report.before, report.chosen()]);
        format!("{}: {became}; held out, {held_out}", counted(report))
    }
}

fn counted(report: &Report) -> String {
    format!(
        "{} judged requests, {} of them unlike",
        report.questions, report.groups
    )
}

fn compared([before, after]: [Figures; 2]) -> String {
    format!(
        "NDCG@10 {:.3} after {:.3}, Recall@20 {:.3} after {:.3}",
        after.ndcg_10, before.ndcg_10, after.recall_20, before.recall_20
    )
}

fn is_no_worse([before, after]: [Figures; 2]) -> bool {
    // As much as sums may differ by rounding.
    const ROUNDING: f64 = 1e-9;
    after.ndcg_10 >= before.ndcg_10 - ROUNDING && after.recall_20 >= before.recall_20 - ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights of which those of companies were fitted, and maybe put in place.
    fn fitted(is_in_place: bool) -> (SectionWeights, Weights) {
        let mut weights = SectionWeights::untold(&Tuned::new()).unwrap();
        let mut legs = defaults(Section::Companies).legs();
        legs[0] *= 2.0;
        let fitted = defaults(Section::Companies).with_legs(legs);
        let card = weights.cards.get_mut(&Section::Companies).unwrap();
        card.fitted = Some(fitted);
        card.tuned = is_in_place.then_some(fitted);
        (weights, fitted)
    }

    #[test]
    fn what_is_in_place_is_not_tried() {
        let untold = SectionWeights::untold(&Tuned::new()).unwrap();
        assert_eq!(untold.tried(SearchWeights::Default), None);
        assert_eq!(untold.tried(SearchWeights::Tuned), None);
        assert_eq!(fitted(false).0.tried(SearchWeights::Default), None);
        assert_eq!(fitted(true).0.tried(SearchWeights::Tuned), None);
    }

    #[test]
    fn fitted_weights_are_tried_where_the_gate_did_not_put_them_in_place_and_the_defaults_where_it_did()
     {
        let (weights, fitted_legs) = fitted(false);
        let tried = weights.tried(SearchWeights::Tuned).unwrap();
        assert_eq!(
            section_weights(&tried, "companies").legs(),
            fitted_legs.legs()
        );
        assert_eq!(tried["offers"], weights.weights()["offers"]);
        let tried = fitted(true).0.tried(SearchWeights::Default).unwrap();
        assert_eq!(
            section_weights(&tried, "companies"),
            defaults(Section::Companies)
        );
    }
}
