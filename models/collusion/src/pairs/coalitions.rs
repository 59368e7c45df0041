//! Coalitions: three firms or more that all meet each other often, and whose prices go together. What a pair shows too faintly, a group of them
//! shows clearly (after the coalition screens of Imhof and Wallimann 2021).

use std::collections::BTreeMap;

use crate::chance::chi_square_below;
use crate::findings::{Family, SignalKind};
use crate::graph::cliques;
use crate::pairs::evidence::{FEWEST_PRICES, Judged, Null, families};
use crate::pairs::measure::Raw;

/// What was said of a pair: its signals, and how likely each family is by chance.
pub(crate) type Said = (Vec<Judged>, [Option<f64>; Family::ALL.len()]);

/// Adds to each pair what the groups say in which all meet beyond chance (at or below `meeting`).
///
/// In a group of k firms that share n auctions, the mean of its pairs' variances of log ratios is, but for a factor, the variance that neither
/// auction nor firm explains, on (n − 1)(k − 1) degrees of freedom (two-way layout). The *largest* of the pairs' variances is taken for their
/// mean, and the fewest shared auctions for n: one honest firm among three that collude makes the largest what is usual, and the group is not
/// suspected for the others' sake.
pub(crate) fn add_coalitions(raws: &[Raw], said: &mut [Said], null: &Null, meeting: f64) {
    let places: BTreeMap<[u32; 2], usize> = raws
        .iter()
        .enumerate()
        .map(|(at, raw)| (raw.firms, at))
        .collect();
    let often = raws
        .iter()
        .filter(|raw| raw.meeting <= meeting && meeting > 0.0);
    let edges: Vec<([u32; 2], f64)> = often.map(|raw| (raw.firms, raw.meeting)).collect();
    let mut best: BTreeMap<usize, (usize, Judged)> = BTreeMap::new();
    for members in cliques(&edges) {
        let pairs: Vec<usize> = members
            .iter()
            .enumerate()
            .flat_map(|(place, one)| members[place + 1..].iter().map(|other| [*one, *other]))
            .filter_map(|firms| places.get(&firms).copied())
            .collect();
        let Some(signal) = together(raws, &pairs, members.len(), null) else {
            continue;
        };
        for pair in pairs {
            let (groups, before) = best.entry(pair).or_insert((0, signal));
            *groups += 1;
            if signal.chance < before.chance {
                *before = signal;
            }
        }
    }
    for (pair, (groups, mut signal)) in best {
        // All groups that a pair is in are counted.
        signal.chance = (signal.chance * groups as f64).min(1.0);
        let (signals, chances) = &mut said[pair];
        signals.push(signal);
        *chances = families(signals);
    }
}

fn together(raws: &[Raw], pairs: &[usize], members: usize, null: &Null) -> Option<Judged> {
    let of = || pairs.iter().map(|at| &raws[*at].prices.ratios);
    let fewest = of()
        .map(|ratios| ratios.n)
        .min()
        .filter(|n| *n >= FEWEST_PRICES)?;
    let shares: Option<Vec<f64>> = of().map(|ratios| null.share(ratios)).collect();
    let largest = shares?.into_iter().fold(0.0, f64::max);
    let freedom = (fewest - 1) * (members as u32 - 1);
    Some(Judged {
        kind: SignalKind::CoalitionPrices,
        value: 1.0 - largest,
        support: fewest,
        hits: None,
        chance: chi_square_below(f64::from(freedom) * null.drawn(largest), freedom),
    })
}
