//! Firms that share a bank account, a telephone, an address or a device.

use std::collections::HashMap;

use crate::bids::{Bids, Firm};
use crate::params::CheckedDetectParams;

/// How many firms hold each identifier that few enough hold, by kind.
#[derive(Debug, Clone)]
pub(crate) struct Identities {
    holders: [HashMap<u64, u32>; 4],
    /// How likely two firms at random share one of a kind.
    chances: [f64; 4],
}

/// What two firms share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Shared {
    /// By kind, in the order of [`Firm::KINDS`].
    pub(crate) kinds: [bool; 4],
    /// Kinds of which both have one.
    pub(crate) known: u32,
    /// How likely two firms at random share the rarest kind that these share, all known kinds counted; none where no kind is known.
    pub(crate) chance: Option<f64>,
}

impl Identities {
    pub(crate) fn new(bids: &Bids, params: &CheckedDetectParams) -> Self {
        let mut holders: [HashMap<u64, u32>; 4] = Default::default();
        for firm in bids.firms() {
            for (kind, value) in holders.iter_mut().zip(firm.identifiers()) {
                if let Some(value) = value {
                    *kind.entry(value).or_default() += 1;
                }
            }
        }
        let chances = std::array::from_fn(|kind| {
            let counts = || holders[kind].values().map(|n| f64::from(*n));
            let all: f64 = counts().sum();
            // Whole numbers below 2⁵³ sum alike in any order.
            let alike: f64 = counts().map(|n| n * (n - 1.0)).sum();
            if all > 1.0 {
                (alike / (all * (all - 1.0))).min(1.0)
            } else {
                1.0
            }
        });
        for kind in &mut holders {
            kind.retain(|_, n| (2..=params.most_sharing as u32).contains(n));
        }
        Self { holders, chances }
    }

    pub(crate) fn shared(&self, one: &Firm, other: &Firm) -> Shared {
        let mut found = Shared::default();
        let mut least: f64 = 1.0;
        let pairs = one.identifiers().into_iter().zip(other.identifiers());
        for (kind, (mine, theirs)) in pairs.enumerate() {
            let (Some(mine), Some(theirs)) = (mine, theirs) else {
                continue;
            };
            found.known += 1;
            if mine == theirs && self.holders[kind].contains_key(&mine) {
                found.kinds[kind] = true;
                least = least.min(self.chances[kind]);
            }
        }
        found.chance = (found.known > 0).then(|| (least * f64::from(found.known)).min(1.0));
        found
    }
}
