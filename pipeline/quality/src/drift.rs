//! How far two distributions lie apart, and how far chance alone may take them.

use std::collections::{BTreeMap, BTreeSet};

use crate::Sketch;

/// Fewer values than this on either side tell nothing.
pub const FEWEST: u64 = 50;
/// Bins that numbers are counted in, by quantiles of the reference.
const BINS: usize = 10;
/// Counts that every bin is given, so that an empty one does not make the index infinite.
const PRIOR: f64 = 0.5;
/// The quantile of the standard normal distribution at 99.9 %.
const NORMAL_999: f64 = 3.0902;
/// √(−ln(0.001 / 2) / 2): what the Kolmogorov-Smirnov distance exceeds by chance once in a thousand times.
const SMIRNOV_999: f64 = 1.9495;

/// A distance, and what it may be of equal distributions once in a thousand times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// The distance.
    pub value: f64,
    /// What chance alone may make it.
    pub chance: f64,
}

/// Returns the population stability index of numbers, in bins by deciles of the reference, and two for what lies beyond it; none where there are too few.
#[must_use]
pub fn psi_of_numbers(before: &Sketch, now: &Sketch) -> Option<Distance> {
    if before.total().min(now.total()) < FEWEST {
        return None;
    }
    let deciles = (1..BINS).filter_map(|bin| before.quantile_bin(bin as f64 / BINS as f64));
    // Below the smallest and above the largest are bins of their own: a tenfold price is in no decile.
    let smallest = before.bins().next().map(|(bin, _)| bin - 1);
    let ends = deciles.chain(smallest).chain(before.quantile_bin(1.0));
    let ends: Vec<i32> = ends.collect::<BTreeSet<_>>().into_iter().collect();
    let counts = |sketch: &Sketch| {
        let mut counts = vec![0; ends.len() + 1];
        for (bin, count) in sketch.bins() {
            counts[ends.partition_point(|end| *end < bin)] += count;
        }
        counts
    };
    Some(psi(&counts(before), &counts(now)))
}

/// Returns the population stability index of values; none where there are too few.
#[must_use]
pub fn psi_of_categories(
    before: &BTreeMap<String, u64>,
    now: &BTreeMap<String, u64>,
) -> Option<Distance> {
    let total = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    let least = total(before).min(total(now));
    if least < FEWEST {
        return None;
    }
    // Values too rare to say anything count together: each would be a bin of its own chance.
    let rare = (total(before) / 100).max(5);
    let common: BTreeSet<&String> = [before, now]
        .into_iter()
        .flatten()
        .filter(|(_, count)| **count >= rare)
        .map(|(value, _)| value)
        .collect();
    let counts = |of: &BTreeMap<String, u64>| {
        let mut counts: Vec<u64> = common
            .iter()
            .map(|v| of.get(*v).copied().unwrap_or(0))
            .collect();
        counts.push(total(of) - counts.iter().sum::<u64>());
        counts
    };
    Some(psi(&counts(before), &counts(now)))
}

/// Σ (pᵢ − qᵢ) ln(pᵢ / qᵢ), and (1/n + 1/m) × the 99.9 % quantile of χ² (Yurdakul and Naranjo 2020).
fn psi(before: &[u64], now: &[u64]) -> Distance {
    let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let (n, m) = (total(before), total(now));
    let bins = before.len() as f64;
    let share = |count: u64, of: f64| (count as f64 + PRIOR) / (of + PRIOR * bins);
    let value = before
        .iter()
        .zip(now)
        .map(|(before, now)| {
            let (p, q) = (share(*now, m), share(*before, n));
            (p - q) * (p / q).ln()
        })
        .sum();
    Distance {
        value,
        chance: (1.0 / n + 1.0 / m) * chi_square_999(bins - 1.0),
    }
}

/// The 99.9 % quantile of χ² (Wilson and Hilferty 1931), 0 without freedom.
fn chi_square_999(freedom: f64) -> f64 {
    if freedom < 1.0 {
        return 0.0;
    }
    let ninth = 2.0 / (9.0 * freedom);
    freedom * (1.0 - ninth + NORMAL_999 * ninth.sqrt()).powi(3)
}

/// Returns the Kolmogorov-Smirnov distance of numbers, as far as bins tell them apart; none where there are too few.
#[must_use]
pub fn ks(before: &Sketch, now: &Sketch) -> Option<Distance> {
    let (n, m) = (before.total(), now.total());
    if n.min(m) < FEWEST {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    let mut steps: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    before
        .bins()
        .for_each(|(bin, count)| steps.entry(bin).or_default().0 += count);
    now.bins()
        .for_each(|(bin, count)| steps.entry(bin).or_default().1 += count);
    let (mut seen, mut value) = ((0, 0), 0.0_f64);
    for (a, b) in steps.into_values() {
        seen = (seen.0 + a, seen.1 + b);
        value = value.max((seen.0 as f64 / n - seen.1 as f64 / m).abs());
    }
    Some(Distance {
        value,
        chance: SMIRNOV_999 * ((n + m) / (n * m)).sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers spread evenly over the logarithms from 100 to 10,000, times a factor.
    fn prices(count: u32, factor: f64) -> Sketch {
        let mut sketch = Sketch::default();
        for place in 0..count {
            let share = (f64::from(place) * 0.618_033_988_7).fract();
            sketch.add(100.0 * 100_f64.powf(share) * factor);
        }
        sketch
    }

    #[test]
    fn the_index_is_that_of_the_formula_by_hand() {
        let two = |a: u64, b: u64| BTreeMap::from([("a".to_owned(), a), ("b".to_owned(), b)]);
        let found = psi_of_categories(&two(500, 500), &two(800, 200)).unwrap();
        // (0.8 − 0.5) ln(0.8/0.5) + (0.2 − 0.5) ln(0.2/0.5) = 0.4159, but for the prior.
        assert!((found.value - 0.4159).abs() < 0.005, "{found:?}");
        assert!(found.chance < 0.05, "{found:?}");
    }

    #[test]
    fn the_distance_is_the_largest_gap_between_distribution_functions() {
        let (mut low, mut high) = (Sketch::default(), Sketch::default());
        (0..100).for_each(|_| low.add(1.0));
        (0..75).for_each(|_| high.add(1.0));
        (0..25).for_each(|_| high.add(2.0));
        let found = ks(&low, &high).unwrap();
        assert!((found.value - 0.25).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn more_of_the_same_is_no_drift_and_tenfold_prices_are() {
        let (before, grown, tenfold) = (prices(500, 1.0), prices(700, 1.0), prices(500, 10.0));
        let same = psi_of_numbers(&before, &grown).unwrap();
        assert!(same.value < 0.05 && ks(&before, &grown).unwrap().value < 0.05);
        let moved = psi_of_numbers(&before, &tenfold).unwrap();
        assert!(moved.value > 1.0, "{moved:?}");
        assert!(ks(&before, &tenfold).unwrap().value > 0.4);
        // A fifth of the rows is enough to be seen.
        let mut fifth = prices(400, 1.0);
        fifth.merge(&prices(100, 10.0));
        let found = psi_of_numbers(&before, &fifth).unwrap();
        assert!(
            found.value > 0.25 && found.value > found.chance,
            "{found:?}"
        );
    }

    #[test]
    fn too_few_values_tell_nothing() {
        assert_eq!(psi_of_numbers(&prices(49, 1.0), &prices(500, 10.0)), None);
        assert_eq!(ks(&prices(500, 1.0), &prices(49, 10.0)), None);
    }

    #[test]
    fn chance_is_what_tables_of_chi_square_say() {
        for (freedom, table) in [(1.0, 10.83), (9.0, 27.88), (30.0, 59.70)] {
            let found = chi_square_999(freedom);
            assert!((found - table).abs() / table < 0.05, "{freedom}: {found}");
        }
    }
}
