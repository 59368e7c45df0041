//! The normal distribution, and χ².

/// Returns the chance that a standard normal value is `z` or more.
pub(crate) fn normal_tail(z: f64) -> f64 {
    let half = 0.5 * erfc(z.abs() / std::f64::consts::SQRT_2);
    if z >= 0.0 { half } else { 1.0 - half }
}

/// The complementary error function of `x ≥ 0`: near 0 by the series 7.6.2 of the NIST Digital Library of Mathematical Functions, whose
/// terms are all positive, and further out by the continued fraction 7.9.2.
fn erfc(x: f64) -> f64 {
    let scale = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        return 1.0 - 2.0 * scale * sum;
    }
    // From the inside out; 60 levels leave no digit to gain from 2 on.
    let inner = (1..=60)
        .rev()
        .fold(x, |below, level| x + f64::from(level) / 2.0 / below);
    scale / inner
}

/// Returns the chance that a χ² value of `freedom` degrees is `x` or less: the series 8.7.1 of the NIST Digital Library of Mathematical
/// Functions, whose terms are all positive.
pub(crate) fn chi_square_below(x: f64, freedom: u32) -> f64 {
    let (half, z) = (f64::from(freedom) / 2.0, x / 2.0);
    if z <= 0.0 || freedom == 0 {
        return 0.0;
    }
    if z > half + 20.0 * half.sqrt() + 40.0 {
        return 1.0;
    }
    // ln Γ(half + 1) by its recursion, from Γ(1) or Γ(1/2).
    let is_odd = freedom % 2 == 1;
    let start = if is_odd {
        0.5 * std::f64::consts::PI.ln()
    } else {
        0.0
    };
    let from = if is_odd { 0.5 } else { 1.0 };
    let steps = (half + 1.0 - from).round() as u32;
    let ln_gamma = (0..steps).fold(start, |sum, step| sum + (from + f64::from(step)).ln());
    let (mut term, mut sum, mut at) = (1.0, 1.0, half);
    while term > sum * 1e-17 {
        at += 1.0;
        term *= z / at;
        sum += term;
    }
    ((half * z.ln() - z - ln_gamma).exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chi_square_is_that_of_scipy() {
        // scipy.stats.chi2.cdf
        for (x, freedom, below) in [
            (0.05, 4, 0.000_307_340_170_959_014_6),
            (0.5, 1, 0.520_499_877_813_046_6),
            (9.0, 9, 0.562_725_811_086_133_1),
            (150.0, 120, 0.966_926_519_088_695_3),
        ] {
            let found = chi_square_below(x, freedom);
            assert!(
                (found / below - 1.0).abs() < 1e-9,
                "{x}: {found} not {below}"
            );
        }
        assert_eq!(chi_square_below(1e6, 5), 1.0);
    }

    #[test]
    fn tails_are_those_of_scipy() {
        // scipy.stats.norm.sf
        for (z, tail) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (-1.5, 0.933_192_798_731_141_9),
            (2.5, 0.006_209_665_325_776_132),
            (3.0, 0.001_349_898_031_630_094_6),
            (6.0, 9.865_876_450_376_946e-10),
            (12.0, 1.776_482_112_077_653e-33),
        ] {
            let found = normal_tail(z);
            assert!((found / tail - 1.0).abs() < 1e-9, "{z}: {found} not {tail}");
        }
    }
}
