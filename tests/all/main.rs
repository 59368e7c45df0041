//! The whole flow: end to end, failures, architecture.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod abuse;
mod architecture;
mod arms;
mod auctions;
mod bi;
mod canary;
mod compose;
mod conservation;
mod contracts;
mod deals;
mod failures;
mod gates;
mod identity;
mod incremental;
mod learning;
mod lineage;
mod matching;
mod models;
mod new_matches;
mod offers;
mod operations;
#[path = "../../pipeline/lineage/tests/schema/published.rs"]
mod published;
mod quarantine;
mod real_data;
mod recommendations;
mod recovery;
mod rerank;
mod scheduling;
mod serving;
mod side_by_side;
mod sql_tests;
mod steering;
mod store;
mod suggestions;
mod survival;
mod sweeping;
mod tenants;
#[path = "../../models/encoder/tests/encoder/tiny.rs"]
#[expect(dead_code, reason = "the encoder's own tests use all of it")]
mod tiny;
mod told;
mod tuning;
mod vocabulary;
mod walk_through;
