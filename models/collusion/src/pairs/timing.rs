//! When two firms bid: within an hour of each other more often than their habits explain.

use crate::bids::{Bid, Bids};
use crate::graph::Encounter;
use crate::params::CheckedDetectParams;
use crate::reference::References;

/// Encounters whose times are crossed with each other at most.
const MOST_CROSSED: usize = 48;

/// Times of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Timing {
    /// Encounters whose times are known.
    pub(crate) known: u32,
    /// Those that are close.
    pub(crate) close: u32,
    /// How likely one is close by habit.
    pub(crate) usual: f64,
}

/// The chance that a bid of one is close to one of the other *by habit* is the larger of two: the market's share of close bids, and the
/// pair's own share across different auctions, each bid timed from its auction's close. Two firms that both bid in the last hour are thus
/// held to meet in it.
pub(crate) fn timing(
    bids: &Bids,
    references: &References,
    met: &[Encounter<'_>],
    params: &CheckedDetectParams,
) -> Timing {
    let mut found = Timing::default();
    let mut usual = 0.0;
    let mut times = Vec::new();
    for encounter in met {
        let (Some(one), Some(other)) = (encounter.one.submitted_at, encounter.other.submitted_at)
        else {
            continue;
        };
        found.known += 1;
        found.close += u32::from(is_close(one, other, params));
        usual += references.of(encounter.auction()).close_share();
        let close = closes(bids, encounter.auction()).unwrap_or(one.max(other));
        times.push((one - close, other - close));
    }
    if found.known > 0 {
        times.truncate(MOST_CROSSED);
        let n = times.len();
        let crossed = (0..n).flat_map(|a| (0..n).map(move |b| (a, b)));
        let crossed = crossed.filter(|(a, b)| a != b);
        let hits = crossed.filter(|(a, b)| is_close(times[*a].0, times[*b].1, params));
        let habit = (hits.count() as f64 + 0.5) / ((n * (n - 1)) as f64 + 1.0);
        found.usual = habit.max(usual / f64::from(found.known)).min(1.0);
    }
    found
}

pub(crate) fn is_close(one: i64, other: i64, params: &CheckedDetectParams) -> bool {
    one.abs_diff(other) <= params.close_seconds as u64
}

fn closes(bids: &Bids, auction: u32) -> Option<i64> {
    let all = bids.of_auction(auction).iter();
    let last = all.filter_map(|bid: &Bid| bid.submitted_at).max();
    bids.auctions()[auction as usize].closes_at.or(last)
}
