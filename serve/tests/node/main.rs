//! The node as callers see it: small collections, real files, no network.

#![expect(clippy::unwrap_used, reason = "the harness is part of the tests")]

mod harness;
mod market;
mod matches;
mod offers;
mod problems;
mod snapshots;
