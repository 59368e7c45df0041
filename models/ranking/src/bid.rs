//! GlobalScore: what is known of a bid.

use crate::term::{Formula, Input, Reading, Readings};
use crate::terms::{self, Reference, Tally};

/// A bid, as far as it is known when bidding closes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bid {
    /// Price offered.
    pub price_cents: Option<i64>,
    /// What such work costs.
    pub reference: Option<Reference>,
    /// Budget that the client announces.
    pub budget_cents: Option<i64>,
    /// Quality of the offer, in [0, 1].
    pub quality: Option<f64>,
    /// How well the bidder's know-how matches, in [0, 1].
    pub fit: Option<f64>,
    /// Days until delivery that are promised.
    pub delay_days: Option<i64>,
    /// Days from the close of bidding to the deadline.
    pub deadline_days: Option<i64>,
    /// Checks that raised a flag.
    pub flags: Option<Tally>,
    /// Fields that are missing.
    pub missing: Option<Tally>,
    /// Likelihood of completion, in [0, 1].
    pub loc: Option<f64>,
}

impl Bid {
    /// Reads the terms of GlobalScore.
    #[must_use]
    pub fn read(&self) -> Readings {
        let terms = [
            self.price(),
            Reading::of_share("quality_share", self.quality),
            Reading::of_share("fit_share", self.fit),
            self.delay(),
            risk(self.flags, self.missing),
            Reading::of_share("loc_share", self.loc),
        ];
        Readings::new(Formula::Global, terms)
    }

    fn price(&self) -> Option<Reading> {
        let price = self.price_cents?;
        let value = terms::price(price, self.reference, self.budget_cents)?;
        Some(priced(value, price, self.reference, self.budget_cents))
    }

    fn delay(&self) -> Option<Reading> {
        let (delay, left) = (self.delay_days?, self.deadline_days?);
        let inputs = [
            ("delay_days", Some(Input::Whole(delay))),
            ("deadline_days", Some(Input::Whole(left))),
        ];
        Some(Reading::new(terms::delay(delay, left)?, &inputs))
    }
}

/// A reading from a price, with what it was compared with.
pub(crate) fn priced(
    value: f64,
    price: i64,
    reference: Option<Reference>,
    budget: Option<i64>,
) -> Reading {
    let quantile = |at: usize| reference.map(|reference| Input::Whole(reference.quantiles()[at]));
    let inputs = [
        ("price_cents", Some(Input::Whole(price))),
        ("p10_cents", quantile(0)),
        ("p50_cents", quantile(1)),
        ("p90_cents", quantile(2)),
        ("budget_cents", budget.map(Input::Whole)),
    ];
    Reading::new(value, &inputs)
}

/// A reading of the risk, with its tallies.
pub(crate) fn risk(flags: Option<Tally>, missing: Option<Tally>) -> Option<Reading> {
    let found = |tally: Option<Tally>| tally.map(|tally| Input::Whole(tally.found.into()));
    let of = |tally: Option<Tally>| tally.map(|tally| Input::Whole(tally.of.into()));
    let inputs = [
        ("flags", found(flags)),
        ("checks", of(flags)),
        ("missing_fields", found(missing)),
        ("fields", of(missing)),
    ];
    Some(Reading::new(terms::risk(flags, missing)?, &inputs))
}
