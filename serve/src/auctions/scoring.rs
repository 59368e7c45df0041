//! Scores of bids as sums of named parts, whoever ranks.

use deals::{
    Kind, Previous,
    bids::{Auction, bid_feature, global_weights},
};
use ranking::{CheckedWeights, RankModel, Term};
use serde::Serialize;

use super::{BidRow, Room};
use crate::{ApiError, Serving, deals::DealBook, language::Language};

/// Who ranks the bids of a project.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ranker<'m> {
    /// GlobalScore.
    Formula(CheckedWeights),
    /// The learned ranker, which won its contest.
    Learned(&'m Previous<RankModel>),
}

/// Who ranks, as answers say it.
#[derive(Debug, Serialize)]
pub(crate) struct RankedBy {
    /// `formula` or `model`.
    by: &'static str,
    /// The learned ranker's version.
    model_version: Option<String>,
    /// Each term's share of GlobalScore where all are known; they sum to 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weights: Vec<(&'static str, f64)>,
    /// What the night's contest said of formula and model.
    contest: Option<String>,
}

/// What adds to a score.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Part {
    /// A term of GlobalScore, or a feature of the learned ranker.
    pub(crate) term: String,
    /// The same in words.
    pub(crate) label: String,
    /// The term's value, in [0, 1]; none of a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<f64>,
    /// Its share of the weights; none of a feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weight: Option<f64>,
    pub(crate) contribution: f64,
}

/// A bid's score: `base` and the contributions sum to it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scored {
    pub(crate) score: f64,
    /// What every bid has: 0 where the formula ranks.
    pub(crate) base: f64,
    pub(crate) breakdown: Vec<Part>,
    /// Terms of which nothing is known: their weight went to the others.
    pub(crate) unknown: Vec<&'static str>,
}

/// How two bids differ by one term.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) term: String,
    pub(crate) label: String,
    pub(crate) this: f64,
    pub(crate) other: f64,
    /// `this - other`; they sum to the difference of the scores.
    pub(crate) difference: f64,
}

impl<'m> Ranker<'m> {
    /// The formula where the caller sets weights or nothing better was learnt, else the learned ranker.
    pub(crate) fn choose(
        book: &'m DealBook,
        weights: Option<CheckedWeights>,
    ) -> Result<Self, ApiError> {
        if let Some(weights) = weights {
            return Ok(Self::Formula(weights));
        }
        let learned = book.models().rankings.get(&Kind::Project);
        match learned.filter(|one| one.model.learned().is_some()) {
            Some(one) => Ok(Self::Learned(one)),
            None => {
                let usual = global_weights(&[]).map_err(|_| ApiError::internal())?;
                Ok(Self::Formula(usual))
            }
        }
    }

    /// Scores one bid of an auction.
    pub(crate) fn score(
        &self,
        auction: &Auction,
        at: usize,
        language: Language,
    ) -> Result<Scored, ApiError> {
        match self {
            Self::Formula(weights) => {
                let found = auction
                    .global(at, weights)
                    .map_err(|_| ApiError::internal())?;
                let parts = found.parts.iter().map(|part| Part {
                    term: part.term.name().to_owned(),
                    label: label(part.term, language).to_owned(),
                    value: Some(part.value),
                    weight: Some(part.weight),
                    contribution: part.contribution,
                });
                Ok(Scored {
                    score: found.score,
                    base: 0.0,
                    breakdown: parts.collect(),
                    unknown: found.unknown.iter().map(|term| term.name()).collect(),
                })
            }
            Self::Learned(one) => {
                let found = auction
                    .learned(at, &one.model)
                    .ok_or_else(ApiError::internal)?;
                let parts = found.parts.into_iter().map(|(name, contribution)| {
                    let words = bid_feature(&name)
                        .map(|feature| language.pick(feature.french, feature.english));
                    Part {
                        label: words.unwrap_or(&name).to_owned(),
                        term: name,
                        value: None,
                        weight: None,
                        contribution,
                    }
                });
                Ok(Scored {
                    score: found.score,
                    base: found.base,
                    breakdown: parts.collect(),
                    unknown: Vec::new(),
                })
            }
        }
    }

    /// Scores every bid of an auction.
    pub(crate) fn score_all(
        &self,
        auction: &Auction,
        language: Language,
    ) -> Result<Vec<Scored>, ApiError> {
        (0..auction.bids.len())
            .map(|at| self.score(auction, at, language))
            .collect()
    }

    /// Says who ranks, and what the contest said.
    pub(crate) fn told(&self, serving: &Serving) -> RankedBy {
        let mut gates = serving.manifest().gates.iter();
        let contest = gates.find(|gate| gate.name == "model ranking_project");
        let contest = contest.map(|gate| gate.detail.clone());
        match self {
            Self::Formula(weights) => RankedBy {
                by: "formula",
                model_version: None,
                weights: weights
                    .shares()
                    .map(|(term, share)| (term.name(), share))
                    .to_vec(),
                contest,
            },
            Self::Learned(one) => RankedBy {
                by: "model",
                model_version: Some(one.card.version.clone()),
                weights: Vec::new(),
                contest,
            },
        }
    }
}

/// What a term of GlobalScore is, in words.
fn label(term: Term, language: Language) -> &'static str {
    match term {
        Term::Price => language.pick("le prix", "the price"),
        Term::Quality => language.pick("la qualité de l'offre", "the quality of the bid"),
        Term::Fit => language.pick("le savoir-faire déclaré", "the know-how claimed"),
        Term::Delay => language.pick("le délai", "the delay"),
        Term::Risk => language.pick("l'absence de risque", "freedom from risk"),
        Term::Loc => language.pick(
            "la probabilité d'aboutissement du projet",
            "the project's likelihood of completion",
        ),
        Term::Reputation => language.pick("la réputation", "the reputation"),
        Term::PriceAlignment => language.pick("le tarif", "the rate"),
        Term::Availability => language.pick("la disponibilité", "the availability"),
    }
}

/// A bid with its rank, where it has one, and its score.
pub(crate) type Placed<'a> = (&'a BidRow, Option<usize>, Scored);

/// Ranks the bids of a room: those that stand by score, then the others by id. One that came late is scored as if it had come in time.
pub(crate) fn ranking<'a>(
    room: &Room<'a>,
    ranker: Ranker<'_>,
    language: Language,
) -> Result<Vec<Placed<'a>>, ApiError> {
    let rows = room.in_time();
    let scored = ranker.score_all(&room.auction, language)?;
    let scores: Vec<f64> = scored.iter().map(|one| one.score).collect();
    let order = room.auction.ranked(&scores, |at| &rows[at].bid_id);
    let mut found: Vec<Placed<'a>> = Vec::new();
    for (place, at) in order.into_iter().enumerate() {
        found.push((rows[at], Some(place + 1), scored[at].clone()));
    }
    let ranked = found.len();
    for (row, scored) in rows
        .into_iter()
        .zip(scored)
        .filter(|(row, _)| row.is_withdrawn)
    {
        found.push((row, None, scored));
    }
    for row in room.rows.iter().filter(|row| row.is_late) {
        let auction = room.with(room.facts(row));
        let scored = ranker.score(&auction, auction.bids.len() - 1, language)?;
        found.push((row, None, scored));
    }
    found[ranked..].sort_by(|(a, ..), (b, ..)| a.bid_id.cmp(&b.bid_id));
    Ok(found)
}

/// How two bids differ, by the size of the difference; a term that is unknown of one of them adds nothing there.
pub(crate) fn differences(this: &Scored, other: &Scored) -> Vec<Difference> {
    let of = |scored: &Scored, term: &str| {
        let found = scored.breakdown.iter().find(|part| part.term == term);
        found.map_or(0.0, |part| part.contribution)
    };
    let here = this.breakdown.iter();
    let only_there = other
        .breakdown
        .iter()
        .filter(|part| this.breakdown.iter().all(|own| own.term != part.term));
    let mut found: Vec<Difference> = here
        .chain(only_there)
        .map(|part| {
            let (mine, its) = (of(this, &part.term), of(other, &part.term));
            Difference {
                term: part.term.clone(),
                label: part.label.clone(),
                this: mine,
                other: its,
                difference: mine - its,
            }
        })
        .collect();
    found.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()));
    found
}
