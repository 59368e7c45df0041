//! Opportunity sets: which auctions are comparable, and how often each firm bids in each set.

use std::collections::BTreeMap;

use crate::bids::Bids;
use crate::chance::{Factorials, Stratum, meetings_tail};
use crate::params::CheckedDetectParams;

/// How often each firm bids in each set of comparable auctions.
///
/// Two specialists of one market and territory meet often and honestly, so meetings are counted against what chance expects *within* sets:
/// auctions of a market and territory where there are enough of them, else of the market beside its other small territories, else all the
/// rest. Within a set each firm is held to as many auctions as it bid in; a pair that alone serves its set meets by necessity, which the
/// test finds as likely as can be.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    /// Auctions of each set.
    sizes: Vec<u32>,
    /// The set of each auction; none of an auction that makes no pairs.
    sets: Vec<Option<u32>>,
    /// Sets in which each firm bids, with how often, by set.
    counts: Vec<(u32, u32)>,
    starts: Vec<u32>,
    logs: Factorials,
}

impl Activity {
    pub(crate) fn new(bids: &Bids, params: &CheckedDetectParams) -> Self {
        let auctions = bids.auctions();
        let counted = |at: &u32| (1..=params.most_bidders).contains(&bids.of_auction(*at).len());
        let key = |at: u32| {
            let auction = &auctions[at as usize];
            (auction.market, auction.territory)
        };
        let mut cells: BTreeMap<(u32, Option<u32>), Vec<u32>> = BTreeMap::new();
        for at in (0..auctions.len() as u32).filter(counted) {
            cells.entry(key(at)).or_default().push(at);
        }
        let mut markets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for ((market, _), own) in cells {
            if own.len() >= params.fewest_comparable {
                groups.push(own);
            } else {
                markets.entry(market).or_default().extend(own);
            }
        }
        let mut rest = Vec::new();
        for own in markets.into_values() {
            if own.len() >= params.fewest_comparable {
                groups.push(own);
            } else {
                rest.extend(own);
            }
        }
        groups.push(rest);
        let mut sets = vec![None; auctions.len()];
        for (set, own) in groups.iter().enumerate() {
            own.iter()
                .for_each(|at| sets[*at as usize] = Some(set as u32));
        }
        let sizes: Vec<u32> = groups.iter().map(|own| own.len() as u32).collect();
        let (counts, starts) = counts(bids, &sets);
        let logs = Factorials::up_to(auctions.len().max(bids.bids().len()));
        Self {
            sizes,
            sets,
            counts,
            starts,
            logs,
        }
    }

    pub(crate) fn logs(&self) -> &Factorials {
        &self.logs
    }

    /// Whether an auction makes pairs: not one of a crowd.
    pub(crate) fn makes_pairs(&self, auction: u32) -> bool {
        self.sets[auction as usize].is_some()
    }

    fn of_firm(&self, firm: u32) -> &[(u32, u32)] {
        let at = firm as usize;
        &self.counts[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Returns how many meetings of two firms chance expects, and how likely it makes `met` or more.
    pub(crate) fn meetings(&self, one: u32, other: u32, met: usize) -> (f64, f64) {
        let (mut left, mut right) = (self.of_firm(one), self.of_firm(other));
        let mut strata = Vec::new();
        while let (Some((a, mine)), Some((b, theirs))) = (left.first(), right.first()) {
            if a == b {
                strata.push(Stratum {
                    all: self.sizes[*a as usize] as usize,
                    one: *mine as usize,
                    other: *theirs as usize,
                });
            }
            if a <= b {
                left = &left[1..];
            }
            if b <= a {
                right = &right[1..];
            }
        }
        meetings_tail(&strata, met, &self.logs)
    }
}

fn counts(bids: &Bids, sets: &[Option<u32>]) -> (Vec<(u32, u32)>, Vec<u32>) {
    let (mut counts, mut starts) = (Vec::new(), vec![0]);
    for firm in 0..bids.firms().len() as u32 {
        let own = bids.of_firm(firm);
        let mut own: Vec<u32> = own.filter_map(|bid| sets[bid.auction as usize]).collect();
        own.sort_unstable();
        let runs = own.chunk_by(|a, b| a == b);
        counts.extend(runs.map(|run| (run[0], run.len() as u32)));
        starts.push(counts.len() as u32);
    }
    (counts, starts)
}
