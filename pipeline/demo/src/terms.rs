//! Settings of people's time: what slots and introductions cost, and what becomes of them.

use serde::Deserialize;

use crate::error::DemoError;

/// What slots cost: day rate × hours / `day_hours` × premium × noise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Hours of the day that a day rate pays.
    pub day_hours: f64,
    /// Lengths of slots in hours; each comes equally often.
    pub hours: Vec<i64>,
    /// Hours at which slots start; each comes equally often.
    pub starts: Vec<i64>,
    /// Hour of a weekday from which the evening premium is asked.
    pub evening_from: i64,
    /// Price in the evening over the usual price.
    pub evening: f64,
    /// Price at the weekend over the usual price.
    pub weekend: f64,
    /// Standard deviation of the log price.
    pub noise: f64,
}

/// What becomes of bookings. Cancellations and no-shows follow the same risk in log-odds; those of
/// people planted as unreliable do not follow it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bookings {
    /// Standard deviation of ln(agreed / asked).
    pub noise: f64,
    /// Slots are booked from 1 to so many days ahead.
    pub longest_lead_days: i64,
    /// Lead without effect.
    pub usual_lead_days: f64,
    /// Risk per day of lead above the usual one.
    pub lead: f64,
    /// Risk per unit of ln(asked / agreed).
    pub price: f64,
    /// Rating without effect.
    pub usual_rating: f64,
    /// Risk per point of rating below the usual one.
    pub rating: f64,
}

/// What introductions cost, and whether they are accepted: `least` + (`most` − `least`) × logistic(log-odds), for some accept whatever
/// is offered and others are not free whatever is offered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introductions {
    /// Fair price over the day rate.
    pub day_rate_share: f64,
    /// Exponent of the region's price level in the fair price.
    pub region_exponent: f64,
    /// Rating without effect.
    pub usual_rating: f64,
    /// Growth of the log fair price per point of rating.
    pub rating_premium: f64,
    /// Standard deviation of ln(offered / fair).
    pub noise: f64,
    /// Probability of acceptance that the worst offer keeps.
    pub least: f64,
    /// Probability of acceptance that the best offer does not exceed.
    pub most: f64,
    /// Log-odds at the fair price, usual rating, other region, no introducer.
    pub acceptance: f64,
    /// Log-odds per unit of ln(offered / fair).
    pub price: f64,
    /// Log-odds per point of rating above the usual one.
    pub rating: f64,
    /// Log-odds of a client from the person's region.
    pub same_region: f64,
    /// Log-odds of an introduction that somebody makes.
    pub introducer: f64,
}

impl Slots {
    pub(crate) fn check(&self) -> Result<(), DemoError> {
        let is_within = |values: &[i64], low, high| {
            !values.is_empty() && values.iter().all(|value| (low..=high).contains(value))
        };
        if !is_within(&self.hours, 1, 12) {
            return Err(DemoError::settings("slots.hours are not from 1 to 12"));
        }
        if !is_within(&self.starts, 0, 23) {
            return Err(DemoError::settings("slots.starts are no hours of a day"));
        }
        if self.day_hours <= 0.0 {
            return Err(DemoError::settings("slots.day_hours is not above 0"));
        }
        Ok(())
    }
}

impl Bookings {
    pub(crate) fn check(&self) -> Result<(), DemoError> {
        if self.longest_lead_days < 1 {
            return Err(DemoError::settings("bookings.longest_lead_days is below 1"));
        }
        Ok(())
    }
}

impl Introductions {
    pub(crate) fn check(&self) -> Result<(), DemoError> {
        if !(0.0 <= self.least && self.least < self.most && self.most <= 1.0) {
            return Err(DemoError::settings(
                "introductions.least and most are not in order within 0 and 1",
            ));
        }
        Ok(())
    }
}

/// The probability of log-odds.
pub(crate) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The log-odds of a probability.
pub(crate) fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// Cents of whole euros, one euro at least.
pub(crate) fn whole_euros(price_cents: f64) -> i64 {
    ((price_cents / 100.0).round() as i64).max(1) * 100
}
