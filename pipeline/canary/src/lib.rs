#![doc = include_str!("../README.md")]

mod error;
mod limits;
mod page;
mod sight;
mod traffic;
mod verdict;
mod watch;

pub use error::CanaryError;
pub use limits::Limits;
pub use sight::Seen;
pub use verdict::{Decision, Verdict};
pub use watch::Watch;
