//! Words of a text in their folded form, with the bytes they came from.

use std::ops::Range;

/// Characters of a word that are compared; the rest of a longer one is nothing that anybody types.
pub(crate) const LONGEST_WORD: usize = 40;

/// One word: a run of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, without accents.
    pub(crate) folded: String,
    /// For each folded character, the bytes of the text it came from.
    pub(crate) sources: Vec<Range<usize>>,
    /// Whether only a hyphen stands between this word and the one before.
    pub(crate) is_joined: bool,
}

impl Word {
    /// The bytes of the text that the first `characters` of the word came from.
    pub(crate) fn span(&self, characters: usize) -> Range<usize> {
        let shown = &self.sources[..characters.min(self.sources.len())];
        match (shown.first(), shown.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// Cuts `source` into words: `l'usinage` has two, `électro-érosion` too, `316L` and `0,02` one.
pub(crate) fn words(source: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut cutter = Cutter::default();
    let mut characters = source.char_indices().peekable();
    while let Some((start, original)) = characters.next() {
        let span = start..start + original.len_utf8();
        if original.is_ascii() {
            let next = characters.peek().map(|(_, next)| *next);
            cutter.push(original.to_ascii_lowercase(), span, next, &mut words);
            continue;
        }
        let folded = text::fold(original.encode_utf8(&mut [0; 4]));
        if folded.is_empty() {
            // A combining mark belongs to the letter before it.
            cutter.extend(span.end);
        }
        for ch in folded.chars() {
            cutter.push(ch, span.clone(), None, &mut words);
        }
    }
    cutter.finish(&mut words);
    words
}

/// The words of `source`, and one more for each run of words that hyphens join: `electroerosion`.
pub(crate) fn words_and_compounds(source: &str) -> Vec<Word> {
    let mut all = words(source);
    for run in all.clone().chunk_by(|_, next| next.is_joined) {
        if let [first, _, ..] = run {
            let mut compound = Word {
                is_joined: first.is_joined,
                ..first.clone()
            };
            for word in &run[1..] {
                compound.folded.push_str(&word.folded);
                compound.sources.extend(word.sources.iter().cloned());
            }
            cut(&mut compound);
            all.push(compound);
        }
    }
    all
}

fn cut(word: &mut Word) {
    if let Some((end, _)) = word.folded.char_indices().nth(LONGEST_WORD) {
        word.folded.truncate(end);
        word.sources.truncate(LONGEST_WORD);
    }
}

#[derive(Default)]
struct Cutter {
    folded: String,
    sources: Vec<Range<usize>>,
    /// What stood since the last word.
    between: String,
}

impl Cutter {
    fn push(&mut self, ch: char, span: Range<usize>, next: Option<char>, words: &mut Vec<Word>) {
        let is_inside_number = matches!(ch, '.' | ',')
            && self.folded.ends_with(|last: char| last.is_ascii_digit())
            && next.is_some_and(|next| next.is_ascii_digit());
        if is_inside_number {
            self.folded.push('.');
            self.sources.push(span);
        } else if ch.is_alphanumeric() {
            self.folded.push(ch);
            self.sources.push(span);
        } else {
            self.finish(words);
            self.between.push(ch);
        }
    }

    fn extend(&mut self, end: usize) {
        if let Some(last) = self.sources.last_mut() {
            last.end = end;
        }
    }

    fn finish(&mut self, words: &mut Vec<Word>) {
        if self.folded.is_empty() {
            return;
        }
        let mut word = Word {
            folded: std::mem::take(&mut self.folded),
            sources: std::mem::take(&mut self.sources),
            is_joined: self.between == "-" && !words.is_empty(),
        };
        cut(&mut word);
        words.push(word);
        self.between.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(source: &str) -> Vec<String> {
        words(source).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(
            folded("L’Électro-érosion, à fil (316L) ± 0,02 mm."),
            ["l", "electro", "erosion", "a", "fil", "316l", "0.02", "mm"]
        );
        assert_eq!(folded("œuvre e\u{301}tude"), ["oeuvre", "etude"]);
        assert!(folded(" -,;. ").is_empty());
    }

    #[test]
    fn a_hyphenated_run_is_also_one_word() {
        let all = words_and_compounds("Électro-érosion d'axe, arc-en-ciel");
        let compounds: Vec<_> = all[all.len() - 2..]
            .iter()
            .map(|w| w.folded.as_str())
            .collect();
        assert_eq!(compounds, ["electroerosion", "arcenciel"]);
        assert_eq!(words_and_compounds("soudure - TIG").len(), 2);
    }

    #[test]
    fn spans_are_bytes_of_the_text() {
        let text = "Pièce numérique";
        let found = words(text);
        assert_eq!(&text[found[1].span(4)], "numé");
        assert_eq!(&text[found[0].span(99)], "Pièce");
    }

    #[test]
    fn a_long_word_is_cut() {
        let found = words(&"é".repeat(100));
        assert_eq!(found[0].folded.len(), LONGEST_WORD);
        assert_eq!(found[0].sources.len(), LONGEST_WORD);
    }
}
