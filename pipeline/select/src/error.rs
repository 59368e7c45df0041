//! Why a selector is refused.

/// A selector that cannot be understood, or that names what is not there. Trying again does not help: mend the selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The selector does not follow the grammar.
    #[error(
        "the selector `{text}` is not understood at character {position}: {problem}\n  {text}\n  {mark}",
        mark = mark(*.position)
    )]
    Malformed {
        /// The selector as written.
        text: String,
        /// Where it goes wrong, counted in characters from 1.
        position: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The selector names something that no job is or has.
    #[error("the selector `{text}` selects nothing: no job {what}{hint}")]
    Nothing {
        /// The selector as written.
        text: String,
        /// What no job is or has.
        what: String,
        /// What comes near, as the end of a sentence.
        hint: String,
    },
}

/// Points at a character of the line above it.
fn mark(position: usize) -> String {
    format!("{:>width$}", '^', width = position.max(1))
}
