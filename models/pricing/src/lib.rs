#![doc = include_str!("../README.md")]

mod conformal;
mod explanation;
mod fit;
mod groups;
mod interior;
mod judging;
mod levels;
mod linear;
mod model;
mod outliers;
mod params;
mod quantiles;
mod report;
mod rules;

pub use conformal::{CalibrationRows, Conformal, ConformalParams};
pub use explanation::{Explanation, Part, Scale};
pub use fit::PriceFit;
pub use groups::{CheckedGroupParams, GroupParams, GroupQuantiles};
pub use linear::{CheckedLinearParams, LinearParams, LinearQuantiles};
pub use model::PriceModel;
pub use outliers::outliers;
pub use params::{CheckedPriceParams, PriceParams};
pub use quantiles::{BoostedParams, Candidate, Quantiles};
pub use report::{CandidateLoss, Coverage, FoldMeasure, Report};
pub use rules::{Rule, apply_rules};
