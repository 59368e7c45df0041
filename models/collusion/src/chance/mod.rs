//! Distributions and tests: how likely by chance.

mod counts;
mod discovery;
mod normal;

pub(crate) use counts::{Factorials, Stratum, binomial_tail, meetings_tail, runs_tail};
pub(crate) use discovery::q_values;
pub use discovery::wilson;
pub(crate) use normal::{chi_square_below, normal_tail};
