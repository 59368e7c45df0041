//! Whether a match is one.

use retrieval::Hit;

/// Calibrated value that some evidence must reach. The score will not do: it depends on the weights, and the context leg gives every
/// document some of it.
const FIRM: f64 = 0.25;

/// Whether words, parts of words, meaning or know-how link a hit firmly to the request.
#[must_use]
pub fn is_firm(hit: &Hit) -> bool {
    let evidence = hit.contributions.iter().filter(|leg| leg.name != "context");
    evidence
        .map(|leg| leg.calibrated)
        .any(|value| value >= FIRM)
}
