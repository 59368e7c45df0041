//! What is drawn: rows without repeats, values of a range, normal numbers.

use std::collections::HashSet;

use tabular::Random;

/// Returns `count` of the numbers below `end`, in order, each at most once, in time and memory of `count` alone (Floyd's algorithm; Bentley
/// and Floyd, *A Sample of Brilliance*, 1987).
pub(crate) fn sample(random: &mut Random, end: usize, count: usize) -> Vec<usize> {
    let mut drawn = HashSet::with_capacity(count);
    let mut rows = Vec::with_capacity(count);
    for last in end - count.min(end)..end {
        let other = random.below(last + 1);
        let row = if drawn.insert(other) { other } else { last };
        drawn.insert(row);
        rows.push(row);
    }
    rows.sort_unstable();
    rows
}

/// Returns a number of (low, high], where `low` is below `high`.
pub(crate) fn between(random: &mut Random, low: f64, high: f64) -> f64 {
    let share = random.share();
    // No difference is taken: that of very large numbers is infinite.
    let value = low * share + high * (1.0 - share);
    value.clamp(low.next_up(), high)
}

/// Returns a standard normal number (Marsaglia's polar method).
pub(crate) fn normal(random: &mut Random) -> f64 {
    loop {
        let (x, y) = (2.0 * random.share() - 1.0, 2.0 * random.share() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_repeats_no_row_and_favours_none() {
        let mut counts = [0_usize; 10];
        for seed in 0..3000 {
            let rows = sample(&mut Random::new(seed), 10, 4);
            assert_eq!(rows.len(), 4);
            assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
            rows.iter().for_each(|row| counts[*row] += 1);
        }
        assert!(counts.iter().all(|count| (1050..1350).contains(count)));
        assert_eq!(sample(&mut Random::new(1), 3, 9), [0, 1, 2]);
    }

    #[test]
    fn values_between_two_neighbours_and_between_the_ends_of_all_numbers_part_them() {
        let mut random = Random::new(1);
        for (low, high) in [
            (1.0, 1.0_f64.next_up()),
            (f64::MIN, f64::MAX),
            (-0.0, f64::MIN_POSITIVE),
        ] {
            for _ in 0..200 {
                let value = between(&mut random, low, high);
                assert!(low < value && value <= high);
            }
        }
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::new(1);
        let drawn: Vec<f64> = (0..20_000).map(|_| normal(&mut random)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05);
    }
}
