//! Rings of bidders: who, with whom, and what says so.

use serde::{Deserialize, Serialize};

use super::words::confidence;
use crate::language::Language;

/// A row of `gold.collusion_rings`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RingRow {
    pub(super) tenant: String,
    pub(super) ring_id: String,
    pub(crate) kind: String,
    score: f64,
    #[serde(default)]
    provider_ids: Vec<String>,
    #[serde(default)]
    provider_names: Vec<String>,
    #[serde(default)]
    wins: Vec<f64>,
    #[serde(default)]
    signals: Vec<String>,
    #[serde(default)]
    values: Vec<f64>,
    #[serde(default)]
    chances: Vec<f64>,
    #[serde(default)]
    raised: Vec<String>,
    #[serde(default)]
    pub(crate) project_ids: Vec<String>,
}

/// A row of `gold.collusion_pairs`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PairRow {
    pub(super) tenant: String,
    provider_a: String,
    provider_b: String,
    shared: i64,
    score: f64,
    #[serde(default)]
    pub(super) ring_id: Option<String>,
    #[serde(default)]
    raised: Vec<String>,
}

/// A bidder of a ring.
#[derive(Debug, Serialize)]
pub(crate) struct RingNode {
    provider_id: String,
    provider_name: Option<String>,
    /// Wins in the ring's auctions.
    wins: i64,
}

/// Two bidders of a ring.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RingEdge {
    a: String,
    b: String,
    /// Auctions in which both bid.
    shared: i64,
    /// 1 − the share of false discoveries at which two kinds of evidence are discovered, or what was learnt from decided cases.
    score: f64,
    /// What speaks for it.
    raised: Vec<String>,
}

/// What was measured of a ring.
#[derive(Debug, Serialize)]
pub(crate) struct RingSignal {
    signal: String,
    value: f64,
    /// How likely chance makes it as suspicious or more.
    chance: f64,
    is_raised: bool,
}

impl RingRow {
    pub(crate) fn nodes(&self) -> Vec<RingNode> {
        let named = self.provider_ids.iter().enumerate();
        let node = |(at, id): (usize, &String)| RingNode {
            provider_id: id.clone(),
            provider_name: self
                .provider_names
                .get(at)
                .filter(|name| !name.is_empty())
                .cloned(),
            wins: self.wins.get(at).map_or(0, |wins| *wins as i64),
        };
        named.map(node).collect()
    }

    pub(crate) fn measures(&self) -> Vec<RingSignal> {
        let told = self.signals.iter().zip(&self.values).zip(&self.chances);
        let measure = |((signal, value), chance): ((&String, &f64), &f64)| RingSignal {
            signal: signal.clone(),
            value: *value,
            chance: *chance,
            is_raised: self.raised.contains(signal),
        };
        told.map(measure).collect()
    }
}

impl PairRow {
    pub(super) fn edge(self) -> RingEdge {
        RingEdge {
            a: self.provider_a,
            b: self.provider_b,
            shared: self.shared,
            score: self.score,
            raised: self.raised,
        }
    }
}

/// What a ring does, in a sentence.
pub(crate) fn ring_reason(ring: &RingRow, language: Language) -> String {
    let (bidders, auctions) = (ring.provider_ids.len(), ring.project_ids.len());
    let chance = confidence(ring.score, language);
    let what = match ring.kind.as_str() {
        "cover" => language.pick(
            "un seul gagne, les autres couvrent juste au-dessus",
            "one wins, the others cover just above",
        ),
        "rotation" => language.pick("ils gagnent à tour de rôle", "they win in turn"),
        "sharing" => language.pick(
            "ils se partagent les territoires ou les clients",
            "they share out territories or buyers",
        ),
        "one_hand" => language.pick(
            "les comptes semblent tenus par une même main",
            "the accounts seem to be in one hand",
        ),
        _ => language.pick("leurs offres sont concertées", "their bids are concerted"),
    };
    language.pick(
        format!("{bidders} soumissionnaires ensemble dans {auctions} consultations : {what} (confiance : {chance})."),
        format!("{bidders} bidders together in {auctions} auctions: {what} (confidence: {chance})."),
    )
}
