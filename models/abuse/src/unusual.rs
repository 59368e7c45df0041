//! Accounts whose behaviour an isolation forest tells apart.

use anomaly::{IsolationParams, Threshold};
use linfa::{DatasetBase, traits::Fit};
use ndarray::Array2;
use tabular::TabularError;

use crate::{
    Account, Conduct, Entity, EntityKind, FEATURES, Sign, Signal, portrait, rates::percentiles,
};

/// Accounts below which nothing is rare.
const FEWEST: usize = 50;
/// Acts below which an account has no behaviour yet.
const ACTS: usize = 5;
/// Share of accounts that is raised, exactly.
const SHARE: f64 = 0.01;

/// Looks at the behaviour of the accounts of one kind and tenant: those that did something often enough, in the order given, with how isolated each is among
/// them, and by what most of all. The hundredth of them that is most isolated is raised: rare is not wrong, so that the sign only draws attention. Nothing where
/// there are too few to say.
///
/// # Errors
/// As of the forest; none comes of accounts.
pub fn unusual(
    kind: EntityKind,
    accounts: &[Account],
    seed: u64,
) -> Result<Vec<Conduct>, TabularError> {
    let active: Vec<&Account> = accounts
        .iter()
        .filter(|account| account.events.len() >= ACTS)
        .collect();
    if active.len() < FEWEST {
        return Ok(Vec::new());
    }
    let rows: Vec<[f64; FEATURES.len()]> = active.iter().map(|account| portrait(account)).collect();
    let matrix = Array2::from_shape_fn((rows.len(), FEATURES.len()), |(row, column)| rows[row][column]);
    let data = DatasetBase::from(matrix).with_feature_names(FEATURES.to_vec());
    let forest = IsolationParams::new(seed).fit(&data)?;
    let scores = forest.predict(&data.records)?.to_vec();
    let threshold = Threshold::of_share(&scores, SHARE)?;
    let flags = threshold.flags(&scores);
    let least = scores
        .iter()
        .zip(&flags)
        .filter(|(_, is_raised)| **is_raised)
        .map(|(score, _)| *score)
        .fold(1.0, f64::min);
    let shares = percentiles(&scores);
    let mut found = Vec::new();
    for (at, account) in active.into_iter().enumerate() {
        let why = forest.explain(&rows[at])?;
        let strongest = why.parts.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let of = Entity::new(kind, &account.id);
        found.push(Conduct {
            signals: vec![Signal {
                sign: Sign::Unusual,
                value: scores[at],
                threshold: least,
                percentile: Some(shares[at]),
                is_raised: flags[at],
                support: account.events.len() as u64,
                evidence: vec![of.clone()],
                detail: strongest,
            }],
            of,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventKind, Failure};

    fn account(number: usize, failure: Option<Failure>) -> Account {
        let events = (0..12_i64).map(|act| Event {
            kind: EventKind::Booking,
            id: format!("{number}-{act}"),
            at: 86_400 * (act * 9 + number as i64 % 7) + 36_000 + 600 * (number as i64 % 11),
            is_settled: true,
            failure: failure.filter(|_| act % 3 > 0),
            text: None,
            price_ratio: Some(1.0 + ((number as i64 * 31 + act * 17) % 13) as f64 / 100.0),
        });
        Account {
            id: format!("{number:03}"),
            events: events.collect(),
            ..Account::default()
        }
    }

    #[test]
    fn who_is_absent_twice_in_three_times_stands_out_by_that() -> Result<(), TabularError> {
        let mut accounts: Vec<Account> = (0..100).map(|number| account(number, None)).collect();
        accounts[42] = account(42, Some(Failure::Absence));
        let found = unusual(EntityKind::Person, &accounts, 7)?;
        let raised: Vec<&Conduct> = found.iter().filter(|one| one.signals[0].is_raised).collect();
        assert_eq!(raised.len(), 1, "one in a hundred, exactly");
        assert_eq!(raised[0].of.id, "042");
        let detail = raised[0].signals[0].detail.as_ref();
        assert_eq!(detail.map(|(name, _)| name.as_str()), Some("absence_share"));
        assert_eq!(found, unusual(EntityKind::Person, &accounts, 7)?);
        Ok(())
    }

    #[test]
    fn of_few_accounts_nothing_is_said() {
        let accounts: Vec<Account> = (0..49).map(|number| account(number, None)).collect();
        assert!(unusual(EntityKind::Person, &accounts, 7).is_ok_and(|found| found.is_empty()));
    }
}
