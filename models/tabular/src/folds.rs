//! Which rows are learnt from and which are kept to judge by.

use std::collections::BTreeMap;

use crate::error::{TabularError, require};
use crate::random::Random;

/// Rows to fit on and rows to judge by; both in order, and never the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge by.
    pub test: Vec<usize>,
}

fn of_parts(parts: &[usize], count: usize) -> Vec<Fold> {
    let pick = |wanted: &dyn Fn(usize) -> bool| {
        let rows = parts.iter().enumerate();
        rows.filter(|(_, part)| wanted(**part))
            .map(|(row, _)| row)
            .collect()
    };
    (0..count)
        .map(|fold| Fold {
            train: pick(&|part| part != fold),
            test: pick(&|part| part == fold),
        })
        .collect()
}

/// Splits the rows of equal groups (contracts, buyers, auctions) together: a group is never on both sides. Groups go, in an order drawn
/// from `seed` with the largest first, to the fold that has the fewest rows.
///
/// # Errors
/// `Invalid` where there are fewer than two folds or fewer groups than folds.
pub fn by_group<G: Ord + Copy>(
    groups: &[G],
    folds: usize,
    seed: u64,
) -> Result<Vec<Fold>, TabularError> {
    let mut rows_of: BTreeMap<G, Vec<usize>> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        rows_of.entry(*group).or_default().push(row);
    }
    require(folds >= 2, "folds", "there must be two at least")?;
    require(
        rows_of.len() >= folds,
        "folds",
        "there are more of them than groups",
    )?;
    let mut order: Vec<_> = rows_of.into_values().collect();
    Random::new(seed).shuffle(&mut order);
    order.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let mut sizes = vec![0; folds];
    let mut parts = vec![0; groups.len()];
    for rows in order {
        let fold = (0..folds).min_by_key(|fold| sizes[*fold]).unwrap_or(0);
        sizes[fold] += rows.len();
        rows.into_iter().for_each(|row| parts[row] = fold);
    }
    Ok(of_parts(&parts, folds))
}

/// Splits rows at random into folds of equal size.
///
/// # Errors
/// `Invalid` where there are fewer than two folds or fewer rows than folds.
pub fn random(rows: usize, folds: usize, seed: u64) -> Result<Vec<Fold>, TabularError> {
    by_group(&(0..rows).collect::<Vec<_>>(), folds, seed)
}

/// Splits by time: the newest `folds` blocks of equal size are judged in turn by what was fitted on all that is older, so that drift
/// shows. The oldest block of the `folds + 1` is only learnt from. Rows of one time are never parted.
///
/// # Errors
/// `Invalid` where there are no folds or fewer distinct times than blocks.
pub fn by_time(times: &[i64], folds: usize) -> Result<Vec<Fold>, TabularError> {
    require(folds >= 1, "folds", "there must be one at least")?;
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let start = |block: usize| sorted.get(block * sorted.len() / (folds + 1)).copied();
    let found: Vec<_> = (1..=folds)
        .map(|block| Fold {
            train: rows_where(times, |time| Some(time) < start(block)),
            test: rows_where(times, |time| {
                Some(time) >= start(block) && (block == folds || Some(time) < start(block + 1))
            }),
        })
        .collect();
    let empty = |fold: &Fold| fold.train.is_empty() || fold.test.is_empty();
    require(
        !found.iter().any(empty),
        "folds",
        "there are more of them than times",
    )?;
    Ok(found)
}

fn rows_where(times: &[i64], holds: impl Fn(i64) -> bool) -> Vec<usize> {
    (0..times.len()).filter(|row| holds(times[*row])).collect()
}
