//! What is known of an auction and its bids when bidding closes.

use linfa::ParamGuard;
use ranking::{
    Bid, Breakdown, CheckedWeights, Formula, RankModel, Reference, Tally, WeightParams, order,
};
use tabular::TabularError;

use super::{Low, features, low};

/// What a bidder asked before, against the reference prices of those projects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// Earlier bids that have a reference price.
    pub bids: i64,
    /// Geometric mean of their prices over their references.
    pub price_to_reference: f64,
}

/// A bid as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BidFacts {
    /// Price offered.
    pub price_cents: i64,
    /// Days until delivery that are promised.
    pub delay_days: Option<i64>,
    /// Quality as the client scored it, in [0, 1].
    pub quality: Option<f64>,
    /// Whether the bidder is in the project's region.
    pub is_same_region: Option<bool>,
    /// Whether the bidder's company had claimed the know-how.
    pub has_activation: Option<bool>,
    /// Bids that the bidder had sent before.
    pub earlier_bids: Option<i64>,
    /// How many of them it had won by then.
    pub earlier_wins: Option<i64>,
    /// What the bidder usually asks.
    pub own: Option<Own>,
    /// Whether it was withdrawn: it is a neighbour of the others, and ranks nowhere.
    pub is_withdrawn: bool,
    /// Whether it or its bidder is flagged for abuse; none where that was not looked at.
    pub is_flagged: Option<bool>,
}

/// An auction: the project, and the bids that came in time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Auction {
    /// Budget that the client announces.
    pub budget_cents: Option<i64>,
    /// Days from the close of bidding to the deadline.
    pub deadline_days: Option<i64>,
    /// What such work costs.
    pub reference: Option<Reference>,
    /// Likelihood of completion of the project: whoever wins.
    pub loc: Option<f64>,
    /// The bids.
    pub bids: Vec<BidFacts>,
}

/// What a learned ranker says of a bid; the base and all parts sum to the score, which orders the bids of an auction and means nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The score.
    pub score: f64,
    /// What every bid has.
    pub base: f64,
    /// What each feature adds.
    pub parts: Vec<(String, f64)>,
}

/// Fields of a bid that may be missing, which count as risk.
const FIELDS: u32 = 4;

/// Returns GlobalScore's weights with some of them set by the name of their term.
///
/// # Errors
/// `UnknownFeature` or `Invalid`, which names what is wrong: a term, or `weights` where all are 0.
pub fn global_weights(set: &[(String, f64)]) -> Result<CheckedWeights, TabularError> {
    let start = Ok(WeightParams::new(Formula::Global));
    let told = set.iter().fold(start, |params, (term, weight)| {
        params.and_then(|params| params.weight(term, *weight))
    });
    told?.check()
}

impl Auction {
    /// Returns the places of bids that stand: those that were not withdrawn.
    pub fn standing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.bids.len()).filter(|at| !self.bids[*at].is_withdrawn)
    }

    /// Returns what says that a bid is abnormally low, or is not.
    #[must_use]
    pub fn low(&self, at: usize) -> Low {
        low::judge(self, at)
    }

    /// Returns a bid as GlobalScore reads it. The fit is 1 where the bidder's company has claimed the know-how and 0 where it has not; the
    /// checks that can raise a flag are whether the price is abnormally low and whether the bid or its bidder is flagged for abuse; the likelihood is
    /// the project's, the same for all its bids.
    #[must_use]
    pub fn bid(&self, at: usize) -> Bid {
        let facts = &self.bids[at];
        let missing = [
            facts.delay_days.is_none(),
            facts.quality.is_none(),
            facts.is_same_region.is_none(),
            facts.has_activation.is_none(),
        ];
        let count = |found: &[bool]| found.iter().map(|is| u32::from(*is)).sum();
        Bid {
            price_cents: Some(facts.price_cents),
            reference: self.reference,
            budget_cents: self.budget_cents,
            quality: facts.quality,
            fit: facts.has_activation.map(|has| f64::from(u8::from(has))),
            delay_days: facts.delay_days,
            deadline_days: self.deadline_days,
            flags: Some(Tally {
                found: count(&[self.low(at).is_flagged(), facts.is_flagged == Some(true)]),
                of: 1 + u32::from(facts.is_flagged.is_some()),
            }),
            missing: Some(Tally {
                found: count(&missing),
                of: FIELDS,
            }),
            loc: self.loc,
        }
    }

    /// Returns the GlobalScore of a bid.
    ///
    /// # Errors
    /// The weights are of the other formula.
    pub fn global(&self, at: usize, weights: &CheckedWeights) -> Result<Breakdown, TabularError> {
        weights.score(&self.bid(at).read())
    }

    /// Returns what a learned ranker says of a bid; none where the formula ranks.
    #[must_use]
    pub fn learned(&self, at: usize, model: &RankModel) -> Option<Learned> {
        let scorer = model.learned()?;
        let row = features::row(scorer.schema(), &features::values(self, at));
        let found = scorer.contributions(&row);
        let names = scorer.schema().names().into_iter();
        let parts: Vec<(String, f64)> = names.zip(found.parts).collect();
        let score = parts.iter().fold(found.base, |sum, (_, part)| sum + part);
        Some(Learned {
            score,
            base: found.base,
            parts,
        })
    }

    /// Returns the bids that stand, the best first: by score, then by id.
    #[must_use]
    pub fn ranked<I: Ord>(&self, scores: &[f64], id: impl Fn(usize) -> I) -> Vec<usize> {
        let standing: Vec<usize> = self.standing().collect();
        let scored: Vec<(I, f64)> = standing.iter().map(|at| (id(*at), scores[*at])).collect();
        order(&scored)
            .into_iter()
            .map(|place| standing[place])
            .collect()
    }
}
