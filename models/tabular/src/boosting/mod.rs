//! Gradient-boosted trees on histograms, with missing values, categories, monotone constraints and exact contributions.
//!
//! Trees grow leaf by leaf, the most useful split first, on at most a few hundred bins per feature (Ke et al., *LightGBM*, NIPS 2017);
//! categories split by the order of their gradients (Fisher, *On Grouping for Maximum Homogeneity*, 1958); for the pinball loss each leaf
//! takes the quantile of its residuals (Friedman, *Greedy Function Approximation*, 2001).

mod bins;
mod candidates;
mod fit;
mod grow;
mod histogram;
mod lambda;
mod loss;
mod params;
mod settle;
mod shapley;
mod tree;

pub use fit::Boosted;
pub use loss::{Loss, log_odds, sigmoid};
pub use params::{BoostParams, CheckedBoostParams, Direction};
