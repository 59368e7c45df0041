//! Prices of two firms in the auctions that they share.

use crate::bids::{Auction, Bids};
use crate::graph::Encounter;
use crate::reference::{References, level, log_ratio};
use crate::screens::{Screen, Screens};

/// Sums of values: how many, their sum and that of their squares.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Moments {
    pub(crate) n: u32,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Moments {
    pub(crate) fn add(&mut self, value: f64) {
        self.n += 1;
        self.sum += value;
        self.squares += value * value;
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum / f64::from(self.n))
    }

    /// The variance (n − 1), where there are two values or more.
    pub(crate) fn variance(&self) -> Option<f64> {
        let n = f64::from(self.n);
        (self.n >= 2).then(|| ((self.squares - self.sum * self.sum / n) / (n - 1.0)).max(0.0))
    }

    /// The mean product of two of the values: what they have in common.
    pub(crate) fn product(&self) -> Option<f64> {
        let n = f64::from(self.n);
        (self.n >= 2).then(|| (self.sum * self.sum - self.squares) / (n * (n - 1.0)))
    }
}

/// Prices of a pair. Percentiles are of the market and less a half: 0 is usual, −½ as near as can be.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Prices {
    /// Percentile of |ln a − ln b| among two bids of one auction of the market.
    pub(crate) gaps: Moments,
    /// ln a − ln b, over what is usual within pairs of the market: where costs are steady ratios are too, and no pair's doing.
    pub(crate) ratios: Moments,
    /// How near one bids over the other's winning bid: percentile among the market's losing bids. First of the second, second of the first.
    pub(crate) covers: [Moments; 2],
    /// Percentile of the lowest price over the reference price; high where the client pays much.
    pub(crate) levels: Moments,
    /// How suspicious the variation coefficient of the shared auctions is.
    pub(crate) variation: Moments,
}

/// What an auction is, for each pair in it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Known {
    /// The firm that won.
    pub(crate) winner: Option<u32>,
    /// Prices that stand.
    pub(crate) prices: u32,
    /// Percentile of the lowest price over the reference price, less half.
    level: Option<f64>,
    /// How suspicious its variation coefficient is, less half.
    variation: Option<f64>,
}

impl Known {
    pub(crate) fn new(
        bids: &Bids,
        references: &References,
        screens: &Screens,
        auction: u32,
    ) -> Self {
        let usual = references.of(auction);
        let screen = Screen::VariationCoefficient;
        let level = level(bids, auction).and_then(|level| usual.levels.share_below(level));
        let variation = screens.get(screen);
        let variation = variation.and_then(|value| usual.suspicion(screen, value));
        Self {
            winner: bids.winner(auction).map(|bid| bid.firm),
            prices: screens.prices,
            level: level.map(|share| share - 0.5),
            variation: variation.map(|share| share - 0.5),
        }
    }
}

pub(crate) fn prices(
    auctions: &[Auction],
    references: &References,
    known: &[Known],
    met: &[Encounter<'_>],
) -> Prices {
    let mut found = Prices::default();
    let market = |encounter: &Encounter<'_>| auctions[encounter.auction() as usize].market;
    let usual_market = most(met.iter().map(market));
    for encounter in met {
        let (one, other) = (encounter.one, encounter.other);
        if one.is_withdrawn || other.is_withdrawn {
            continue;
        }
        let is_theirs =
            !references.is_own(encounter.auction()) && usual_market == Some(market(encounter));
        if is_theirs {
            continue;
        }
        let usual = references.of(encounter.auction());
        let own = &known[encounter.auction() as usize];
        let ratio = log_ratio(one, other);
        if let Some(usual) = usual.within {
            found.ratios.add(ratio / usual);
        }
        if let Some(share) = usual.gaps.share_below(ratio.abs()) {
            found.gaps.add(share - 0.5);
        }
        let ways = [(one, other, ratio), (other, one, -ratio)];
        for (place, (_, won, ratio)) in ways.into_iter().enumerate() {
            if own.winner == Some(won.firm)
                && let Some(share) = usual.over(ratio, own.prices as usize)
            {
                found.covers[place].add(share - 0.5);
            }
        }
        own.level
            .into_iter()
            .for_each(|share| found.levels.add(share));
        own.variation
            .into_iter()
            .for_each(|share| found.variation.add(share));
    }
    found
}

/// The value that more than half of all are, where there is one (Boyer and Moore's majority vote).
fn most(values: impl Iterator<Item = u32> + Clone) -> Option<u32> {
    let (mut chosen, mut votes) = (None, 0_usize);
    for value in values.clone() {
        match chosen {
            _ if votes == 0 => (chosen, votes) = (Some(value), 1),
            Some(before) if before == value => votes += 1,
            _ => votes -= 1,
        }
    }
    let (all, own) = values.fold((0, 0), |(all, own), value| {
        (all + 1, own + usize::from(Some(value) == chosen))
    });
    chosen.filter(|_| 2 * own > all)
}
