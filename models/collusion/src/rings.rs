//! Rings: communities of flagged pairs, and what a whole ring does.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use tabular::Random;

use crate::bids::Bids;
use crate::chance::wilson;
use crate::features::PairFeature;
use crate::findings::{Level, PairFinding, Ring, RingKind, Signal, SignalKind};
use crate::graph::communities;
use crate::pairs::Field;

/// Wins of a ring below which nothing is said of who wins.
const FEWEST_WINS: usize = 4;
/// Chance at or below which a test of a whole ring is raised.
const THRESHOLD: f64 = 0.01;
/// Draws as extreme as what was seen after which drawing stops (Besag and Clifford 1991).
const ENOUGH: usize = 10;

/// Evidence of meeting, as −log₁₀ of its chance, from which two firms that are flagged with the same third one hold a ring together.
const LEAST_SUPPORT: f64 = 3.0;

/// Returns the rings of flagged pairs. Other pairs of the same firms join what they hold together, but bring in no firm: who is in no
/// flagged pair is in no ring.
pub(crate) fn rings(field: &Field<'_>, pairs: &[PairFinding]) -> Vec<Ring> {
    let is_flagged = |pair: &PairFinding| pair.level == Level::Flagged;
    let mut partners: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for [one, other] in pairs
        .iter()
        .filter(|pair| is_flagged(pair))
        .map(|pair| pair.firms)
    {
        partners.entry(one).or_default().insert(other);
        partners.entry(other).or_default().insert(one);
    }
    let supports = |pair: &PairFinding| {
        let [one, other] = pair.firms.map(|firm| partners.get(&firm));
        let in_common = one
            .zip(other)
            .is_some_and(|(one, other)| !one.is_disjoint(other));
        in_common && pair.features[PairFeature::MeetingEvidence as usize] >= LEAST_SUPPORT
    };
    let edges = pairs
        .iter()
        .filter(|pair| is_flagged(pair) || supports(pair));
    let edges: Vec<[u32; 2]> = edges.map(|pair| pair.firms).collect();
    let held: Vec<[u32; 2]> = pairs
        .iter()
        .filter(|pair| is_flagged(pair))
        .map(|pair| pair.firms)
        .collect();
    // Each member is flagged with another member, not elsewhere only.
    let mut groups: Vec<BTreeSet<u32>> = communities(&edges)
        .into_iter()
        .map(|group| {
            let is_in = |firm: &u32| group.binary_search(firm).is_ok();
            let own = held.iter().filter(|firms| firms.iter().all(is_in));
            own.flatten().copied().collect()
        })
        .filter(|group: &BTreeSet<u32>| !group.is_empty())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let is_whole = |group: &&BTreeSet<u32>| {
        !groups
            .iter()
            .any(|other| other.len() > group.len() && group.is_subset(other))
    };
    let whole: Vec<Vec<u32>> = groups
        .iter()
        .filter(is_whole)
        .map(|group| group.iter().copied().collect())
        .collect();
    let ring = |(place, members): (usize, &Vec<u32>)| ring(field, pairs, members, place as u64);
    whole.par_iter().enumerate().map(ring).collect()
}

fn ring(field: &Field<'_>, pairs: &[PairFinding], members: &[u32], place: u64) -> Ring {
    let is_member = |firm: &u32| members.binary_search(firm).is_ok();
    let edges: Vec<u32> = (0..pairs.len() as u32)
        .filter(|at| {
            let pair = &pairs[*at as usize];
            pair.level == Level::Flagged && pair.firms.iter().all(is_member)
        })
        .collect();
    let own: Vec<&PairFinding> = edges.iter().map(|at| &pairs[*at as usize]).collect();
    let auctions = together(field.bids, members);
    let present: Vec<(Vec<usize>, Option<usize>)> = auctions
        .iter()
        .map(|auction| presence(field.bids, members, *auction))
        .collect();
    let mut wins = vec![0; members.len()];
    present
        .iter()
        .filter_map(|(_, won)| *won)
        .for_each(|won| wins[won] += 1);
    let mut signals = strongest(&own);
    let random = Random::of_part(field.params.seed, place);
    signals.extend(win_signals(&present, &wins, random, field.params.draws));
    // A member belongs by its strongest pair; the ring by its weakest member.
    let belongs = |firm: &u32| {
        let theirs = own.iter().filter(|pair| pair.firms.contains(firm));
        theirs.map(|pair| pair.score).fold(0.0, f64::max)
    };
    Ring {
        members: members.to_vec(),
        kind: kind(&signals, &wins),
        score: members.iter().map(belongs).fold(1.0, f64::min),
        level: Level::Flagged,
        edges,
        wins,
        signals,
        auctions,
    }
}

/// Auctions in which half of the members bid, two at least and three at most, by time.
fn together(bids: &Bids, members: &[u32]) -> Vec<u32> {
    let mut counts: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for bid in members.iter().flat_map(|firm| bids.of_firm(*firm)) {
        *counts
            .entry((bids.rank(bid.auction), bid.auction))
            .or_default() += 1;
    }
    let least = members.len().div_ceil(2).clamp(2, 3);
    let enough = counts.into_iter().filter(|(_, n)| *n >= least);
    enough.map(|((_, auction), _)| auction).collect()
}

/// Members whose bids stand, by place, and the member that won.
fn presence(bids: &Bids, members: &[u32], auction: u32) -> (Vec<usize>, Option<usize>) {
    let standing = bids
        .of_auction(auction)
        .iter()
        .filter(|bid| !bid.is_withdrawn);
    let places = standing
        .filter_map(|bid| members.binary_search(&bid.firm).ok())
        .collect();
    let winner = bids.winner(auction);
    (
        places,
        winner.and_then(|bid| members.binary_search(&bid.firm).ok()),
    )
}

/// The least likely signal of each kind.
fn strongest(pairs: &[&PairFinding]) -> Vec<Signal> {
    let mut best: BTreeMap<SignalKind, &Signal> = BTreeMap::new();
    for signal in pairs.iter().flat_map(|pair| &pair.signals) {
        let before = best.entry(signal.kind).or_insert(signal);
        if signal.chance < before.chance {
            *before = signal;
        }
    }
    best.into_values().cloned().collect()
}

/// Whether one member wins too often, or all too evenly: each win of the ring is drawn anew among the members that bid (exchangeability).
fn win_signals(
    present: &[(Vec<usize>, Option<usize>)],
    wins: &[u32],
    mut random: Random,
    draws: usize,
) -> Vec<Signal> {
    let won: Vec<&Vec<usize>> = present
        .iter()
        .filter(|(all, won)| won.is_some() && all.len() >= 2)
        .map(|(all, _)| all)
        .collect();
    if won.len() < FEWEST_WINS {
        return Vec::new();
    }
    let squares = |wins: &[u32]| wins.iter().map(|n| u64::from(*n).pow(2)).sum::<u64>();
    let (seen, mut uneven, mut even, mut drawn) = (squares(wins), 0, 0, 0);
    while drawn < draws && (uneven < ENOUGH || even < ENOUGH) {
        drawn += 1;
        let mut lots = vec![0; wins.len()];
        won.iter()
            .for_each(|all| lots[all[random.below(all.len())]] += 1);
        uneven += usize::from(squares(&lots) >= seen);
        even += usize::from(squares(&lots) <= seen);
    }
    let chance = |as_much: usize| (as_much + 1) as f64 / (drawn + 1) as f64;
    let all: u32 = wins.iter().sum();
    let most = wins.iter().copied().max().unwrap_or(0);
    let signal = |kind, value, chance, interval| Signal {
        kind,
        value,
        chance,
        threshold: THRESHOLD,
        percentile: 1.0 - chance,
        is_raised: chance <= THRESHOLD,
        support: all,
        interval,
    };
    let interval = wilson(most as usize, all as usize);
    let share = f64::from(most) / f64::from(all.max(1));
    vec![
        signal(SignalKind::OneWinner, share, chance(uneven), interval),
        signal(SignalKind::EvenWins, evenness(wins), chance(even), None),
    ]
}

/// Entropy of the wins over that of even ones, in [0, 1] (Pielou's evenness).
fn evenness(wins: &[u32]) -> f64 {
    let all: f64 = wins.iter().map(|n| f64::from(*n)).sum();
    let shares = wins.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / all);
    let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
    entropy / (wins.len() as f64).ln()
}

fn kind(signals: &[Signal], wins: &[u32]) -> RingKind {
    let raised = |kind| {
        signals
            .iter()
            .any(|signal| signal.kind == kind && signal.is_raised)
    };
    let all: u32 = wins.iter().sum();
    let winners = wins.iter().filter(|n| **n > 0).count();
    if raised(SignalKind::SharedIdentifiers) && raised(SignalKind::CloseTimes) && all == 0 {
        RingKind::OneHand
    } else if raised(SignalKind::SharedOutMarket) {
        RingKind::Sharing
    } else if raised(SignalKind::OneWinner) {
        RingKind::Cover
    } else if all as usize >= FEWEST_WINS && winners >= 2 {
        RingKind::Rotation
    } else {
        RingKind::Concerted
    }
}
