//! Fitting: the weights that order some questions best.

use std::f64::consts::SQRT_2;

use rayon::prelude::*;

use crate::{figures::Figures, params::Params, question::Prepared};

/// Rounds over the legs; the ascent ends before where no leg moves.
const SWEEPS: usize = 8;
/// A gain below this is no gain.
const NOTHING: f64 = 1e-9;
/// Digits that are kept of a weight.
const DIGITS: f64 = 10_000.0;

/// Finds weights by coordinate ascent on NDCG@10 itself (Metzler and Croft 2007), leg by leg over a grid of half doublings from the
/// defaults, less a penalty that grows with the square of the way from them: few questions can pay for little way. No step that loses
/// recall against the defaults is taken.
pub(crate) fn fit<const N: usize>(
    questions: &[&Prepared<'_, N>],
    defaults: &[f64; N],
    params: &Params,
) -> [f64; N] {
    let count = questions.len() as f64;
    let measure = |steps: &[i32; N]| Figures::mean(&figures(questions, &weights(defaults, steps)));
    let worth = |figures: Figures, steps: &[i32; N]| {
        let doublings = steps.iter().map(|step| f64::from(*step) / 2.0);
        let way: f64 = doublings.map(|doublings| doublings * doublings).sum();
        figures.ndcg_10 * count - params.shrinkage * way
    };
    let mut steps = [0; N];
    let start = measure(&steps);
    let mut best = worth(start, &steps);
    for _ in 0..SWEEPS {
        let before = steps;
        for leg in (0..N).filter(|leg| defaults[*leg] > 0.0) {
            for step in nearest_first(params.half_doublings) {
                let mut tried = steps;
                tried[leg] = step;
                let figures = measure(&tried);
                let worth = worth(figures, &tried);
                if worth > best + NOTHING && figures.recall_20 >= start.recall_20 - NOTHING {
                    (best, steps) = (worth, tried);
                }
            }
        }
        if steps == before {
            break;
        }
    }
    weights(defaults, &steps)
}

/// The figures of every question, in order.
pub(crate) fn figures<const N: usize>(
    questions: &[&Prepared<'_, N>],
    weights: &[f64; N],
) -> Vec<Figures> {
    questions
        .par_iter()
        .map(|question| question.figures(weights))
        .collect()
}

/// 0, 1, -1, 2, -2, …: of steps that are worth the same the nearest is taken.
fn nearest_first(most: i32) -> impl Iterator<Item = i32> {
    std::iter::once(0).chain((1..=most).flat_map(|step| [step, -step]))
}

/// The weights `steps` half doublings from the defaults, brought to the defaults' sum.
fn weights<const N: usize>(defaults: &[f64; N], steps: &[i32; N]) -> [f64; N] {
    let moved: [f64; N] = std::array::from_fn(|leg| {
        let factor: f64 = (0..steps[leg].abs()).map(|_| SQRT_2).product();
        match steps[leg] >= 0 {
            true => defaults[leg] * factor,
            false => defaults[leg] / factor,
        }
    });
    // Untouched weights are the defaults to the last bit.
    if steps.iter().all(|step| *step == 0) {
        return *defaults;
    }
    let scale = defaults.iter().sum::<f64>() / moved.iter().sum::<f64>();
    moved.map(|weight| (weight * scale * DIGITS).round() / DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_double_and_halve_and_keep_the_sum() {
        let defaults = [0.5, 0.25, 0.25];
        assert_eq!(weights(&defaults, &[0; 3]), defaults);
        let moved = weights(&defaults, &[2, 0, -2]);
        assert!((moved.iter().sum::<f64>() - 1.0).abs() < 1e-3);
        assert!((moved[0] / moved[1] - 4.0).abs() < 1e-2, "{moved:?}");
        assert!((moved[1] / moved[2] - 2.0).abs() < 1e-2, "{moved:?}");
    }

    #[test]
    fn steps_come_nearest_first() {
        assert_eq!(nearest_first(2).collect::<Vec<_>>(), [0, 1, -1, 2, -2]);
    }
}
