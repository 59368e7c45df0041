//! The node as callers see it: small collections, real files, no network.

#![expect(clippy::unwrap_used, reason = "the harness is part of the tests")]

mod arms;
mod canary;
mod conditions;
mod harness;
mod hybrid;
mod keys;
mod keys_process;
mod market;
mod matches;
mod metrics;
mod offers;
mod problems;
mod process;
mod rerank;
mod snapshots;
#[path = "../../../models/encoder/tests/encoder/tiny.rs"]
#[expect(dead_code, reason = "the encoder's own tests use all of it")]
mod tiny;
