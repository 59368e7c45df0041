//! Pairs of firms: what was measured of them, and how likely by chance.

mod evidence;
mod identity;
mod measure;
mod prices;
mod sharing;
mod timing;
mod wins;

pub(crate) use evidence::{Judged, Null, judge};
pub(crate) use identity::Identities;
pub(crate) use measure::{Field, Raw, measure, moments};
pub(crate) use prices::{Known, Moments};
pub(crate) use wins::WinRates;
