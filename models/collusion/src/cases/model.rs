//! The scores of cases.

use likelihood::LikelihoodModel;
use serde::{Deserialize, Serialize};
use tabular::{Stored, TabularError};

use crate::cases::card::CaseCard;
use crate::detect::Detection;
use crate::findings::{AuctionFinding, PairFinding};

/// What was learnt from cases; where that is no better than the combination, the combination stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseModel {
    pub(crate) pairs: Option<LikelihoodModel>,
    pub(crate) auctions: Option<LikelihoodModel>,
    /// What was measured: of pairs, then of auctions.
    pub cards: Vec<CaseCard>,
}

/// A score per pair, auction, firm and ring, in the detection's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseScores {
    /// Of pairs.
    pub pairs: Vec<f64>,
    /// Of auctions.
    pub auctions: Vec<f64>,
    /// Of firms: their most suspicious pair's.
    pub firms: Vec<f64>,
    /// Of rings: the least by which a member belongs.
    pub rings: Vec<f64>,
}

impl CaseModel {
    /// Scores a pair: a calibrated probability where one was learnt, else the combination.
    #[must_use]
    pub fn score_pair(&self, pair: &PairFinding) -> f64 {
        let learned = self.pairs.as_ref();
        learned.map_or(pair.score, |model| model.predict(&pair.features))
    }

    /// Scores an auction: a calibrated probability where one was learnt, else the combination.
    #[must_use]
    pub fn score_auction(&self, auction: &AuctionFinding) -> f64 {
        let learned = self.auctions.as_ref();
        learned.map_or(auction.score, |model| model.predict(&auction.features))
    }

    /// Scores all that was found. Levels stay: what is flagged needs evidence of two kinds, whatever was learnt.
    #[must_use]
    pub fn score(&self, found: &Detection) -> CaseScores {
        let pairs: Vec<f64> = found
            .pairs
            .iter()
            .map(|pair| self.score_pair(pair))
            .collect();
        let mut firms = vec![0.0_f64; found.firms.len()];
        for (pair, score) in found.pairs.iter().zip(&pairs) {
            for firm in pair.firms {
                firms[firm as usize] = firms[firm as usize].max(*score);
            }
        }
        let rings = found.rings.iter().map(|ring| {
            let belongs = |firm: &u32| {
                let theirs = ring.edges.iter().map(|at| *at as usize);
                let theirs = theirs.filter(|at| found.pairs[*at].firms.contains(firm));
                theirs.map(|at| pairs[at]).fold(0.0, f64::max)
            };
            ring.members.iter().map(belongs).fold(1.0, f64::min)
        });
        CaseScores {
            auctions: found
                .auctions
                .iter()
                .map(|auction| self.score_auction(auction))
                .collect(),
            firms,
            rings: rings.collect(),
            pairs,
        }
    }
}

impl Stored for CaseModel {
    const SORT: &'static str = "collusion_cases";

    fn verify(&self) -> Result<(), TabularError> {
        [&self.pairs, &self.auctions]
            .into_iter()
            .flatten()
            .try_for_each(Stored::verify)
    }
}
