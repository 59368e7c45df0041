//! From a score to log odds that mean what they say. Every calibration rises with the score, so what is monotone stays so.

use linfa::Error;
use ndarray::{Array1, array};
use serde::{Deserialize, Serialize};
use tabular::cholesky::solve;
use tabular::{TabularError, log_odds, sigmoid};

/// A way to calibrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalibrationKind {
    /// Scores are log odds already.
    None,
    /// A line (Platt, *Probabilistic Outputs for Support Vector Machines*, 1999; fitted after Lin, Lin and Weng, 2007).
    Platt,
    /// Steps joined by lines (Zadrozny and Elkan, *Transforming Classifier Scores into Accurate Probability Estimates*, 2002).
    Isotonic,
}

/// A fitted calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// Scores are log odds.
    None,
    /// `intercept + slope · score`; the slope is not negative.
    Platt {
        /// Slope.
        slope: f64,
        /// Log odds of score 0.
        intercept: f64,
    },
    /// Rising points (score, log odds), joined by lines, flat beyond the ends.
    Isotonic {
        /// The points.
        points: Vec<(f64, f64)>,
    },
}

impl Calibration {
    /// Fits on scores that each row's own target, 0 or 1, had no part in.
    ///
    /// # Errors
    /// `Fit` where the numbers get out of hand.
    pub fn fit(
        kind: CalibrationKind,
        scores: &[f64],
        targets: &[f64],
        weights: &[f64],
    ) -> Result<Self, TabularError> {
        Ok(match kind {
            CalibrationKind::None => Self::None,
            CalibrationKind::Platt => platt(scores, targets, weights)?,
            CalibrationKind::Isotonic => isotonic(scores, targets, weights),
        })
    }

    /// Returns which way it is.
    #[must_use]
    pub fn kind(&self) -> CalibrationKind {
        match self {
            Self::None => CalibrationKind::None,
            Self::Platt { .. } => CalibrationKind::Platt,
            Self::Isotonic { .. } => CalibrationKind::Isotonic,
        }
    }

    /// Returns the log odds of a score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Self::None => score,
            Self::Platt { slope, intercept } => intercept + slope * score,
            Self::Isotonic { points } => interpolated(points, score),
        }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let sound = match self {
            Self::None => true,
            Self::Platt { slope, intercept } => {
                slope.is_finite() && *slope >= 0.0 && intercept.is_finite()
            }
            Self::Isotonic { points } => {
                let finite = points.iter().all(|(x, y)| x.is_finite() && y.is_finite());
                let rising = points
                    .windows(2)
                    .all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
                !points.is_empty() && finite && rising
            }
        };
        if sound {
            Ok(())
        } else {
            Err(TabularError::corrupt("a calibration is out of bounds"))
        }
    }
}

/// Points joined by lines, flat beyond the ends.
pub(crate) fn interpolated(points: &[(f64, f64)], score: f64) -> f64 {
    let next = points.partition_point(|(x, _)| *x < score);
    match (next.checked_sub(1).map(|at| points[at]), points.get(next)) {
        (Some((x0, y0)), Some((x1, y1))) => {
            // Held within its ends: rounding must not break the order.
            (y0 + (y1 - y0) * (score - x0) / (x1 - x0)).clamp(y0.min(*y1), y0.max(*y1))
        }
        (Some((_, y)), None) => y,
        (None, Some((_, y))) => *y,
        (None, None) => 0.0,
    }
}

fn platt(scores: &[f64], targets: &[f64], weights: &[f64]) -> Result<Calibration, TabularError> {
    let yes: f64 = targets.iter().zip(weights).map(|(y, w)| y * w).sum();
    let no: f64 = targets
        .iter()
        .zip(weights)
        .map(|(y, w)| (1.0 - y) * w)
        .sum();
    // Targets held off 0 and 1, so that separable scores have a finite slope.
    let (high, low) = ((yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0));
    let aims: Vec<f64> = targets
        .iter()
        .map(|y| if *y > 0.5 { high } else { low })
        .collect();
    let start = ((yes + 1.0) / (no + 1.0)).ln();
    let mut at = array![start, 0.0];
    let loss = |at: &Array1<f64>| -> f64 {
        let rows = scores.iter().zip(&aims).zip(weights);
        rows.map(|((score, aim), w)| {
            let z = at[0] + at[1] * score;
            // ln(1 + e^z) without overflow.
            w * (z.max(0.0) + (-z.abs()).exp().ln_1p() - aim * z)
        })
        .sum()
    };
    let mut current = loss(&at);
    for _ in 0..100 {
        let (mut gradient, mut curve) = (array![0.0, 0.0], array![[1e-12, 0.0], [0.0, 1e-12]]);
        for ((score, aim), w) in scores.iter().zip(&aims).zip(weights) {
            let p = sigmoid(at[0] + at[1] * score);
            let (g, h) = (w * (p - aim), w * p * (1.0 - p));
            gradient += &array![g, g * score];
            curve += &array![[h, h * score], [h * score, h * score * score]];
        }
        let step = solve(curve, gradient)?;
        let mut length = 1.0;
        let next = loop {
            let next = &at - &(length * &step);
            let reached = loss(&next);
            if reached <= current || length < 1e-10 {
                break (next, reached);
            }
            length /= 2.0;
        };
        let gained = current - next.1;
        (at, current) = next;
        if gained < 1e-12 * (1.0 + current.abs()) {
            break;
        }
    }
    if !at.iter().all(|x| x.is_finite()) {
        return Err(Error::NotConverged("Platt's line is not finite".to_owned()).into());
    }
    // Scores that run against the targets say nothing: then every row gets the share of yes.
    Ok(if at[1] > 0.0 {
        Calibration::Platt {
            slope: at[1],
            intercept: at[0],
        }
    } else {
        Calibration::Platt {
            slope: 0.0,
            intercept: start,
        }
    })
}

/// Neighbouring scores that have one share of yes.
struct Block {
    weight: f64,
    score: f64,
    yes: f64,
}

/// Pools neighbours until shares rise (Ayer et al., 1955), then joins the blocks' middles.
fn isotonic(scores: &[f64], targets: &[f64], weights: &[f64]) -> Calibration {
    let mut order: Vec<usize> = (0..scores.len())
        .filter(|row| weights[*row] > 0.0)
        .collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut blocks: Vec<Block> = Vec::new();
    let mut last_score = f64::NAN;
    for row in order {
        let (weight, score) = (weights[row], scores[row]);
        let one = Block {
            weight,
            score: weight * score,
            yes: weight * targets[row],
        };
        match blocks.last_mut() {
            // Equal scores get one share.
            Some(last) if score == last_score => last.add(&one),
            _ => blocks.push(one),
        }
        last_score = score;
        while let [.., before, last] = blocks.as_mut_slice() {
            if before.yes * last.weight < last.yes * before.weight {
                break;
            }
            let taken = Block { ..*last };
            before.add(&taken);
            blocks.pop();
        }
    }
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(blocks.len());
    for block in &blocks {
        let share = block.yes / block.weight;
        let point = (
            block.score / block.weight,
            log_odds(share.clamp(block.least(), 1.0 - block.least())),
        );
        // A small block at the end is held to what its neighbour says; equal means of scores are one point.
        let (x, y) = points
            .last()
            .copied()
            .unwrap_or((f64::NEG_INFINITY, f64::NEG_INFINITY));
        if point.0 > x {
            points.push((point.0, point.1.max(y)));
        }
    }
    Calibration::Isotonic { points }
}

impl Block {
    fn add(&mut self, other: &Self) {
        self.weight += other.weight;
        self.score += other.score;
        self.yes += other.yes;
    }

    /// The least share that so few rows can stand for: half a row more than was seen (Krichevsky and Trofimov, 1981).
    fn least(&self) -> f64 {
        0.5 / (self.weight + 1.0)
    }
}
