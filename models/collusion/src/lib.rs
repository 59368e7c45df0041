#![doc = include_str!("../README.md")]

mod auctions;
mod benford;
mod bids;
mod cases;
mod chance;
mod detect;
mod features;
mod findings;
mod firms;
mod graph;
mod pairs;
mod params;
mod reference;
mod rings;
mod screens;

pub use benford::{Benford, benford};
pub use bids::{Auction, Bid, Bids, Firm};
pub use cases::{
    CaseCard, CaseModel, CaseParams, CaseScores, CaseVerdict, CheckedCaseParams, FoldMeasure,
    Measures, Split, Subject, Verdict, fit_cases,
};
pub use chance::wilson;
pub use detect::{Detection, detect};
pub use features::{AuctionFeature, PairFeature};
pub use findings::{
    AuctionFinding, Family, FirmFinding, Level, PairFinding, Ring, RingKind, Signal, SignalKind,
};
pub use graph::{CoBidding, Edge, co_bidding};
/// What turns parameters into checked ones.
pub use linfa::ParamGuard;
pub use params::{CheckedDetectParams, DetectParams};
pub use screens::{Screen, Screens, screens};
