//! The whole flow: end to end, failures, architecture.

mod architecture;
mod conservation;
mod contracts;
mod failures;
mod identity;
mod matching;
mod serving;
