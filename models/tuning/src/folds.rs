//! Who is fitted on and who is tested: folds of whole groups of near-equal questions.

use std::collections::BTreeSet;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Questions that share at least this share of their words (Jaccard) are near-equal.
const NEAR: f64 = 0.6;

/// Groups questions whose words are near-equal, directly or through others; returns each one's group, numbered from 0 in the order
/// in which they first come.
pub(crate) fn groups(terms: &[&BTreeSet<String>]) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..terms.len()).collect();
    for later in 0..terms.len() {
        for earlier in 0..later {
            if are_near(terms[earlier], terms[later]) {
                let (a, b) = (root(&mut parents, earlier), root(&mut parents, later));
                parents[a.max(b)] = a.min(b);
            }
        }
    }
    let mut numbers = vec![usize::MAX; terms.len()];
    let mut count = 0;
    let mut numbered = Vec::with_capacity(terms.len());
    for question in 0..terms.len() {
        let root = root(&mut parents, question);
        if numbers[root] == usize::MAX {
            numbers[root] = count;
            count += 1;
        }
        numbered.push(numbers[root]);
    }
    numbered
}

fn root(parents: &mut [usize], mut of: usize) -> usize {
    while parents[of] != of {
        parents[of] = parents[parents[of]];
        of = parents[of];
    }
    of
}

fn are_near(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    // The larger set bounds the union from below, the smaller the intersection from above.
    let (small, large) = (a.len().min(b.len()) as f64, a.len().max(b.len()) as f64);
    if small < NEAR * large {
        return false;
    }
    let shared = a.intersection(b).count() as f64;
    shared >= NEAR * (small + large - shared)
}

/// Deals groups to folds, the largest first, each to the fold that has the fewest questions, by lot among equals; returns each
/// question's fold.
pub(crate) fn deal(groups: &[usize], folds: usize, seed: u64) -> Vec<usize> {
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut sizes = vec![0_usize; count];
    groups.iter().for_each(|group| sizes[*group] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order.sort_by_key(|group| std::cmp::Reverse(sizes[*group]));
    let mut filled = vec![0_usize; folds];
    let mut fold_of = vec![0_usize; count];
    for group in order {
        let fold = (0..folds).min_by_key(|fold| filled[*fold]).unwrap_or(0);
        fold_of[group] = fold;
        filled[fold] += sizes[group];
    }
    groups.iter().map(|group| fold_of[*group]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(texts: &[&str]) -> Vec<usize> {
        let terms: Vec<BTreeSet<String>> = texts
            .iter()
            .map(|text| text.split(' ').map(str::to_owned).collect())
            .collect();
        groups(&terms.iter().collect::<Vec<_>>())
    }

    #[test]
    fn near_equal_questions_are_one_group_and_others_are_not() {
        let texts = [
            "tournage inox",
            "fraisage",
            "inox tournage",
            "tournage inox 316l",
            "tournage laiton",
        ];
        assert_eq!(grouped(&texts), [0, 1, 0, 0, 2]);
    }

    #[test]
    fn a_group_falls_into_one_fold_and_folds_are_as_large_as_can_be() {
        let groups = [0, 1, 0, 2, 3, 1, 4, 5, 6, 7];
        let folds = deal(&groups, 5, 7);
        for (a, b) in groups.iter().zip(&folds) {
            for (c, d) in groups.iter().zip(&folds) {
                assert!(a != c || b == d);
            }
        }
        for fold in 0..5 {
            assert_eq!(folds.iter().filter(|f| **f == fold).count(), 2);
        }
        assert_eq!(folds, deal(&groups, 5, 7));
    }
}
