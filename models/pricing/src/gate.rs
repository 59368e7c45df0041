//! Whether a challenger may take the champion's place.

use serde::{Deserialize, Serialize};

/// Bounds of the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateParams {
    /// Skill below which nothing was learnt: labels shuffled or a broken join give about 0.
    pub least_skill: f64,
    /// How much worse, as a share, a challenger's loss may be than the champion's on the same rows.
    pub tolerance: f64,
    /// How far coverage may be below what the levels promise.
    pub coverage_slack: f64,
}

impl Default for GateParams {
    fn default() -> Self {
        Self {
            least_skill: 0.05,
            tolerance: 0.01,
            coverage_slack: 0.03,
        }
    }
}

/// What is judged: all measured on rows that neither model has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The challenger's skill ([`crate::Report::skill`]).
    pub skill: f64,
    /// Its loss.
    pub challenger: f64,
    /// The champion's loss on the same rows, where there is a champion.
    pub champion: Option<f64>,
    /// Share of the rows within the interval.
    pub coverage: f64,
    /// The share that the levels promise.
    pub promised: f64,
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
    /// Its intervals hold too few prices.
    Uncovered {
        /// The share that they hold.
        coverage: f64,
    },
}

/// Returns why the challenger is refused; nothing where it is promoted.
#[must_use]
pub fn judge(evidence: Evidence, params: GateParams) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if evidence.skill.is_nan() || evidence.skill < params.least_skill {
        refusals.push(Refusal::LearntNothing { skill: evidence.skill });
    }
    if let Some(champion) = evidence.champion {
        let challenger = evidence.challenger;
        if challenger.is_nan() || challenger > champion * (1.0 + params.tolerance) {
            refusals.push(Refusal::Worse { challenger, champion });
        }
    }
    let coverage = evidence.coverage;
    if coverage.is_nan() || coverage < evidence.promised - params.coverage_slack {
        refusals.push(Refusal::Uncovered { coverage });
    }
    refusals
}
