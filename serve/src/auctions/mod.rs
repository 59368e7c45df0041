//! Auctions: who bid what, who ranks where and why, which bid is abnormally low, and what would help a bidder.

mod book;
mod clock;
mod guide;
mod low;
mod room;
mod scoring;
mod words;

pub(crate) use book::{BidRow, Bidder, Bids};
pub(crate) use clock::{Clock, Distance};
pub(crate) use guide::{Asked, Guidance, guide};
pub(crate) use low::LowAnswer;
pub(crate) use room::{Interval, Room};
pub(crate) use scoring::{Difference, Part, RankedBy, Ranker, Scored, differences, ranking};
pub(crate) use words::{Notice, difference_reason, notices, reasons};
