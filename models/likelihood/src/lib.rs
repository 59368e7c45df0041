#![doc = include_str!("../README.md")]

mod additive;
mod calibration;
mod columns;
mod curve;
mod evidence;
mod explanation;
mod logistic;
mod model;
mod newton;
mod params;
mod report;
mod what_if;

pub use additive::{Additive, AdditiveParams, CheckedAdditiveParams};
pub use calibration::{Calibration, CalibrationKind};
pub use explanation::{Explanation, Part};
pub use logistic::{CheckedLogisticParams, Logistic, LogisticParams};
pub use model::{LikelihoodFit, LikelihoodModel, Scorer};
pub use params::{Candidate, CheckedLikelihoodParams, LikelihoodParams};
pub use report::{CandidateLoss, Report};
pub use what_if::{Answer, Question};
