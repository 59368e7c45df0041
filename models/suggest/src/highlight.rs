//! What of a suggestion was typed.

use std::ops::Range;

use crate::distance::prefix_distance;
use crate::query::tolerance;
use crate::words::{Word, words_and_compounds};

/// Returns the bytes of `text` that the words of a reading stand for, in order, runs that touch as one.
pub(crate) fn highlight(text: &str, reading: &[String]) -> Vec<Range<usize>> {
    let words = words_and_compounds(text);
    let mut is_used = vec![false; words.len()];
    let mut spans: Vec<Range<usize>> = Vec::new();
    for typed in reading {
        let found = best(typed, &words, &is_used);
        if let Some((at, length)) = found {
            is_used[at] = true;
            spans.push(words[at].span(length));
        }
    }
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// The word that `typed` begins, exactly or nearly, and how many of its characters that is; unused words and early ones first.
fn best(typed: &str, words: &[Word], is_used: &[bool]) -> Option<(usize, usize)> {
    let characters: Vec<char> = typed.chars().collect();
    let most = tolerance(typed);
    let distance = |word: &Word| {
        if word.folded.starts_with(typed) {
            return Some((0, characters.len()));
        }
        (most > 0)
            .then(|| prefix_distance(&characters, &word.folded, most))
            .flatten()
    };
    let candidates = words.iter().enumerate().filter_map(|(at, word)| {
        distance(word).map(|(edits, length)| (edits, is_used[at], at, length))
    });
    candidates.min().map(|(_, _, at, length)| (at, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, reading: &[&str]) -> Vec<String> {
        let reading: Vec<String> = reading.iter().map(|word| (*word).to_owned()).collect();
        let spans = highlight(text, &reading).into_iter();
        spans.map(|span| text[span].to_owned()).collect()
    }

    #[test]
    fn what_was_typed_is_shown_as_it_is_written() {
        assert_eq!(shown("Commande numérique", &["numeri"]), ["numéri"]);
        assert_eq!(shown("Tôlerie fine inox", &["in", "tol"]), ["Tôl", "in"]);
        assert_eq!(shown("Électro-érosion", &["electroero"]), ["Électro-éro"]);
        assert_eq!(
            shown("Soudure soudure", &["soud", "soudu"]),
            ["Soud", "soudu"]
        );
        assert_eq!(shown("Tôlerie", &["tolrei"]), ["Tôleri"]);
        assert!(shown("Tôlerie", &["zzz"]).is_empty());
    }
}
