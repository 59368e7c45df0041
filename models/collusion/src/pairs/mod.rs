//! Pairs of firms: what was measured of them, and how likely by chance.

mod coalitions;
mod evidence;
mod identity;
mod measure;
mod prices;
mod sharing;
mod timing;
mod wins;

pub(crate) use coalitions::{Said, add_coalitions};
pub(crate) use evidence::{Judged, Null, families, judge};
pub(crate) use identity::Identities;
pub(crate) use measure::{Field, Raw, measure, moments};
pub(crate) use prices::{Known, Moments};
pub(crate) use wins::WinRates;
