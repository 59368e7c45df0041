//! What each term is worth: one pure function per term, each in [0, 1], better where it is higher. None is what cannot be said.

use serde::{Deserialize, Serialize};

/// How far above the budget, as a share of it, a price is worth nothing.
const OVERRUN: f64 = 0.25;

/// What such work costs: quantiles of the price, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    p10: i64,
    p50: i64,
    p90: i64,
}

impl Reference {
    /// Returns the reference; none where the quantiles are not above 0 and in order.
    #[must_use]
    pub fn new(p10_cents: i64, p50_cents: i64, p90_cents: i64) -> Option<Self> {
        let sound = 0 < p10_cents && p10_cents <= p50_cents && p50_cents <= p90_cents;
        sound.then_some(Self {
            p10: p10_cents,
            p50: p50_cents,
            p90: p90_cents,
        })
    }

    /// Returns what stands for a reference where only a budget is known: half of it, all of it, half as much again.
    #[must_use]
    pub fn around(budget_cents: i64) -> Option<Self> {
        Self::new(
            budget_cents / 2,
            budget_cents,
            budget_cents.saturating_add(budget_cents / 2),
        )
    }

    /// Returns the quantiles, in cents: p10, p50, p90.
    #[must_use]
    pub fn quantiles(&self) -> [i64; 3] {
        [self.p10, self.p50, self.p90]
    }
}

/// How many of those that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those found.
    pub found: u32,
    /// Those looked at.
    pub of: u32,
}

impl Tally {
    /// Returns the share, in [0, 1]; none where nothing was looked at.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| (f64::from(self.found) / f64::from(self.of)).min(1.0))
    }
}

/// Price of a bid: 1 up to the reference's p10, ½ at p50, 0 from p90, lines between, times [`within_budget`]. Below p10 nothing more is
/// earned: an abnormally low bid is no better than a low one. Without a reference, [`Reference::around`] the budget.
#[must_use]
pub fn price(
    price_cents: i64,
    reference: Option<Reference>,
    budget_cents: Option<i64>,
) -> Option<f64> {
    let budget = budget_cents.filter(|budget| *budget > 0);
    let reference = reference.or_else(|| budget.and_then(Reference::around))?;
    let held = budget.map_or(1.0, |budget| within_budget(price_cents, budget));
    (price_cents > 0).then(|| cheapness(price_cents, reference) * held)
}

fn cheapness(price: i64, Reference { p10, p50, p90 }: Reference) -> f64 {
    // Where a line is reached, its ends differ.
    if price <= p10 {
        1.0
    } else if price <= p50 {
        1.0 - share(price, p10, p50) / 2.0
    } else if price < p90 {
        0.5 - share(price, p50, p90) / 2.0
    } else {
        0.0
    }
}

/// How far `at` is on the way from `from` to `to`.
fn share(at: i64, from: i64, to: i64) -> f64 {
    (at as f64 - from as f64) / (to as f64 - from as f64)
}

/// Share of a price that a budget leaves standing: 1 up to the budget, falling in a line to 0 a quarter above it.
#[must_use]
pub fn within_budget(price_cents: i64, budget_cents: i64) -> f64 {
    let over = (price_cents as f64 - budget_cents as f64) / (OVERRUN * budget_cents as f64);
    (1.0 - over).clamp(0.0, 1.0)
}

/// Asked price of a person: 1 up to p50, ½ at p90, 0 as far beyond p90 again, lines between, times [`within_budget`]. Unlike a bid's, it earns
/// nothing by being cheap, for who is booked is not chosen by price alone. Without a reference, the budget alone.
#[must_use]
pub fn price_alignment(
    asked_cents: i64,
    reference: Option<Reference>,
    budget_cents: Option<i64>,
) -> Option<f64> {
    let budget = budget_cents.filter(|budget| *budget > 0);
    let held = budget.map(|budget| within_budget(asked_cents, budget));
    let usual = reference.map(|Reference { p50, p90, .. }| {
        if asked_cents <= p50 {
            1.0
        } else if p50 == p90 {
            0.0
        } else {
            (1.0 - share(asked_cents, p50, p90) / 2.0).max(0.0)
        }
    });
    let value = match (usual, held) {
        (None, None) => return None,
        (usual, held) => usual.unwrap_or(1.0) * held.unwrap_or(1.0),
    };
    (asked_cents > 0).then_some(value)
}

/// Delay: `3/2 - delay / time left`, held to [0, 1]: 1 up to half of the time until the deadline, ½ on the day, 0 from half as late again. A
/// deadline of today or before counts as one day.
#[must_use]
pub fn delay(delay_days: i64, days_until_deadline: i64) -> Option<f64> {
    let left = days_until_deadline.max(1) as f64;
    (delay_days >= 0).then(|| (1.5 - delay_days as f64 / left).clamp(0.0, 1.0))
}

/// Risk: `(1 - share of checks that raised a flag) · (1 - share of fields that are missing)`; what was not looked at is left out.
#[must_use]
pub fn risk(flags: Option<Tally>, missing: Option<Tally>) -> Option<f64> {
    let shares = [flags, missing].map(|tally| tally.and_then(|tally| tally.share()));
    if shares == [None, None] {
        return None;
    }
    Some(
        shares
            .into_iter()
            .flatten()
            .map(|share| 1.0 - share)
            .product(),
    )
}

/// Availability: `1 - 2^(-open / half)`: 0 without an open slot in the days looked at, ½ at `half` slots, and ever less for each further one.
#[must_use]
pub fn availability(open_slots: u32, half: f64) -> f64 {
    1.0 - (-f64::from(open_slots) / half.max(f64::MIN_POSITIVE)).exp2()
}

/// Availability of a bidder: `2^(-bids in flight / half)`: 1 without any, ½ at `half` of them, and ever less for each further one.
#[must_use]
pub fn spare_time(bids_in_flight: u32, half: f64) -> f64 {
    (-f64::from(bids_in_flight) / half.max(f64::MIN_POSITIVE)).exp2()
}
