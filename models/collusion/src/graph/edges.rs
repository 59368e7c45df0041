//! Pairs of firms that bid in the same auctions, found firm by firm: never all pairs of firms.

use rayon::prelude::*;

use crate::bids::{Bid, Bids};
use crate::chance::q_values;
use crate::graph::Activity;
use crate::params::CheckedDetectParams;

/// Two bids of one auction, that of the firm of the smaller number first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encounter<'a> {
    pub(crate) one: &'a Bid,
    pub(crate) other: &'a Bid,
}

impl Encounter<'_> {
    pub(crate) fn auction(&self) -> u32 {
        self.one.auction
    }
}

/// All encounters of a firm with firms of a larger number.
pub(crate) struct Met<'a>(Vec<Encounter<'a>>);

impl<'a> Met<'a> {
    /// Returns the encounters with each firm, in order of time.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &[Encounter<'a>]> {
        self.0.chunk_by(|a, b| a.other.firm == b.other.firm)
    }
}

/// Returns whom a firm met, of those of a larger number.
pub(crate) fn of_firm<'a>(bids: &'a Bids, activity: &Activity, firm: u32) -> Met<'a> {
    let mut met: Vec<Encounter<'a>> = Vec::new();
    for (one, later) in bids.with_later(firm) {
        if activity.makes_pairs(one.auction) {
            met.extend(later.iter().map(|other| Encounter { one, other }));
        }
    }
    // Stable: a firm's bids come in order of time.
    met.sort_by_key(|encounter| encounter.other.firm);
    Met(met)
}

/// Two firms that met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The firms, the smaller number first.
    pub firms: [u32; 2],
    /// Auctions in which both bid.
    pub shared: u32,
    /// How many chance expects, given how often each bids in comparable auctions.
    pub expected: f64,
    /// How likely chance makes as many or more.
    pub chance: f64,
    /// The least share of false discoveries at which this one is discovered.
    pub q: f64,
    /// First and last of the shared auctions, by time.
    pub between: [u32; 2],
}

/// The weighted co-bidding graph.
#[derive(Debug, Clone, PartialEq)]
pub struct CoBidding {
    /// Pairs that met often enough to be tested, by firms.
    pub edges: Vec<Edge>,
    /// All pairs that met at all.
    pub pairs: usize,
    /// Groups of firms that pairs discovered at the share of false discoveries of the settings join, each sorted, of two firms or more.
    pub communities: Vec<Vec<u32>>,
}

/// Builds the co-bidding graph: pairs, weights, tests, communities.
#[must_use]
pub fn co_bidding(bids: &Bids, params: &CheckedDetectParams) -> CoBidding {
    let activity = Activity::new(bids, params);
    let of_firm = |firm: u32| {
        let (mut all, mut edges) = (0, Vec::new());
        for own in of_firm(bids, &activity, firm).pairs() {
            all += 1;
            if own.len() < params.least_shared {
                continue;
            }
            let other = own[0].other.firm;
            let (expected, chance) = activity.meetings(firm, other, own.len());
            edges.push(Edge {
                firms: [firm, other],
                shared: own.len() as u32,
                expected,
                chance,
                q: 1.0,
                between: [own[0].auction(), own[own.len() - 1].auction()],
            });
        }
        (all, edges)
    };
    let firms = 0..bids.firms().len() as u32;
    let found: Vec<(usize, Vec<Edge>)> = firms.into_par_iter().map(of_firm).collect();
    let pairs = found.iter().map(|(pairs, _)| pairs).sum();
    let mut edges: Vec<Edge> = found.into_iter().flat_map(|(_, edges)| edges).collect();
    let chances: Vec<f64> = edges.iter().map(|edge| edge.chance).collect();
    for (edge, q) in edges.iter_mut().zip(q_values(&chances, 0)) {
        edge.q = q;
    }
    let strong = edges
        .iter()
        .filter(|edge| edge.q <= params.false_discoveries);
    let strong: Vec<[u32; 2]> = strong.map(|edge| edge.firms).collect();
    CoBidding {
        communities: crate::graph::communities::components(&strong),
        edges,
        pairs,
    }
}
