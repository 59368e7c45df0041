//! Many tests at once, and shares of few.

/// Returns the q-value of each p-value: the least share of false discoveries at which it is discovered (Benjamini and Hochberg, *Controlling
/// the False Discovery Rate*, J. Royal Statistical Society B 57, 1995). `tests` is how many were made, those not listed having p = 1.
pub(crate) fn q_values(chances: &[f64], tests: usize) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*b].total_cmp(&chances[*a]));
    let tests = tests.max(chances.len()) as f64;
    let mut q = vec![1.0; chances.len()];
    let mut least: f64 = 1.0;
    for (from_end, at) in order.iter().enumerate() {
        let place = (chances.len() - from_end) as f64;
        least = least.min(chances[*at] * tests / place);
        q[*at] = least;
    }
    q
}

/// Returns the 95 % interval of a share of `hits` among `n` (Wilson, *Probable Inference*, J. American Statistical Association 22, 1927); none
/// of none.
#[must_use]
pub fn wilson(hits: usize, n: usize) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let (n, z) = (n as f64, 1.959_963_984_540_054);
    let share = hits as f64 / n;
    let under = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / under;
    let half = z / under * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_values_are_those_of_scipy() {
        // scipy.stats.false_discovery_control([0.01, 0.04, 0.03, 0.5])
        let wanted = [
            0.04,
            0.053_333_333_333_333_33,
            0.053_333_333_333_333_33,
            0.5,
        ];
        let found = q_values(&[0.01, 0.04, 0.03, 0.5], 4);
        assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn intervals_are_those_of_scipy() {
        // scipy.stats.binomtest(9, 12).proportion_ci(method="wilson")
        let (low, high) = wilson(9, 12).unwrap();
        assert!((low - 0.467_694_665_066_434_26).abs() < 1e-9, "{low}");
        assert!((high - 0.911_058_331_605_945_3).abs() < 1e-9, "{high}");
        assert!(wilson(0, 0).is_none());
    }
}
