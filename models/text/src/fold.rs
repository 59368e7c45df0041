//! Comparison form of a text.

use crate::cells::{cells, fold_char};

/// Lower-cases `text` and removes accents: NFKC, ligatures opened (`œ` → `oe`), apostrophes and hyphens in their plain
/// form. Folding twice changes nothing.
///
/// ```
/// assert_eq!(text::fold("ÉLECTRO‑ÉROSION à l’œuvre"), "electro-erosion a l'oeuvre");
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = Vec::with_capacity(text.len());
    text.chars().for_each(|ch| fold_char(ch, &mut folded));
    if folded.contains(&'ø') {
        // What that sign is hangs on what follows it.
        return cells(text).iter().map(|cell| cell.ch).collect();
    }
    folded.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn folding_gives_the_characters_of_the_cells(text in "(\\PC|[a-zA-Z0-9 éèàçœØø\u{301}’-]){0,20}") {
            let of_cells: String = cells(&text).iter().map(|cell| cell.ch).collect();
            prop_assert_eq!(fold(&text), of_cells);
        }
    }
}
