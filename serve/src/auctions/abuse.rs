//! Where signs of abuse are told.

use serde::Serialize;

/// Signs of abuse. Always empty until a snapshot has screens for collusion and spam; the shape stays.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Abuse {
    pub(crate) flags: Vec<AbuseFlag>,
}

/// A sign of abuse: something to look into, never a verdict.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AbuseFlag {
    /// What it may be: `cover_bidding`, `rotation`, `spam`.
    pub(crate) kind: String,
    /// What was seen, in a sentence.
    pub(crate) evidence: String,
    /// The table or screen that says so.
    pub(crate) source: String,
}
