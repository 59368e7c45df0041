//! Fitting: candidates, folds, gate and card of each model.

mod likelihood;
mod price;
mod trial;

pub use likelihood::{FittedLikelihood, fit_likelihood};
pub use price::{FittedPrice, fit_price};
pub use trial::Previous;
pub(crate) use trial::{Material, compare, name, verdict};

/// Seed of folds and trees: the same rows give the same bytes.
pub(crate) const SEED: u64 = 20_261_121;
/// Folds, by deal.
pub(crate) const FOLDS: usize = 5;
/// Blocks of time that are judged by what came before.
const BLOCKS: usize = 4;
/// Deals below which nothing is fitted.
const LEAST_DEALS: usize = 40;

/// Returns what a fit depends on besides its rows and the model in place.
#[must_use]
pub fn fit_version() -> String {
    // Raise the number when the same rows give another model.
    format!("deals 3, seed {SEED}, {FOLDS} folds, {LEAST_DEALS} deals")
}
