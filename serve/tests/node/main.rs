//! The node as callers see it: small collections, real files, no network.

#![expect(clippy::unwrap_used, reason = "the harness is part of the tests")]

mod conditions;
mod harness;
mod hybrid;
mod market;
mod matches;
mod offers;
mod problems;
mod process;
mod snapshots;
