//! What learned rankers see of a bid: only what is known when bidding closes, against the other bids of its auction.

use tabular::{Direction, Schema};

use super::{Auction, low::median};

/// Something that is known of a bid.
#[derive(Debug, Clone, Copy)]
pub struct BidFeature {
    /// Its name, as in answers.
    pub name: &'static str,
    /// The one direction that its effect is held to.
    pub direction: Option<Direction>,
    /// What it is, for reasons, in French.
    pub french: &'static str,
    /// What it is, for reasons, in English.
    pub english: &'static str,
    /// Its value, where it is known. Prices are seen as logarithms of ratios: effects are shares.
    value: fn(&Auction, usize) -> Option<f64>,
}

const fn feature(
    name: &'static str,
    direction: Option<Direction>,
    words: [&'static str; 2],
    value: fn(&Auction, usize) -> Option<f64>,
) -> BidFeature {
    BidFeature {
        name,
        direction,
        french: words[0],
        english: words[1],
        value,
    }
}

const FALLING: Option<Direction> = Some(Direction::Falling);
const RISING: Option<Direction> = Some(Direction::Rising);

/// All that is looked at. Ratings are left out: only their latest value is kept, which may be of after the award.
const FEATURES: [BidFeature; 10] = [
    feature(
        "price_to_lowest",
        FALLING,
        ["le prix face au moins cher", "the price against the lowest"],
        |auction, at| ratio(auction, at, *auction.prices().first()?),
    ),
    feature(
        "price_to_median",
        FALLING,
        [
            "le prix face à la médiane des offres",
            "the price against the median bid",
        ],
        |auction, at| ratio(auction, at, median(&auction.prices())),
    ),
    feature(
        "price_to_reference",
        FALLING,
        [
            "le prix face au prix de référence",
            "the price against the reference price",
        ],
        |auction, at| ratio(auction, at, auction.reference?.quantiles()[1] as f64),
    ),
    feature(
        "price_to_budget",
        FALLING,
        ["le prix face au budget", "the price against the budget"],
        |auction, at| ratio(auction, at, auction.budget_cents? as f64),
    ),
    feature(
        "delay_share",
        FALLING,
        [
            "le délai face à l'échéance",
            "the delay against the deadline",
        ],
        |auction, at| {
            Some(auction.bids[at].delay_days? as f64 / auction.deadline_days?.max(1) as f64)
        },
    ),
    feature(
        "quality",
        RISING,
        ["la qualité de l'offre", "the quality of the bid"],
        |auction, at| auction.bids[at].quality,
    ),
    feature(
        "is_same_region",
        None,
        ["la proximité (même région)", "being in the same region"],
        |auction, at| auction.bids[at].is_same_region.map(f64::from),
    ),
    feature(
        "has_activation",
        RISING,
        ["le savoir-faire déclaré", "the know-how claimed"],
        |auction, at| auction.bids[at].has_activation.map(f64::from),
    ),
    feature(
        "earlier_bids",
        None,
        ["l'expérience des enchères", "the experience of bidding"],
        |auction, at| Some((auction.bids[at].earlier_bids? as f64).ln_1p()),
    ),
    feature(
        "earlier_win_share",
        RISING,
        [
            "la part d'offres passées gagnées",
            "the share of earlier bids that were won",
        ],
        |auction, at| {
            let facts = &auction.bids[at];
            let (wins, bids) = (
                facts.earlier_wins?,
                facts.earlier_bids.filter(|bids| *bids > 0)?,
            );
            Some(wins as f64 / bids as f64)
        },
    ),
];

fn ratio(auction: &Auction, at: usize, against: f64) -> Option<f64> {
    let ratio = auction.bids[at].price_cents as f64 / against;
    (ratio.is_finite() && ratio > 0.0).then(|| ratio.ln())
}

impl Auction {
    /// The prices of all bids that came in time, from the lowest.
    fn prices(&self) -> Vec<f64> {
        let mut prices: Vec<f64> = self.bids.iter().map(|bid| bid.price_cents as f64).collect();
        prices.sort_by(f64::total_cmp);
        prices
    }
}

/// Returns a feature by its name.
#[must_use]
pub fn bid_feature(name: &str) -> Option<&'static BidFeature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

/// All features, in the order in which rankers see them.
pub(super) fn features() -> &'static [BidFeature] {
    &FEATURES
}

/// The values of a bid, in the order of [`features`]; NaN where unknown.
pub(super) fn values(auction: &Auction, at: usize) -> Vec<f64> {
    FEATURES
        .iter()
        .map(|feature| (feature.value)(auction, at).unwrap_or(f64::NAN))
        .collect()
}

/// The values as a row of a ranker's schema.
pub(super) fn row(schema: &Schema, values: &[f64]) -> Vec<f64> {
    let place = |name: &str| FEATURES.iter().position(|feature| feature.name == name);
    let cell = |name: &str| place(name).map_or(f64::NAN, |at| values[at]);
    schema.features().iter().map(|of| cell(&of.name)).collect()
}
