//! How far a search looks before it scores exactly.

/// Limits that decide who is scored, never what a score is. They do not depend on a query's `limit`, so neither do results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Documents up to which every one of a part is scored by every leg.
    pub(crate) exhaustive: usize,
    /// Vectors above which a part gets lists of near ones.
    pub(crate) listed: usize,
    /// Documents that a filter may admit for all of them to be scored.
    pub(crate) few: usize,
    /// Documents that each leg nominates in a larger part; each of them is scored by every leg.
    pub(crate) depth: usize,
    /// Postings that words read to find them, rarest first; what is left out is read for those found only.
    pub(crate) postings: usize,
    /// The same for the n-grams of sub-words.
    pub(crate) grams: usize,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            exhaustive: 32_768,
            listed: 32_768,
            few: 2_048,
            depth: 128,
            postings: 300_000,
            grams: 100_000,
        }
    }
}
