//! Shares: how sure one is, and how unlikely by chance.

/// Returns the interval of a share at `z` standard deviations (Wilson 1927): for small counts too, it stays in [0, 1].
#[must_use]
pub fn wilson(found: u64, of: u64, z: f64) -> [f64; 2] {
    if of == 0 {
        return [0.0, 1.0];
    }
    let (n, z2) = (of as f64, z * z);
    let share = found as f64 / n;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    [(middle - half).max(0.0), (middle + half).min(1.0)]
}

/// Returns how likely `found` or more of `of` are where each comes with chance `usual`, independently: the upper tail of the binomial.
#[must_use]
pub fn excess(found: u64, of: u64, usual: f64) -> f64 {
    if found == 0 {
        return 1.0;
    }
    if found > of || usual <= 0.0 {
        return 0.0;
    }
    if usual >= 1.0 {
        return 1.0;
    }
    let n = of as f64;
    // Logarithm of the chance of exactly `found`, then each next term by its ratio.
    let mut log = found as f64 * usual.ln() + (n - found as f64) * (1.0 - usual).ln();
    for k in 0..found {
        log += (n - k as f64).ln() - (k as f64 + 1.0).ln();
    }
    let (mut term, mut sum) = (log.exp(), 0.0);
    for k in found..=of {
        sum += term;
        term *= (n - k as f64) / (k as f64 + 1.0) * usual / (1.0 - usual);
    }
    sum.min(1.0)
}

/// Returns the share of `all` that is below each of them; ties count half. In the order given.
pub(crate) fn percentiles(all: &[f64]) -> Vec<f64> {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        (below + up_to) as f64 / (2 * sorted.len()) as f64
    };
    all.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_binomial() {
        // scipy.stats.binom.sf(k - 1, n, p)
        for (k, n, p, expected) in [
            (3, 4, 0.06, 8.251_2e-4),
            (1, 10, 0.1, 0.651_321_559_9),
            (10, 10, 0.5, 9.765_625e-4),
            (30, 100, 0.2, 0.011_248_978_72),
        ] {
            let found = excess(k, n, p);
            assert!((found / expected - 1.0).abs() < 1e-6, "{k} of {n}: {found}");
        }
        assert!((excess(0, 5, 0.3) - 1.0).abs() < 1e-12);
        assert!(excess(2, 5, 0.0).abs() < 1e-12);
    }

    #[test]
    fn the_interval_is_wilsons() {
        // statsmodels.stats.proportion.proportion_confint(8, 10, method="wilson")
        let [low, high] = wilson(8, 10, 1.959_963_984_540_054);
        assert!((low - 0.490_162_471).abs() < 1e-6 && (high - 0.943_317_816).abs() < 1e-6);
        assert_eq!(wilson(0, 0, 1.96), [0.0, 1.0]);
    }

    #[test]
    fn percentiles_count_ties_half() {
        assert_eq!(percentiles(&[1.0, 2.0, 2.0, 3.0]), [0.125, 0.5, 0.5, 0.875]);
    }
}
