//! Shares: how unlikely by chance, and where among others.

/// Returns how likely `found` or more of `of` are where each comes with chance `usual`, independently: the upper tail of the binomial.
pub(crate) fn excess(found: u64, of: u64, usual: f64) -> f64 {
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
    fn percentiles_count_ties_half() {
        assert_eq!(percentiles(&[1.0, 2.0, 2.0, 3.0]), [0.125, 0.5, 0.5, 0.875]);
    }
}
