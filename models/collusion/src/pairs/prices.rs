//! Prices of two firms in the auctions that they share.

use crate::bids::Bids;
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
    /// ln a − ln b, over the median distance of two bids of one auction of the market: some markets are narrow, and no pair's doing.
    pub(crate) ratios: Moments,
    /// How near one bids over the other's winning bid: percentile among the market's losing bids. First of the second, second of the first.
    pub(crate) covers: [Moments; 2],
    /// Percentile of the lowest price over the reference price; high where the client pays much.
    pub(crate) levels: Moments,
    /// How suspicious the variation coefficient of the shared auctions is.
    pub(crate) variation: Moments,
}

pub(crate) fn prices(
    bids: &Bids,
    references: &References,
    screens: &[Screens],
    met: &[Encounter<'_>],
) -> Prices {
    let mut found = Prices::default();
    for encounter in met {
        let (one, other) = (encounter.one, encounter.other);
        if one.is_withdrawn || other.is_withdrawn {
            continue;
        }
        let usual = references.of(encounter.auction);
        let own = &screens[encounter.auction as usize];
        let ratio = log_ratio(one, other);
        if let Some(usual) = usual.gaps.median().filter(|median| *median > 0.0) {
            found.ratios.add(ratio / usual);
        }
        if let Some(share) = usual.gaps.share_below(ratio.abs()) {
            found.gaps.add(share - 0.5);
        }
        let winner = bids.winner(encounter.auction).map(|bid| bid.firm);
        for (place, (lost, won)) in [(one, other), (other, one)].into_iter().enumerate() {
            if winner == Some(won.firm)
                && let Some(share) = usual.over(log_ratio(lost, won), own.prices as usize)
            {
                found.covers[place].add(share - 0.5);
            }
        }
        if let Some(share) =
            level(bids, encounter.auction).and_then(|level| usual.levels.share_below(level))
        {
            found.levels.add(share - 0.5);
        }
        if let Some(share) = own
            .get(Screen::VariationCoefficient)
            .and_then(|value| usual.suspicion(Screen::VariationCoefficient, value))
        {
            found.variation.add(share - 0.5);
        }
    }
    found
}
