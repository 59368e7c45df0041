//! The levels at which prices are predicted.

use tabular::{TabularError, require};

/// Returns whether `levels` rise within (0, 1).
///
/// # Errors
/// `Invalid` where they do not, or there are none.
pub(crate) fn check(levels: &[f64]) -> Result<(), TabularError> {
    require(!levels.is_empty(), "levels", "there are none")?;
    let within = levels.iter().all(|level| *level > 0.0 && *level < 1.0);
    require(within, "levels", "one is not within (0, 1)")?;
    let rising = levels.windows(2).all(|pair| pair[0] < pair[1]);
    require(rising, "levels", "they do not rise")
}
