//! Parting cases, so that what is judged was not learnt from: by firms and by time.

use petgraph::unionfind::UnionFind;
use std::collections::{BTreeMap, BTreeSet};
use tabular::{Fold, TabularError, folds};

/// Cases of each sort that must be left to learn from.
const FEWEST: usize = 5;

/// Parts cases such that no firm of a judged one is in any that is learnt from. Cases whose firms hang together stay together; where they are
/// fewer groups than folds, cases are parted at random and those that share a firm with a judged one are left out of learning. None where
/// too little is then left.
pub(crate) fn by_firms(
    firms: &[Vec<u32>],
    targets: &[f64],
    count: usize,
    seed: u64,
) -> Option<Vec<Fold>> {
    let groups = groups(firms);
    let distinct: BTreeSet<usize> = groups.iter().copied().collect();
    let whole = (distinct.len() >= count)
        .then(|| folds::by_group(&groups, count, seed).ok())
        .flatten()
        .filter(|folds| can_learn(folds, targets));
    whole.or_else(|| {
        let parted = folds::random(firms.len(), count, seed).ok()?;
        let apart = parted.into_iter().map(|fold| apart(firms, fold)).collect();
        Some(apart).filter(|folds: &Vec<Fold>| can_learn(folds, targets))
    })
}

/// Parts cases by when they were decided; none where too little is then left.
pub(crate) fn by_time(times: &[i64], targets: &[f64], count: usize) -> Option<Vec<Fold>> {
    let parted: Result<Vec<Fold>, TabularError> = folds::by_time(times, count);
    parted.ok().filter(|folds| can_learn(folds, targets))
}

fn apart(firms: &[Vec<u32>], fold: Fold) -> Fold {
    let judged: BTreeSet<u32> = fold
        .test
        .iter()
        .flat_map(|row| firms[*row].iter().copied())
        .collect();
    let is_apart = |row: &usize| firms[*row].iter().all(|firm| !judged.contains(firm));
    Fold {
        train: fold.train.into_iter().filter(is_apart).collect(),
        test: fold.test,
    }
}

fn can_learn(folds: &[Fold], targets: &[f64]) -> bool {
    folds.iter().all(|fold| {
        let yes = fold.train.iter().filter(|row| targets[**row] > 0.5).count();
        yes >= FEWEST && fold.train.len() - yes >= FEWEST && !fold.test.is_empty()
    })
}

/// The component of each case: cases that share a firm, directly or through others.
fn groups(firms: &[Vec<u32>]) -> Vec<usize> {
    let mut sets = UnionFind::<usize>::new(firms.len());
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    for (row, own) in firms.iter().enumerate() {
        for firm in own {
            let before = *first.entry(*firm).or_insert(row);
            sets.union(before, row);
        }
    }
    (0..firms.len()).map(|row| sets.find(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_firm_is_on_both_sides(pairs in prop::collection::vec((0_u32..40, 0_u32..40), 30..80), seed in 0_u64..9) {
            let firms: Vec<Vec<u32>> = pairs.iter().map(|(a, b)| vec![*a, *b + 100 * (a % 3)]).collect();
            let targets: Vec<f64> = (0..firms.len()).map(|row| (row % 2) as f64).collect();
            for fold in by_firms(&firms, &targets, 3, seed).into_iter().flatten() {
                let judged: BTreeSet<u32> = fold.test.iter().flat_map(|row| firms[*row].clone()).collect();
                prop_assert!(fold.train.iter().all(|row| firms[*row].iter().all(|firm| !judged.contains(firm))));
            }
        }
    }
}
