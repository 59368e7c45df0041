//! X
/// X
pub struct Threshold;
