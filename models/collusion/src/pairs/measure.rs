//! All that is measured of a pair.

use crate::bids::Bids;
use crate::graph::{Activity, Encounter};
use crate::pairs::identity::{Identities, Shared};
use crate::pairs::prices::{Known, Moments, Prices, prices};
use crate::pairs::sharing::{Sharing, sharing};
use crate::pairs::timing::{Timing, timing};
use crate::pairs::wins::{WinRates, Wins, wins};
use crate::params::CheckedDetectParams;
use crate::reference::References;
use crate::screens::Screens;

/// What pairs are measured by.
pub(crate) struct Field<'a> {
    pub(crate) bids: &'a Bids,
    pub(crate) screens: &'a [Screens],
    pub(crate) references: &'a References,
    pub(crate) known: &'a [Known],
    pub(crate) activity: &'a Activity,
    pub(crate) rates: &'a WinRates,
    pub(crate) identities: &'a Identities,
    pub(crate) params: &'a CheckedDetectParams,
}

/// What was measured of a pair.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub(crate) firms: [u32; 2],
    pub(crate) shared: u32,
    pub(crate) expected: f64,
    pub(crate) meeting: f64,
    pub(crate) prices: Prices,
    pub(crate) timing: Timing,
    pub(crate) wins: Wins,
    pub(crate) sharing: Sharing,
    pub(crate) identity: Shared,
}

pub(crate) fn measure(field: &Field<'_>, met: &[Encounter<'_>]) -> Option<Raw> {
    let first = met.first()?;
    let firms = [first.one.firm, first.other.firm];
    let (expected, meeting) = field.activity.meetings(firms[0], firms[1], met.len());
    let known = |firm: u32| &field.bids.firms()[firm as usize];
    let logs = field.activity.logs();
    Some(Raw {
        firms,
        shared: met.len() as u32,
        expected,
        meeting,
        prices: prices(field.bids.auctions(), field.references, field.known, met),
        timing: timing(field.bids, field.references, met, field.params),
        wins: wins(field.known, field.rates, met, logs),
        sharing: sharing(field.bids, field.known, met, field.params),
        identity: field.identities.shared(known(firms[0]), known(firms[1])),
    })
}

/// Returns the moments of the prices of a pair that met too seldom to be judged: what is usual is learnt from it.
pub(crate) fn moments(field: &Field<'_>, met: &[Encounter<'_>]) -> [Moments; 4] {
    let found = prices(field.bids.auctions(), field.references, field.known, met);
    let [one, other] = found.covers;
    [found.gaps, found.ratios, one, other]
}
