#![doc = include_str!("../README.md")]

mod distinct;
mod drift;
mod judge;
mod profile;
mod profiler;
mod sketch;

pub use distinct::Distinct;
pub use drift::{FEWEST, ks, psi_of_categories, psi_of_numbers};
pub use judge::{Audited, Counts, Measured, judge};
pub use profile::{ColumnProfile, Profile};
pub use profiler::Profiler;
pub use sketch::Sketch;
