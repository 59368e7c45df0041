//! Whether a challenger may take the champion's place.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bounds of the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateParams {
    /// Skill below which nothing was learnt: labels shuffled or a broken join give about 0.
    pub least_skill: f64,
    /// How much worse, as a share, a challenger's loss may be than the champion's on the same rows.
    pub tolerance: f64,
    /// How far what is said may be from what happens: coverage below what the levels promise, or a calibration error.
    pub gap: f64,
}

impl Default for GateParams {
    fn default() -> Self {
        Self {
            least_skill: 0.05,
            tolerance: 0.01,
            gap: 0.03,
        }
    }
}

/// What is judged: all measured on rows that neither model has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The share of a constant's loss that the challenger spares.
    pub skill: f64,
    /// Its loss.
    pub challenger: f64,
    /// The champion's loss on the same rows, where there is a champion.
    pub champion: Option<f64>,
    /// How far what it says is from what happens.
    pub gap: f64,
}

/// Why a challenger was refused.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// It is hardly better than a constant.
    LearntNothing {
        /// Its skill.
        skill: f64,
    },
    /// It is worse than the champion.
    Worse {
        /// Its loss.
        challenger: f64,
        /// The champion's.
        champion: f64,
    },
    /// What it says is too far from what happens.
    Uncalibrated {
        /// How far.
        gap: f64,
    },
    /// Somebody put the champion in place, and too little came after its data to compare them by.
    Uncompared,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LearntNothing { skill } => {
                write!(
                    f,
                    "it learnt nothing (it spares {skill:.3} of a constant's loss)"
                )
            }
            Self::Worse {
                challenger,
                champion,
            } => write!(
                f,
                "it is worse than the model in place (loss {challenger:.4} against {champion:.4} on the same new rows)"
            ),
            Self::Uncalibrated { gap } => {
                write!(f, "what it says is {gap:.3} away from what happens")
            }
            Self::Uncompared => f.write_str(
                "too little came after the data of the model that was promoted by decision to compare them",
            ),
        }
    }
}

/// Returns why the challenger is refused; nothing where it is promoted.
#[must_use]
pub fn judge(evidence: Evidence, params: GateParams) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if evidence.skill.is_nan() || evidence.skill < params.least_skill {
        refusals.push(Refusal::LearntNothing {
            skill: evidence.skill,
        });
    }
    if let Some(champion) = evidence.champion {
        let challenger = evidence.challenger;
        if challenger.is_nan() || challenger > champion * (1.0 + params.tolerance) {
            refusals.push(Refusal::Worse {
                challenger,
                champion,
            });
        }
    }
    if evidence.gap.is_nan() || evidence.gap > params.gap {
        refusals.push(Refusal::Uncalibrated { gap: evidence.gap });
    }
    refusals
}
