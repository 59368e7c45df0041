//! Market sharing: who wins is settled by where the work is or by who buys.

use std::collections::BTreeMap;

use tabular::Random;

use crate::bids::Bids;
use crate::graph::Encounter;
use crate::pairs::prices::Known;
use crate::params::CheckedDetectParams;

/// Wins of each firm below which nothing is said.
const FEWEST_WINS: usize = 3;
/// Draws as extreme as what was seen after which drawing stops (Besag and Clifford, *Sequential Monte Carlo p-Values*, Biometrika 78, 1991).
const ENOUGH: usize = 10;

/// Which way a market is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sharing {
    /// Auctions that one of the two won, where the territory is known.
    pub(crate) decided: u32,
    /// Share of them that the usual winner of their territory, or of their buyer, won; of the more telling of the two.
    pub(crate) purity: Option<f64>,
    /// How likely chance settles as much, both ways counted.
    pub(crate) chance: Option<f64>,
}

pub(crate) fn sharing(
    bids: &Bids,
    known: &[Known],
    met: &[Encounter<'_>],
    params: &CheckedDetectParams,
) -> Sharing {
    let auctions = bids.auctions();
    let territory = |at: u32| auctions[at as usize].territory;
    let buyer = |at: u32| auctions[at as usize].buyer;
    let ways = [won(known, met, &territory), won(known, met, &buyer)];
    let mut found = Sharing::default();
    for (way, wins) in ways.iter().enumerate() {
        let seed = pair_seed(params.seed, met) ^ way as u64;
        let Some(chance) = settled(wins, Random::new(seed), params.draws) else {
            continue;
        };
        let chance = (2.0 * chance).min(1.0);
        if found.chance.is_none_or(|before| chance < before) {
            found = Sharing {
                decided: wins.len() as u32,
                purity: Some(purity(wins)),
                chance: Some(chance),
            };
        }
    }
    found
}

fn pair_seed(seed: u64, met: &[Encounter<'_>]) -> u64 {
    let firms = met
        .first()
        .map_or((0, 0), |met| (met.one.firm, met.other.firm));
    Random::of_part(seed, u64::from(firms.0) << 32 | u64::from(firms.1)).number()
}

/// Where each auction that one of the two won was, and whether the second won it.
fn won(
    known: &[Known],
    met: &[Encounter<'_>],
    place: &dyn Fn(u32) -> Option<u32>,
) -> Vec<(u32, bool)> {
    met.iter()
        .filter_map(|encounter| {
            let winner = known[encounter.auction() as usize].winner?;
            let is_other = winner == encounter.other.firm;
            let is_theirs = is_other || winner == encounter.one.firm;
            is_theirs.then(|| Some((place(encounter.auction())?, is_other)))?
        })
        .collect()
}

/// Pairs of auctions of one place that the same firm won.
fn agreements(wins: &[(u32, bool)]) -> usize {
    let mut counts: BTreeMap<(u32, bool), usize> = BTreeMap::new();
    wins.iter()
        .for_each(|win| *counts.entry(*win).or_default() += 1);
    counts.values().map(|n| n * (n - 1) / 2).sum()
}

fn purity(wins: &[(u32, bool)]) -> f64 {
    let mut counts: BTreeMap<u32, [usize; 2]> = BTreeMap::new();
    for (place, is_other) in wins {
        counts.entry(*place).or_default()[usize::from(*is_other)] += 1;
    }
    let usual: usize = counts.values().map(|[one, other]| one.max(other)).sum();
    usual as f64 / wins.len().max(1) as f64
}

/// How likely winners shuffled over places agree as much; none where places or winners are too few.
fn settled(wins: &[(u32, bool)], mut random: Random, draws: usize) -> Option<f64> {
    let second = wins.iter().filter(|(_, is_other)| *is_other).count();
    let first_place = wins.first()?.0;
    let one_place = wins.iter().all(|(place, _)| *place == first_place);
    if one_place || second < FEWEST_WINS || wins.len() - second < FEWEST_WINS {
        return None;
    }
    let seen = agreements(wins);
    let mut winners: Vec<bool> = wins.iter().map(|(_, is_other)| *is_other).collect();
    let mut as_much = 0;
    for draw in 1..=draws {
        random.shuffle(&mut winners);
        let drawn: Vec<(u32, bool)> = wins
            .iter()
            .zip(&winners)
            .map(|((place, _), won)| (*place, *won))
            .collect();
        as_much += usize::from(agreements(&drawn) >= seen);
        if as_much == ENOUGH {
            return Some(ENOUGH as f64 / draw as f64);
        }
    }
    Some((as_much + 1) as f64 / (draws + 1) as f64)
}
