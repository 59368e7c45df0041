//! The logical day a run is for.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::SchemaError;

/// The logical day that a run is for; never the day on the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(NaiveDate);

impl Slot {
    /// Makes the slot of a day.
    #[must_use]
    pub const fn new(day: NaiveDate) -> Self {
        Self(day)
    }

    /// Returns the day.
    #[must_use]
    pub const fn day(self) -> NaiveDate {
        self.0
    }

    /// Returns the day as a count of days since 1970-01-01, as Arrow's `Date32` stores it.
    #[must_use]
    pub fn days_since_epoch(self) -> i32 {
        let days = self
            .0
            .signed_duration_since(NaiveDate::default())
            .num_days();
        i32::try_from(days).expect("chrono's dates span fewer days than i32 holds")
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Slot {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(value, "%Y-%m-%d")
            .map(Self)
            .map_err(|_| SchemaError::Malformed {
                what: "slot",
                value: value.to_owned(),
                expected: "a day written YYYY-MM-DD",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_a_day_and_nothing_else() {
        let slot: Slot = "2026-11-20".parse().unwrap();
        assert_eq!(slot.to_string(), "2026-11-20");
        assert_eq!("1970-01-02".parse::<Slot>().unwrap().days_since_epoch(), 1);
        assert!("20/11/2026".parse::<Slot>().is_err());
        assert!("2026-02-30".parse::<Slot>().is_err());
    }
}
