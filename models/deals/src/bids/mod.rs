//! Bids of an auction: what GlobalScore and learned rankers see of them, and which are abnormally low.

mod auction;
mod features;
mod fit;
mod low;

pub use auction::{Auction, BidFacts, Learned, Own, global_weights};
pub use features::{BidFeature, bid_feature};
pub use fit::{FittedRanking, RankingRows, fit_ranking};
pub use low::{EUROPEAN, Evidence, LAW, Low, Sign};
