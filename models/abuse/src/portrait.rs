//! What is known of how an account behaves, as a row of numbers for a forest.

use crate::{Account, EventKind, Failure, bursts::densest};

/// Names of the numbers of a portrait.
pub const FEATURES: [&str; 9] = [
    "acts",
    "densest_hour",
    "night_share",
    "weekend_share",
    "absence_share",
    "cancellation_share",
    "withdrawal_share",
    "price_level",
    "price_jumps",
];

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Settled acts below which a share is not told.
const FEW: usize = 3;

/// Returns the portrait of an account, in the order of [`FEATURES`]; what is not known is NaN.
///
/// `acts` is ln(1 + acts); `densest_hour` the share of acts in the densest hour; `night_share` and `weekend_share` those from 22 to 6 h UTC
/// and on Saturdays and Sundays; the failures are shares of settled acts; `price_level` the mean and `price_jumps` the standard deviation of
/// ln(price / what others asked).
#[must_use]
pub fn portrait(account: &Account) -> [f64; FEATURES.len()] {
    let events = &account.events;
    let share = |count: usize, of: usize, least: usize| match of >= least {
        true => count as f64 / of as f64,
        false => f64::NAN,
    };
    let of_acts = |is: &dyn Fn(i64) -> bool| {
        let found = events.iter().filter(|event| is(event.at)).count();
        share(found, events.len(), FEW)
    };
    let instants: Vec<i64> = events.iter().map(|event| event.at).collect();
    let settled: Vec<_> = events.iter().filter(|event| event.is_settled).collect();
    let failed = |failure: Failure| {
        let found = settled.iter().filter(|one| one.failure == Some(failure));
        share(found.count(), settled.len(), FEW)
    };
    let logs: Vec<f64> = events
        .iter()
        .filter(|event| event.kind == EventKind::Bid || event.kind == EventKind::Booking)
        .filter_map(|event| event.price_ratio.filter(|ratio| *ratio > 0.0))
        .map(f64::ln)
        .collect();
    let [level, jumps] = spread(&logs);
    [
        (1.0 + events.len() as f64).ln(),
        share(densest(&instants, HOUR).len(), events.len(), FEW),
        of_acts(&|at| !(6..22).contains(&(at.rem_euclid(DAY) / HOUR))),
        // 1970-01-01 was a Thursday.
        of_acts(&|at| matches!(at.div_euclid(DAY).rem_euclid(7), 2 | 3)),
        failed(Failure::Absence),
        failed(Failure::Cancellation),
        failed(Failure::Withdrawal),
        level,
        jumps,
    ]
}

/// Mean and standard deviation; NaN of too few.
fn spread(values: &[f64]) -> [f64; 2] {
    let n = values.len();
    if n < FEW {
        return [f64::NAN; 2];
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    [mean, (squares.sum::<f64>() / (n - 1) as f64).sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    #[test]
    fn a_portrait_tells_what_is_known_and_leaves_the_rest_open() {
        let event = |at: i64, failure| Event {
            kind: EventKind::Bid,
            id: at.to_string(),
            at,
            is_settled: true,
            failure,
            text: None,
            price_ratio: Some(1.0),
        };
        let saturday_night = 2 * DAY + 23 * HOUR;
        let account = Account {
            events: vec![
                event(saturday_night, Some(Failure::Withdrawal)),
                event(saturday_night + 60, None),
                event(saturday_night + 120, None),
                event(saturday_night + 10 * DAY, None),
            ],
            ..Account::default()
        };
        let found = portrait(&account);
        assert_eq!(found[1..7], [0.75, 1.0, 0.75, 0.0, 0.0, 0.25]);
        assert_eq!(found[7..], [0.0, 0.0]);
        let empty = portrait(&Account::default());
        assert!(empty[0] == 0.0 && empty[1..].iter().all(|value| value.is_nan()));
    }
}
