//! Tests of the crate from outside: tiny models with random weights, and the real one where it was fetched.

mod errors;
mod golden;
mod tiny;
mod vectors;
