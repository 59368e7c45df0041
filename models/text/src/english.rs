//! English inflections: labels and texts of a French industry hold English words too.
//!
//! The rules look at one word alone, never at its sentence, so that a word has one stem in an index and in a query.

use rust_stemmers::{Algorithm, Stemmer};

/// What a folded singular with an English ending is without it; none for any other word.
///
/// Those endings are foreign to French: `-ing`, `-ed`, `-ly`, `-ness`; and `-y` after a consonant, where French has `-ie`
/// (`energy`, `énergie`).
pub(crate) fn without_inflection(word: &str) -> Option<String> {
    let is_inflected = [("ing", 6), ("ed", 5), ("ly", 6), ("ness", 7)]
        .iter()
        .any(|(ending, least)| word.len() >= *least && word.ends_with(ending));
    if is_inflected && word.is_ascii() {
        let stem = Stemmer::create(Algorithm::English).stem(word).into_owned();
        return Some(stem).filter(|stem| !stem.is_empty());
    }
    let root = word.strip_suffix('y')?;
    let is_foreign = root.len() >= 4 && !root.ends_with(['a', 'e', 'o', 'u']);
    is_foreign.then(|| format!("{root}ie"))
}
