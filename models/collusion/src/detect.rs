//! The detection: screens, pairs, rings, auctions and firms.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bids::Bids;
use crate::chance::{q_values, wilson};
use crate::features::of_pair;
use crate::findings::{AuctionFinding, Family, FirmFinding, Level, PairFinding, Ring, Signal};
use crate::graph::{Activity, of_firm};
use crate::pairs::{
    Field, Identities, Judged, Known, Moments, Null, Raw, Said, WinRates, add_coalitions, families,
    judge, measure, moments,
};
use crate::params::CheckedDetectParams;
use crate::reference::References;
use crate::screens::{Screens, screens};
use crate::{auctions, firms, rings};

/// All that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Each auction, in order.
    pub auctions: Vec<AuctionFinding>,
    /// Each pair that met often enough, by firms.
    pub pairs: Vec<PairFinding>,
    /// Each firm, in order.
    pub firms: Vec<FirmFinding>,
    /// Rings, by members.
    pub rings: Vec<Ring>,
    /// Pairs of firms that met at all.
    pub met: usize,
    /// BLAKE3 of bids and settings, in hexadecimal.
    pub inputs: String,
}

/// What a family's evidence of a pair is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound {
    /// The largest chance that is discovered; 0 where none is.
    chance: f64,
}

/// Looks for concerted bids. Equal inputs give equal findings, whatever the threads.
#[must_use]
pub fn detect(bids: &Bids, params: &CheckedDetectParams) -> Detection {
    let screens: Vec<Screens> = (0..bids.auctions().len() as u32)
        .into_par_iter()
        .map(|auction| screens(&bids.prices(auction)))
        .collect();
    let references = References::new(bids, &screens, params);
    let activity = Activity::new(bids, params);
    let known: Vec<Known> = (0..screens.len())
        .into_par_iter()
        .map(|at| Known::new(bids, &references, &screens[at], at as u32))
        .collect();
    let rates = WinRates::new(bids, &known);
    let identities = Identities::new(bids, params);
    let field = Field {
        bids,
        screens: &screens,
        references: &references,
        known: &known,
        activity: &activity,
        rates: &rates,
        identities: &identities,
        params,
    };
    let (met, raws, null) = measured(&field);
    let pairs = findings(&raws, &null, &field);
    let rings = rings::rings(&field, &pairs);
    Detection {
        auctions: auctions::findings(&field, &pairs, &rings),
        firms: firms::findings(bids, &pairs, &rings),
        pairs,
        rings,
        met,
        inputs: digest(bids, params),
    }
}

fn measured(field: &Field<'_>) -> (usize, Vec<Raw>, Null) {
    let of_firm = |firm: u32| {
        let (mut seldom, mut raws, mut all) = (Vec::new(), Vec::new(), 0);
        for own in of_firm(field.bids, field.activity, firm).pairs() {
            all += 1;
            if own.len() >= field.params.least_shared {
                raws.extend(measure(field, own));
            } else if own.len() >= 2 {
                seldom.push(moments(field, own));
            }
        }
        (all, seldom, raws)
    };
    let firms = 0..field.bids.firms().len() as u32;
    let found: Vec<(usize, Vec<[Moments; 4]>, Vec<Raw>)> =
        firms.into_par_iter().map(of_firm).collect();
    let (mut met, mut learnt, mut raws) = (0, Vec::new(), Vec::new());
    for (all, seldom, often) in found {
        met += all;
        learnt.extend(seldom);
        raws.extend(often);
    }
    learnt.extend(raws.iter().map(|raw| {
        let [one, other] = raw.prices.covers;
        [raw.prices.gaps, raw.prices.ratios, one, other]
    }));
    (met, raws, Null::learn(&learnt))
}

fn findings(raws: &[Raw], null: &Null, field: &Field<'_>) -> Vec<PairFinding> {
    let judge = |raw| {
        let signals = judge(raw, null, field.activity);
        let chances = families(&signals);
        (signals, chances)
    };
    let mut judged: Vec<Said> = raws.par_iter().map(judge).collect();
    let bound = |judged: &[Said], family: Family| {
        let chances = judged
            .iter()
            .filter_map(|(_, chances)| chances[family as usize]);
        bound(chances, field.params)
    };
    let meeting = bound(&judged, Family::Meeting);
    add_coalitions(raws, &mut judged, null, meeting.chance);
    let bounds = Family::ALL.map(|family| bound(&judged, family));
    let both: Vec<f64> = judged
        .iter()
        .map(|(_, chances)| two_kinds(chances))
        .collect();
    let scores: Vec<f64> = q_values(&both, 0)
        .into_iter()
        .map(|q| 1.0 - q.min(1.0))
        .collect();
    let sorted = sorted_chances(judged.iter().flat_map(|(signals, _)| signals));
    let finding = |((raw, (signals, _)), score): ((&Raw, &Said), &f64)| {
        let level = level(signals, &bounds, *score, field.params);
        let (mut auctions, mut told) = (Vec::new(), Vec::new());
        if level > Level::Quiet {
            auctions = shared(field.bids, field.activity, raw.firms);
            told = tell(signals, &bounds, &sorted);
        }
        PairFinding {
            firms: raw.firms,
            shared: raw.shared,
            features: of_pair(raw, signals),
            score: *score,
            level,
            signals: told,
            auctions,
        }
    };
    raws.par_iter()
        .zip(&judged)
        .zip(&scores)
        .map(finding)
        .collect()
}

fn bound(chances: impl Iterator<Item = f64>, params: &CheckedDetectParams) -> Bound {
    let chances: Vec<f64> = chances.collect();
    let discovered = chances.iter().zip(q_values(&chances, 0));
    let discovered = discovered.filter(|(_, q)| *q <= params.false_discoveries);
    Bound {
        chance: discovered.map(|(chance, _)| *chance).fold(0.0, f64::max),
    }
}

/// How likely by chance there is evidence of two kinds, one of them conduct: the partial conjunction of two among the families
/// (Benjamini and Heller, *Screening for Partial Conjunction Hypotheses*, Biometrics 64, 2008, with Bonferroni's bound).
fn two_kinds(chances: &[Option<f64>; Family::ALL.len()]) -> f64 {
    let of = |family: usize| chances[family].unwrap_or(1.0);
    let conduct = (0..chances.len()).filter(|family| Family::ALL[*family].is_conduct());
    let first = conduct
        .min_by(|a, b| of(*a).total_cmp(&of(*b)))
        .unwrap_or(0);
    let others = (0..chances.len()).filter(|family| *family != first);
    let second = others.map(of).fold(1.0, f64::min);
    (of(first).max(second) * (chances.len() - 1) as f64).min(1.0)
}

/// The chances of each kind of signal, sorted.
fn sorted_chances<'a>(all: impl Iterator<Item = &'a Judged>) -> Vec<(crate::SignalKind, Vec<f64>)> {
    let mut sorted: std::collections::BTreeMap<_, Vec<f64>> = std::collections::BTreeMap::new();
    for signal in all {
        sorted.entry(signal.kind).or_default().push(signal.chance);
    }
    sorted
        .values_mut()
        .for_each(|chances| chances.sort_by(f64::total_cmp));
    sorted.into_iter().collect()
}

fn tell(
    signals: &[Judged],
    bounds: &[Bound],
    sorted: &[(crate::SignalKind, Vec<f64>)],
) -> Vec<Signal> {
    let tell = |signal: &Judged| {
        let threshold = threshold(signal, signals, bounds);
        let seen = sorted.iter().find(|(kind, _)| *kind == signal.kind);
        let percentile = seen.map_or(0.0, |(_, chances)| {
            let rarer = chances.partition_point(|chance| *chance <= signal.chance);
            1.0 - rarer as f64 / chances.len() as f64
        });
        Signal {
            kind: signal.kind,
            value: signal.value,
            chance: signal.chance,
            threshold,
            percentile,
            is_raised: is_raised(signal.chance, threshold),
            support: signal.support,
            interval: signal
                .hits
                .and_then(|hits| wilson(hits as usize, signal.support as usize)),
        }
    };
    signals.iter().map(tell).collect()
}

/// The chance at or below which a signal is raised: its family's, shared among the signals that the family has.
fn threshold(signal: &Judged, signals: &[Judged], bounds: &[Bound]) -> f64 {
    let family = signal.kind.family();
    let own = signals.iter().filter(|other| other.kind.family() == family);
    bounds[family as usize].chance / own.count() as f64
}

fn is_raised(chance: f64, threshold: f64) -> bool {
    threshold > 0.0 && chance <= threshold
}

fn level(signals: &[Judged], bounds: &[Bound], score: f64, params: &CheckedDetectParams) -> Level {
    let mut raised = [false; Family::ALL.len()];
    for signal in signals {
        let threshold = threshold(signal, signals, bounds);
        raised[signal.kind.family() as usize] |= is_raised(signal.chance, threshold);
    }
    let families = || {
        Family::ALL
            .into_iter()
            .filter(|family| raised[*family as usize])
    };
    let conduct = families().any(Family::is_conduct);
    if families().count() >= 2 && conduct && score >= params.least_score {
        Level::Flagged
    } else if families().count() >= 2 || conduct {
        Level::Watched
    } else {
        Level::Quiet
    }
}

fn shared(bids: &Bids, activity: &Activity, firms: [u32; 2]) -> Vec<u32> {
    let is_there = |auction: u32| {
        let all = bids.of_auction(auction);
        all.binary_search_by_key(&firms[1], |bid| bid.firm).is_ok()
    };
    bids.of_firm(firms[0])
        .map(|bid| bid.auction)
        .filter(|auction| activity.makes_pairs(*auction) && is_there(*auction))
        .collect()
}

fn digest(bids: &Bids, params: &CheckedDetectParams) -> String {
    let bytes = postcard::to_stdvec(&(bids.bids(), bids.auctions(), bids.firms(), params))
        .expect("plain numbers and options can be written");
    blake3::hash(&bytes).to_hex().to_string()
}
