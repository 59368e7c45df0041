//! What holds for every forest, explanation and threshold.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod forests;
mod market;
mod planted;
mod thresholds;
