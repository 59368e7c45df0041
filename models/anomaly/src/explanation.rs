//! X
/// X
pub struct Explanation;
