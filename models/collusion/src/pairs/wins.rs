//! Who wins where two firms meet.

use crate::bids::Bids;
use crate::chance::{Factorials, Stratum, meetings_tail, runs_tail};
use crate::graph::Encounter;
use crate::pairs::prices::Known;
use crate::reference::{CLASSES, class};

/// Wins below which an order of wins says nothing.
const FEWEST_WINS: u32 = 6;

/// Auctions of each firm that somebody won, and its wins, by class of bidders.
#[derive(Debug, Clone)]
pub(crate) struct WinRates(Vec<[(u32, u32); CLASSES]>);

impl WinRates {
    pub(crate) fn new(bids: &Bids, known: &[Known]) -> Self {
        let mut rates = vec![[(0, 0); CLASSES]; bids.firms().len()];
        for (at, own) in known.iter().enumerate() {
            let Some(winner) = own.winner else {
                continue;
            };
            let all = bids.of_auction(at as u32).iter();
            for bid in all.filter(|bid| !bid.is_withdrawn) {
                let (all, won) = &mut rates[bid.firm as usize][class(own.prices as usize)];
                *all += 1;
                *won += u32::from(bid.firm == winner);
            }
        }
        Self(rates)
    }
}

/// Wins of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wins {
    /// Shared auctions that somebody won.
    pub(crate) decided: u32,
    /// Wins of each in them.
    pub(crate) wins: [u32; 2],
    /// Runs of wins of one of both, in order of time.
    pub(crate) runs: u32,
    /// How likely chance alternates wins as often, given how many each has; none below six wins.
    pub(crate) alternation: Option<f64>,
    /// How likely chance gives a firm as many of its wins beside the other, among its auctions of as many bidders; for each.
    pub(crate) beside: [Option<f64>; 2],
}

pub(crate) fn wins(
    known: &[Known],
    rates: &WinRates,
    met: &[Encounter<'_>],
    logs: &Factorials,
) -> Wins {
    let mut found = Wins {
        decided: 0,
        wins: [0; 2],
        runs: 0,
        alternation: None,
        beside: [None; 2],
    };
    let (mut shared, mut last) = ([0; CLASSES], None);
    for encounter in met {
        let (one, other) = (encounter.one, encounter.other);
        let own = &known[encounter.auction() as usize];
        let Some(winner) = own.winner else {
            continue;
        };
        if one.is_withdrawn || other.is_withdrawn {
            continue;
        }
        found.decided += 1;
        shared[class(own.prices as usize)] += 1;
        if winner != one.firm && winner != other.firm {
            continue;
        }
        let place = usize::from(winner == other.firm);
        found.wins[place] += 1;
        found.runs += u32::from(last != Some(place));
        last = Some(place);
    }
    let [one, other] = found.wins;
    if one + other >= FEWEST_WINS && one >= 2 && other >= 2 {
        let chance = runs_tail(one as usize, other as usize, found.runs as usize, logs);
        found.alternation = Some(chance);
    }
    if let Some(first) = met.first() {
        let firms = [first.one.firm, first.other.firm];
        for ((chance, firm), won) in found.beside.iter_mut().zip(firms).zip(found.wins) {
            let rates = &rates.0[firm as usize];
            let strata: Vec<Stratum> = rates
                .iter()
                .zip(shared)
                .map(|((all, won), shared)| Stratum {
                    all: *all as usize,
                    one: *won as usize,
                    other: shared,
                })
                .collect();
            let apart: usize = strata.iter().map(|s| s.all - s.other).sum();
            // Without auctions apart there is nothing to compare with.
            if won >= 3 && apart >= 3 {
                *chance = Some(meetings_tail(&strata, won as usize, logs).1);
            }
        }
    }
    found
}
