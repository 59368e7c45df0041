#![doc = include_str!("../README.md")]

mod account;
mod bursts;
mod case;
mod conduct;
mod contacts;
mod dumping;
mod entity;
mod error;
mod learning;
mod likeness;
mod links;
mod params;
mod portrait;
mod rates;
mod scene;
mod sign;
mod unusual;
mod verdict;

/// Changes with what any detector or judgement says of the same facts.
pub const RULES: &str = "abuse rules 4";

pub use account::{Account, Event, EventKind, Failure};
pub use case::{Case, Level, judge};
pub use conduct::{Conduct, conduct};
pub use contacts::{Contact, contacts};
pub use dumping::{LowBid, Offer, Offers, habits, low_bids};
pub use entity::{Entity, EntityKind};
pub use error::AbuseError;
pub use learning::Precisions;
pub use likeness::{Likeness, alike};
/// What turns settings into checked ones.
pub use linfa::ParamGuard;
pub use params::{CheckedConductParams, ConductParams};
pub use portrait::{FEATURES, portrait};
pub use sign::{Family, Sign, Signal};
pub use unusual::unusual;
pub use verdict::{Decision, Verdict};
