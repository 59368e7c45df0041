//! What a lake promises, on every store; and what happens when the store fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod conformance;
mod faults;
mod lease;
mod places;
#[expect(
    unreachable_pub,
    reason = "the tests of the whole flow are a crate that offers it"
)]
#[path = "../../../../tests/src/python.rs"]
mod python;
#[expect(
    unreachable_pub,
    reason = "the tests of the whole flow are a crate that offers it"
)]
#[path = "../../../../tests/src/s3.rs"]
mod s3;

use python::{python, script};
