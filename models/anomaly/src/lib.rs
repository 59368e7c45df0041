#![doc = include_str!("../README.md")]

mod draw;
mod explanation;
mod fit;
mod forest;
mod grow;
mod params;
mod path;
mod planes;
mod rows;
mod score;
mod threshold;
mod trees;

pub use explanation::Explanation;
pub use forest::IsolationForest;
pub use params::{CheckedIsolationParams, IsolationParams, Splits};
pub use path::mean_search_length;
pub use threshold::Threshold;
