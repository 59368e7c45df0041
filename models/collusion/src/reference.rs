//! What is usual in a market: the distributions that prices and times of two bidders are held against.

use rayon::prelude::*;

use crate::bids::{Bid, Bids};
use crate::params::CheckedDetectParams;
use crate::screens::{Screen, Screens};

/// Values of a distribution kept at most, evenly by rank: a table that the processor's cache holds, exact to a share of a ten-thousandth.
const MOST_VALUES: usize = 10_000;
/// Pairs of bids that a distribution is taken from, about, at most.
const MOST_PAIRS: usize = 1_000_000;
/// Values below which a distribution is not asked.
const FEWEST_VALUES: usize = 30;

/// What the deviation within pairs of all markets weighs in that of one.
const PRIOR_FREEDOM: f64 = 10.0;

/// Sorted values of what was seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Seen(Vec<f64>);

impl Seen {
    fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let stride = values.len().div_ceil(MOST_VALUES).max(1);
        if stride > 1 {
            // From the middle of the first step on, so that neither end is favoured.
            values = values
                .into_iter()
                .skip(stride / 2)
                .step_by(stride)
                .collect();
        }
        Self(values)
    }

    /// Returns the middle of what was seen; none where too little was seen.
    pub(crate) fn median(&self) -> Option<f64> {
        self.is_enough().then(|| self.0[self.0.len() / 2])
    }

    fn is_enough(&self) -> bool {
        self.0.len() >= FEWEST_VALUES
    }

    /// Returns the share of what was seen below `value`, ties by half; none where too little was seen.
    pub(crate) fn share_below(&self, value: f64) -> Option<f64> {
        let below = self.0.partition_point(|seen| *seen < value);
        let is_seen = self.0.get(below) == Some(&value);
        let ties = match is_seen {
            true => self.0[below..].partition_point(|seen| *seen <= value),
            false => 0,
        };
        self.is_enough()
            .then(|| (below as f64 + 0.5 * ties as f64) / self.0.len() as f64)
    }
}

/// Classes of auctions by bidders: more bidders, more above the lowest price and less to win.
pub(crate) const CLASSES: usize = 4;

pub(crate) fn class(bidders: usize) -> usize {
    match bidders {
        0..=2 => 0,
        3..=4 => 1,
        5..=7 => 2,
        _ => 3,
    }
}

/// What is usual in one market, or in all together.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Reference {
    /// Auctions with two prices or more.
    pub(crate) auctions: usize,
    /// |ln a − ln b| of two bids of one auction.
    pub(crate) gaps: Seen,
    /// Deviation of ln a − ln b within pairs of firms: what neither auction nor firm explains.
    pub(crate) within: Option<f64>,
    /// Degrees of freedom of that, and sum of squares.
    squares: (f64, f64),
    /// ln b − ln w of a bid over the winning one, by class of bidders.
    over: [Seen; CLASSES],
    any_over: Seen,
    /// ln w − ln r of the lowest price over the auction's reference.
    pub(crate) levels: Seen,
    screens: [Seen; 9],
    /// Bids of one auction close in time, among those whose times are known.
    close: (usize, usize),
}

impl Reference {
    /// Returns the share of bids over a winning one that are nearer to it than `over`.
    pub(crate) fn over(&self, over: f64, bidders: usize) -> Option<f64> {
        let own = &self.over[class(bidders)];
        let seen = if own.is_enough() { own } else { &self.any_over };
        seen.share_below(over)
    }

    /// Returns how suspicious the value of a screen is: the share of the market's auctions that are less so.
    pub(crate) fn suspicion(&self, screen: Screen, value: f64) -> Option<f64> {
        let below = self.screens[screen as usize].share_below(value)?;
        Some(if screen.is_low_suspicious() {
            1.0 - below
        } else {
            below
        })
    }

    /// Returns the share of bids of one auction that are close in time.
    pub(crate) fn close_share(&self) -> f64 {
        (self.close.0 as f64 + 0.5) / (self.close.1 as f64 + 1.0)
    }
}

/// The references of all auctions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct References {
    /// All auctions together, then each market that is large enough.
    references: Vec<Reference>,
    of_auction: Vec<u32>,
    is_one_market: bool,
}

impl References {
    pub(crate) fn of(&self, auction: u32) -> &Reference {
        &self.references[self.of_auction[auction as usize] as usize]
    }

    /// Whether an auction is compared with its own market, which is large enough, and not with all.
    pub(crate) fn is_own(&self, auction: u32) -> bool {
        self.is_one_market || self.of_auction[auction as usize] > 0
    }

    pub(crate) fn new(bids: &Bids, screens: &[Screens], params: &CheckedDetectParams) -> Self {
        let compared: Vec<u32> = (0..bids.auctions().len() as u32)
            .filter(|auction| screens[*auction as usize].prices >= 2)
            .collect();
        let market = |auction: u32| bids.auctions()[auction as usize].market;
        let mut by_market = compared.clone();
        by_market.sort_by_key(|auction| market(*auction));
        let large = by_market
            .chunk_by(|a, b| market(*a) == market(*b))
            .filter(|own| own.len() >= params.fewest_of_market);
        let mut sets: Vec<&[u32]> = vec![&compared];
        sets.extend(large);
        let references = sets.par_iter();
        let references = references.map(|auctions| reference(bids, screens, auctions, params));
        let mut references: Vec<Reference> = references.collect();
        let all = references[0].squares;
        let usual = references[0].gaps.median();
        for one in &mut references {
            one.within = deviation(one, all, usual);
        }
        let mut of_auction = vec![0; bids.auctions().len()];
        for (place, auctions) in sets.iter().enumerate().skip(1) {
            for auction in *auctions {
                of_auction[*auction as usize] = place as u32;
            }
        }
        let first = bids.auctions().first().map(|auction| auction.market);
        let mut markets = bids.auctions().iter().map(|auction| Some(auction.market));
        Self {
            references,
            of_auction,
            is_one_market: markets.all(|market| market == first),
        }
    }
}

fn reference(
    bids: &Bids,
    screens: &[Screens],
    auctions: &[u32],
    params: &CheckedDetectParams,
) -> Reference {
    let (mut gaps, mut over, mut levels) = (vec![], vec![vec![]; CLASSES], vec![]);
    let mut ratios: Vec<([u32; 2], f64)> = Vec::new();
    let mut close = (0, 0);
    // Auctions that are left out where there are many; each one that stays is taken whole, so that none counts for more.
    let pairs: usize = auctions
        .iter()
        .map(|auction| bids.of_auction(*auction).len().pow(2) / 2)
        .sum();
    let stride = pairs.div_ceil(MOST_PAIRS).max(1);
    for auction in auctions.iter().step_by(stride) {
        let all = bids.of_auction(*auction);
        if all.len() > params.most_bidders {
            continue;
        }
        let standing: Vec<&Bid> = all.iter().filter(|bid| !bid.is_withdrawn).collect();
        for (place, one) in standing.iter().enumerate() {
            for other in &standing[place + 1..] {
                let ratio = log_ratio(one, other);
                gaps.push(ratio.abs());
                ratios.push(([one.firm, other.firm], ratio));
                if let (Some(at), Some(then)) = (one.submitted_at, other.submitted_at) {
                    close.1 += 1;
                    close.0 += usize::from(at.abs_diff(then) <= params.close_seconds as u64);
                }
            }
        }
        if let Some(winner) = bids.winner(*auction) {
            let losing = standing.iter().filter(|bid| bid.firm != winner.firm);
            over[class(standing.len())].extend(losing.map(|bid| log_ratio(bid, winner)));
        }
        levels.extend(level(bids, *auction));
    }
    let screen = |screen: Screen| {
        let values = auctions.iter();
        Seen::new(
            values
                .filter_map(|at| screens[*at as usize].get(screen))
                .collect(),
        )
    };
    Reference {
        auctions: auctions.len(),
        gaps: Seen::new(gaps),
        within: None,
        squares: within(ratios),
        any_over: Seen::new(over.concat()),
        over: std::array::from_fn(|class| Seen::new(std::mem::take(&mut over[class]))),
        levels: Seen::new(levels),
        screens: Screen::ALL.map(screen),
        close,
    }
}

/// Sums squares within pairs of firms that met twice or more: degrees of freedom, and squares.
fn within(mut ratios: Vec<([u32; 2], f64)>) -> (f64, f64) {
    // Stable, so that sums have one order.
    ratios.sort_by_key(|(firms, _)| *firms);
    let pairs = ratios
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|own| own.len() >= 2);
    pairs.fold((0.0, 0.0), |(freedom, squares), own| {
        let n = own.len() as f64;
        let mean = own.iter().map(|(_, ratio)| ratio).sum::<f64>() / n;
        let own: f64 = own.iter().map(|(_, ratio)| (ratio - mean).powi(2)).sum();
        (freedom + n - 1.0, squares + own)
    })
}

/// The deviation within pairs of a market; its logarithm is drawn to that of all (as much narrower or wider as the market's prices are), which
/// weighs as ten degrees of freedom: where no two firms meet twice nothing else is known.
fn deviation(one: &Reference, all: (f64, f64), usual: Option<f64>) -> Option<f64> {
    let wider = one.gaps.median()? / usual.filter(|median| *median > 0.0)?;
    let prior = (all.0 > 0.0).then(|| all.1 / all.0)? * wider * wider;
    let (freedom, squares) = one.squares;
    let own = if squares > 0.0 {
        squares / freedom
    } else {
        prior
    };
    let log = (freedom * own.ln() + PRIOR_FREEDOM * prior.ln()) / (freedom + PRIOR_FREEDOM);
    Some((log / 2.0).exp()).filter(|deviation| deviation.is_normal())
}

/// ln of one price over the other.
pub(crate) fn log_ratio(one: &Bid, other: &Bid) -> f64 {
    (one.price_cents as f64 / other.price_cents as f64).ln()
}

/// ln of the lowest price that stands over the auction's reference.
pub(crate) fn level(bids: &Bids, auction: u32) -> Option<f64> {
    let reference = bids.auctions()[auction as usize]
        .reference_cents
        .filter(|cents| *cents > 0)?;
    let standing = bids
        .of_auction(auction)
        .iter()
        .filter(|bid| !bid.is_withdrawn);
    let lowest = standing.map(|bid| bid.price_cents).min()?;
    Some((lowest as f64 / reference as f64).ln())
}
