//! A token bucket in whole numbers: a unit is 60,000 parts, and a rate of n units a minute gives n parts a millisecond.

use chrono::{DateTime, Utc};

/// Parts of a unit.
const PARTS: u64 = 60_000;

/// A rate, and how much may be spent at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_minute: u32,
    pub(crate) burst: u32,
}

/// What is left to spend. A new one is full.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    parts: u64,
    at: DateTime<Utc>,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: DateTime<Utc>) -> Self {
        Self {
            parts: u64::from(rate.burst) * PARTS,
            at: now,
        }
    }

    /// Lets in what came back since the last look. A clock that was set back gives nothing, and does not stop what comes after.
    pub(crate) fn fill(&mut self, rate: Rate, now: DateTime<Utc>) {
        let elapsed_ms = (now - self.at).num_milliseconds().max(0).unsigned_abs();
        let came = elapsed_ms.saturating_mul(u64::from(rate.per_minute));
        let most = u64::from(rate.burst) * PARTS;
        self.parts = self.parts.saturating_add(came).min(most);
        // What is less than a millisecond is not lost: it counts from the last look that gave something.
        if elapsed_ms > 0 || now < self.at {
            self.at = now;
        }
    }

    /// Returns whole units left.
    pub(crate) fn left(&self) -> u64 {
        self.parts / PARTS
    }

    /// Says in how many milliseconds `cost` can be spent; 0 is now.
    pub(crate) fn wait_ms(&self, rate: Rate, cost: u32) -> u64 {
        let wanted = u64::from(cost.min(rate.burst)) * PARTS;
        let missing = wanted.saturating_sub(self.parts);
        missing.div_ceil(u64::from(rate.per_minute.max(1)))
    }

    /// Says in how many milliseconds it is full again.
    pub(crate) fn full_in_ms(&self, rate: Rate) -> u64 {
        self.wait_ms(rate, rate.burst)
    }

    /// Spends what [`Bucket::wait_ms`] says can be spent now.
    pub(crate) fn spend(&mut self, rate: Rate, cost: u32) {
        let cost = u64::from(cost.min(rate.burst)) * PARTS;
        self.parts = self.parts.saturating_sub(cost);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate {
        per_minute: 60,
        burst: 10,
    };

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    fn take(bucket: &mut Bucket, cost: u32, ms: i64) -> bool {
        bucket.fill(RATE, at(ms));
        let is_let = bucket.wait_ms(RATE, cost) == 0;
        if is_let {
            bucket.spend(RATE, cost);
        }
        is_let
    }

    #[test]
    fn a_burst_is_spent_at_once_and_comes_back_at_the_rate() {
        let mut bucket = Bucket::full(RATE, at(0));
        assert!((0..10).all(|_| take(&mut bucket, 1, 0)));
        assert!(!take(&mut bucket, 1, 999));
        assert_eq!(bucket.wait_ms(RATE, 1), 1);
        assert!(take(&mut bucket, 1, 1000));
        assert!(!take(&mut bucket, 2, 2500));
        assert_eq!(bucket.wait_ms(RATE, 2), 500);
        assert_eq!(bucket.full_in_ms(RATE), 8500);
        assert!(
            take(&mut bucket, 10, 60_000),
            "a rest fills it, and no more than that"
        );
        assert!(!take(&mut bucket, 1, 60_000));
    }

    #[test]
    fn what_costs_more_than_a_burst_costs_a_burst() {
        let mut bucket = Bucket::full(RATE, at(0));
        assert!(take(&mut bucket, 50, 0));
        assert_eq!(bucket.left(), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_neither_gives_nor_stops() {
        let mut bucket = Bucket::full(RATE, at(3_600_000));
        assert!(take(&mut bucket, 10, 3_600_000));
        assert!(!take(&mut bucket, 1, 0));
        assert!(take(&mut bucket, 1, 1000));
    }

    proptest! {
        /// However requests are spread, never more than the burst and what came back gets through.
        #[test]
        fn no_spread_gets_more_than_the_rate(steps in prop::collection::vec((0i64..400, 1u32..5), 1..200)) {
            let mut bucket = Bucket::full(RATE, at(0));
            let (mut now, mut spent) = (0, 0u64);
            for (step, cost) in steps {
                now += step;
                if take(&mut bucket, cost, now) {
                    spent += u64::from(cost);
                }
            }
            let came = now.unsigned_abs() * u64::from(RATE.per_minute) / PARTS;
            prop_assert!(spent <= u64::from(RATE.burst) + came);
        }
    }
}
