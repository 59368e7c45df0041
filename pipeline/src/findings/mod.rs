//! What a lake holds of collusion, as people look at it: the strongest pairs and auctions, with the bids that they rest on.

mod rows;
mod strongest;

pub(crate) use rows::Signal;
pub(crate) use strongest::{Auction, Bid, Bidder, Findings, Pair, Shown, Strongest};
