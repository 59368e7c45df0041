//! The whole flow: end to end, failures, architecture.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod architecture;
mod conservation;
mod contracts;
mod failures;
mod identity;
mod learning;
mod matching;
mod new_matches;
mod offers;
mod real_data;
mod recovery;
mod serving;
mod suggestions;
mod tuning;
mod vocabulary;
