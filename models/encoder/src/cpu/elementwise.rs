//! Row-wise functions: GELU, softmax, layer normalisation.

use super::instructions::Instructions;
use super::level::by_level;
use crate::folder::Activation;

/// Partial sums of a reduction: value i goes to lane i mod 16, then the lanes are added in order.
const LANES: usize = 16;

by_level! {
    /// Applies the activation to every value.
    pub(super) fn activate(values: &mut [f32], activation: Activation) = activate_body;
}

by_level! {
    /// Replaces every value by its hyperbolic tangent.
    pub(super) fn tanh_all(values: &mut [f32]) = tanh_all_body;
}

by_level! {
    /// Replaces every value x by 1 / (1 + e to the power of −x).
    pub(super) fn sigmoid_all(values: &mut [f32]) = sigmoid_all_body;
}

by_level! {
    /// Normalises each row of `values` + `residual` to mean 0 and variance 1, then scales and shifts.
    ///
    /// `values` and `residual` are (rows × width), `scale` and `shift` have `width` values. Ba, Kiros, Hinton 2016.
    pub(super) fn add_norm(values: &mut [f32], residual: &[f32], norm: &Norm) = add_norm_body;
}

/// Parameters of a layer normalisation.
pub(super) struct Norm {
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
    pub(super) epsilon: f32,
}

#[inline(always)]
fn activate_body<I: Instructions>(with: I, values: &mut [f32], activation: Activation) {
    match activation {
        Activation::Gelu => values.iter_mut().for_each(|v| *v = gelu(with, *v)),
        Activation::GeluTanh => values.iter_mut().for_each(|v| *v = gelu_tanh(with, *v)),
        Activation::Relu => values
            .iter_mut()
            .for_each(|v| *v = if *v < 0.0 { 0.0 } else { *v }),
    }
}

/// x Φ(x), by the error function: the exact form that BERT was trained with. Hendrycks, Gimpel 2016.
#[inline(always)]
fn gelu<I: Instructions>(with: I, x: f32) -> f32 {
    let half = 0.5 * x;
    with.mul_add(half, erf(with, x * std::f32::consts::FRAC_1_SQRT_2), half)
}

/// The approximation of [`gelu`] by tanh, for models trained with it.
#[inline(always)]
fn gelu_tanh<I: Instructions>(with: I, x: f32) -> f32 {
    const SQRT_2_OVER_PI: f32 = 0.797_884_6;
    let inner = SQRT_2_OVER_PI * with.mul_add(0.044_715 * x * x, x, x);
    with.mul_add(0.5 * x, tanh(with, inner), 0.5 * x)
}

#[inline(always)]
fn tanh_all_body<I: Instructions>(with: I, values: &mut [f32]) {
    values.iter_mut().for_each(|v| *v = tanh(with, *v));
}

#[inline(always)]
fn sigmoid_all_body<I: Instructions>(with: I, values: &mut [f32]) {
    let sigmoid = |v: f32| 1.0 / (exp(with, -v) + 1.0);
    values.iter_mut().for_each(|v| *v = sigmoid(*v));
}

/// The hyperbolic tangent, to 5e-7.
#[inline(always)]
fn tanh<I: Instructions>(with: I, x: f32) -> f32 {
    1.0 - 2.0 / (exp(with, 2.0 * x) + 1.0)
}

/// The error function to 3e-7, a ratio of polynomials in x²; the coefficients are Eigen's (`generic_fast_erf_float`).
#[inline(always)]
fn erf<I: Instructions>(with: I, x: f32) -> f32 {
    // A comparison, not `clamp`'s or `max`'s handling of NaN: a NaN must come through.
    let x = if x > 4.0 { 4.0 } else { x };
    let x = if x < -4.0 { -4.0 } else { x };
    let square = x * x;
    let mut top = -2.726_142_3e-10;
    for coefficient in [
        2.770_681_3e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906_4e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ] {
        top = with.mul_add(top, square, coefficient);
    }
    let mut bottom = -1.456_607_2e-5;
    for coefficient in [
        -2.133_740_5e-4,
        -1.682_827e-3,
        -7.373_329e-3,
        -1.426_473_9e-2,
    ] {
        bottom = with.mul_add(bottom, square, coefficient);
    }
    x * top / bottom
}

/// e to the power of x, to 4e-7 of itself; x is first clamped to [−87, 88].
#[inline(always)]
pub(super) fn exp<I: Instructions>(with: I, x: f32) -> f32 {
    /// Adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > 88.0 { 88.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = with.mul_add(x, std::f32::consts::LOG2_E, ROUND);
    let power = shifted - ROUND;
    // ln 2 in two parts, Cody and Waite 1980; the polynomial is Cephes' expf.
    let rest = with.mul_add(power, -0.693_359_4, x);
    let rest = with.mul_add(power, 2.121_944_4e-4, rest);
    let mut sum = 1.987_569_1e-4;
    for coefficient in [
        1.398_2e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        sum = with.mul_add(sum, rest, coefficient);
    }
    let sum = with.mul_add(sum * rest, rest, rest) + 1.0;
    sum * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// Turns scores × `scale` into weights that sum to 1. `scale` is positive.
#[inline(always)]
pub(super) fn softmax<I: Instructions>(with: I, scores: &mut [f32], scale: f32) {
    let highest = fold(scores, f32::NEG_INFINITY, |lane, score| {
        if score > lane { score } else { lane }
    });
    let highest = highest
        .into_iter()
        .fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    for score in scores.iter_mut() {
        *score = exp(with, (*score - highest) * scale);
    }
    let sum: f32 = fold(scores, 0.0, |lane, weight| lane + weight)
        .into_iter()
        .sum();
    let inverse = 1.0 / sum;
    for weight in scores.iter_mut() {
        *weight *= inverse;
    }
}

#[inline(always)]
fn add_norm_body<I: Instructions>(with: I, values: &mut [f32], residual: &[f32], norm: &Norm) {
    let width = norm.scale.len();
    for (row, residual) in values
        .chunks_exact_mut(width)
        .zip(residual.chunks_exact(width))
    {
        for (value, residual) in row.iter_mut().zip(residual) {
            *value += residual;
        }
        let mean = fold(row, 0.0, |lane, v| lane + v).into_iter().sum::<f32>() / width as f32;
        for value in row.iter_mut() {
            *value -= mean;
        }
        let squares: f32 = fold(row, 0.0, |lane, v| with.mul_add(v, v, lane))
            .into_iter()
            .sum();
        let inverse = 1.0 / (squares / width as f32 + norm.epsilon).sqrt();
        for ((value, scale), shift) in row.iter_mut().zip(&norm.scale).zip(&norm.shift) {
            *value = with.mul_add(*value * inverse, *scale, *shift);
        }
    }
}

/// Folds values into 16 lanes: the order depends on the position alone, never on the registers.
#[inline(always)]
fn fold(values: &[f32], start: f32, step: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut lanes = [start; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = step(*lane, value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, value);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::instructions::Baseline;
    use crate::cpu::level::Level;

    /// The error function by its Taylor series, in double precision.
    fn exact_erf(x: f64) -> f64 {
        if x.abs() > 5.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn the_exponential_is_right_to_the_last_bits() {
        for step in -8700..=1000 {
            let x = step as f32 / 100.0;
            let wanted = f64::from(x).exp();
            let found = f64::from(exp(Baseline, x));
            assert!(
                (found / wanted - 1.0).abs() < 4e-7,
                "exp({x}) = {found}, wanted {wanted}"
            );
        }
    }

    #[test]
    fn gelu_follows_the_error_function_and_not_tanh() {
        let inputs: Vec<f32> = (-800..=800).map(|step| step as f32 / 100.0).collect();
        for level in Level::available() {
            let mut values = inputs.clone();
            activate(level, &mut values, Activation::Gelu);
            for (&x, &found) in inputs.iter().zip(&values) {
                let x = f64::from(x);
                let wanted = 0.5 * x * (1.0 + exact_erf(x / 2f64.sqrt()));
                assert!(
                    (f64::from(found) - wanted).abs() < 1e-6,
                    "gelu({x}) = {found}, wanted {wanted}"
                );
            }
        }
    }

    #[test]
    fn tanh_and_sigmoid_are_right_at_every_level() {
        let inputs: Vec<f32> = (-3000..=3000).map(|step| step as f32 / 100.0).collect();
        for level in Level::available() {
            let (mut tanh, mut sigmoid) = (inputs.clone(), inputs.clone());
            tanh_all(level, &mut tanh);
            sigmoid_all(level, &mut sigmoid);
            for (at, &x) in inputs.iter().enumerate() {
                let x = f64::from(x);
                assert!((f64::from(tanh[at]) - x.tanh()).abs() < 5e-7, "tanh({x})");
                let wanted = 1.0 / (1.0 + (-x).exp());
                let found = f64::from(sigmoid[at]);
                assert!((found / wanted - 1.0).abs() < 1e-6, "sigmoid({x})");
            }
        }
    }

    #[test]
    fn softmax_weights_sum_to_one_and_keep_ratios() {
        let mut weights: Vec<f32> = (0..37).map(|i| (i % 11) as f32).collect();
        softmax(Baseline, &mut weights, 0.5);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((weights[2] / weights[0] - 1f32.exp()).abs() < 1e-5);
    }

    #[test]
    fn nan_is_not_hidden() {
        assert!(exp(Baseline, f32::NAN).is_nan());
        assert!(gelu(Baseline, f32::NAN).is_nan());
        let mut weights = [0.0, f32::NAN, 1.0];
        softmax(Baseline, &mut weights, 1.0);
        assert!(weights.iter().any(|w| w.is_nan()));
    }
}
