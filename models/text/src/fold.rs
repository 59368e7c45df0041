//! Comparison form of a text.

use crate::cells::cells;

/// Lower-cases `text` and removes accents: NFKC, ligatures opened (`œ` → `oe`), apostrophes and hyphens in their plain
/// form. Folding twice changes nothing.
///
/// ```
/// assert_eq!(text::fold("ÉLECTRO‑ÉROSION à l’œuvre"), "electro-erosion a l'oeuvre");
/// ```
pub fn fold(text: &str) -> String {
    cells(text).iter().map(|cell| cell.ch).collect()
}
