//! The analysis chain, the same for an index and for a query.

use crate::scan::scan;
use crate::stem::stem;
use crate::token::{Kind, Token};

/// Changes whenever `analyze` may give other terms for the same text: an index built by another version must be rebuilt.
pub const ANALYSIS_VERSION: u32 = 3;

/// Analyses `text`: words stemmed, technical terms whole, stop words left out.
///
/// ```
/// let terms: Vec<String> = text::analyze("tournage d'axes Ø12 H7 en 316L").into_iter().map(|t| t.term).collect();
/// assert_eq!(terms, ["tournag", "axe", "ø12", "h7", "316l"]);
/// ```
pub fn analyze(text: &str) -> Vec<Token> {
    let mut tokens = scan(text);
    for token in &mut tokens {
        if token.kind == Kind::Word {
            token.term = stem(&token.surface);
        }
    }
    tokens
}

/// The terms of `text` in reading order, alternatives included.
pub fn stems(text: &str) -> Vec<String> {
    analyze(text).into_iter().map(|token| token.term).collect()
}
