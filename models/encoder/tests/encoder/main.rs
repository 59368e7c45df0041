//! Tests of the crate from outside: tiny models with random weights, and the real one where it was fetched.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot prepare itself has failed"
)]

mod errors;
mod golden;
mod pairs;
mod tiny;
mod vectors;
