//! Phrase keys: comparing a label with the texts that may contain it.

use std::collections::HashSet;

use crate::analyze::analyze;

/// The normalised terms of `text` joined by a space, one per position; empty where nothing counts.
///
/// ```
/// assert_eq!(text::phrase_key("Usinages de précision"), text::phrase_key("usinage précision"));
/// ```
pub fn phrase_key(text: &str) -> String {
    terms(text)
        .into_iter()
        .map(|(_, term)| term)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The distinct phrase keys of all runs of 1 to `max_words` terms of `text`, in order of first appearance. No run
/// crosses the end of a sentence.
///
/// ```
/// assert!(text::phrases("Atelier d'usinage de précision.", 2).contains(&text::phrase_key("usinage de précision")));
/// ```
pub fn phrases(text: &str, max_words: usize) -> Vec<String> {
    let terms = terms(text);
    let mut seen = HashSet::new();
    let mut phrases = Vec::new();
    for first in 0..terms.len() {
        let mut key = String::new();
        for next in first..terms.len().min(first + max_words) {
            let (position, term) = &terms[next];
            if position - terms[first].0 != next - first {
                break;
            }
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(term);
            if seen.insert(key.clone()) {
                phrases.push(key.clone());
            }
        }
    }
    phrases
}

/// The most specific term of each position.
fn terms(text: &str) -> Vec<(usize, String)> {
    let mut terms: Vec<(usize, String)> = Vec::new();
    for token in analyze(text) {
        match terms.last_mut() {
            Some(last) if last.0 == token.position => last.1 = token.term,
            _ => terms.push((token.position, token.term)),
        }
    }
    terms
}
