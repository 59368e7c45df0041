//! Character n-grams within words: sub-word evidence for inflections, compounds and misspellings.

use std::ops::RangeInclusive;

use crate::scan::scan;
use crate::token::Kind;

/// Calls `visit` with each n-gram of `text`, of every length of `lengths`, with repetitions. Words are folded, not
/// stemmed, with a space at both ends, so that a prefix and a suffix differ from the inside of a word; technical terms
/// come whole.
pub fn for_each_char_ngram(
    text: &str,
    lengths: RangeInclusive<usize>,
    mut visit: impl FnMut(&[char]),
) {
    let mut padded = Vec::new();
    for token in scan(text) {
        padded.clear();
        padded.push(' ');
        padded.extend(token.surface.chars());
        padded.push(' ');
        if token.kind != Kind::Word {
            visit(&padded);
            continue;
        }
        for length in lengths.clone().filter(|length| *length > 0) {
            if padded.len() <= length {
                visit(&padded);
                break;
            }
            padded.windows(length).for_each(&mut visit);
        }
    }
}

/// The n-grams of `text`, as [`for_each_char_ngram`] visits them.
///
/// ```
/// assert_eq!(text::char_ngrams("Tôle", 3..=3), [" to", "tol", "ole", "le "]);
/// ```
pub fn char_ngrams(text: &str, lengths: RangeInclusive<usize>) -> Vec<String> {
    let mut ngrams = Vec::new();
    for_each_char_ngram(text, lengths, |ngram| ngrams.push(ngram.iter().collect()));
    ngrams
}
