//! What callers send, appended to the landing area: one folder per table and node, JSON lines, never in the way of a request.

mod counts;
mod file;
mod queue;
mod recovery;
mod writer;

pub use counts::Counts;
pub use queue::{Collector, CollectorSettings};
