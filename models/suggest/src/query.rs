//! What is asked, cut into the words to complete.

use crate::words::{Word, words, words_and_compounds};

/// Words of a query that are completed; what follows is ignored.
const MOST_WORDS: usize = 8;
/// Letters up to which nothing is tolerated.
const STRICT_LETTERS: usize = 3;
/// Letters up to which one edit is tolerated; two beyond.
const ONE_EDIT_LETTERS: usize = 6;
/// Words that may be left out where another one follows or precedes.
const LINKS: [&str; 24] = [
    "a", "au", "aux", "avec", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les",
    "ou", "par", "pour", "qu", "sans", "sur", "un", "une", "s",
];

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What was typed so far.
    pub text: &'a str,
    /// Who asks.
    pub tenant: &'a str,
    /// Suggestions wanted.
    pub limit: usize,
}

/// Returns how many edits are tolerated in a word of a query, folded: none in a technical one, which has a digit.
#[must_use]
pub fn tolerance(word: &str) -> usize {
    if word.contains(|ch: char| ch.is_numeric()) {
        return 0;
    }
    let letters = word.chars().count();
    usize::from(letters > STRICT_LETTERS) + usize::from(letters > ONE_EDIT_LETTERS)
}

/// The ways to read a query, the first one first: its words, then the words with hyphenated runs as one.
pub(crate) fn readings(text: &str) -> Vec<Vec<String>> {
    let plain = words(text);
    let mut readings = vec![wanted(plain.iter())];
    if plain.iter().any(|word| word.is_joined) {
        let all = words_and_compounds(text);
        let compounds = all[plain.len()..].iter();
        let single = plain.iter().enumerate().filter(|(at, word)| {
            let is_followed = plain.get(at + 1).is_some_and(|next| next.is_joined);
            !word.is_joined && !is_followed
        });
        readings.push(wanted(single.map(|(_, word)| word).chain(compounds)));
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

/// The words to complete: all but those that only link, and the last one whatever it is, for it may go on.
fn wanted<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<String> {
    let mut wanted: Vec<String> = words.map(|word| word.folded.clone()).collect();
    wanted.truncate(MOST_WORDS);
    let last = wanted.pop();
    let all_links = wanted.iter().all(|word| LINKS.contains(&word.as_str()));
    if !all_links {
        wanted.retain(|word| !LINKS.contains(&word.as_str()));
    } else if last.is_some() {
        wanted.clear();
    }
    wanted.extend(last);
    wanted.dedup();
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerance_grows_with_letters_and_stops_at_digits() {
        for (word, edits) in [
            ("", 0),
            ("tig", 0),
            ("inox", 1),
            ("tolier", 1),
            ("tolerie", 2),
            ("316l", 0),
            ("inconel718", 0),
            ("²²²²²", 0),
        ] {
            assert_eq!(tolerance(word), edits, "{word}");
        }
    }

    #[test]
    fn linking_words_are_left_out_unless_nothing_else_is_typed() {
        assert_eq!(readings("usinage de pré")[0], ["usinage", "pre"]);
        assert_eq!(readings("l'usinage de")[0], ["usinage", "de"]);
        assert_eq!(readings("de l'a")[0], ["a"]);
        assert_eq!(readings("l'")[0], ["l"]);
        assert!(readings(" ' ").is_empty());
    }

    #[test]
    fn hyphens_are_read_both_ways() {
        let found = readings("fil électro-éro");
        assert_eq!(found[0], ["fil", "electro", "ero"]);
        assert_eq!(found[1], ["fil", "electroero"]);
        assert_eq!(readings("fil").len(), 1);
    }
}
