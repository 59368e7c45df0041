//! The scanner: from folded characters to surfaces with their kind.

use crate::accented::{accented, written};
use crate::acronyms::acronym;
use crate::cells::{Cell, cells};
use crate::compounds::{is_elision, is_feminine_ending, is_pair, joins_by_hyphen, joins_by_space};
use crate::stop_words::is_stop_word;
use crate::technical::technical;
use crate::token::{Kind, Token};

/// Folded characters of a text, addressed by index, never out of bounds.
pub(crate) struct View<'a> {
    cells: &'a [Cell],
}

impl View<'_> {
    /// The folded character at `at`.
    pub(crate) fn at(&self, at: usize) -> Option<char> {
        self.cells.get(at).map(|cell| cell.ch)
    }

    /// Whether the character at `at` satisfies `is_wanted`.
    pub(crate) fn is(&self, at: usize, is_wanted: impl Fn(char) -> bool) -> bool {
        self.at(at).is_some_and(is_wanted)
    }

    /// First index from `at` on whose character is not `is_wanted`.
    pub(crate) fn run(&self, at: usize, is_wanted: impl Fn(char) -> bool) -> usize {
        at + self.cells[at.min(self.cells.len())..]
            .iter()
            .take_while(|c| is_wanted(c.ch))
            .count()
    }

    /// `at`, or the next index where one space stands there.
    pub(crate) fn skip_space(&self, at: usize) -> usize {
        at + usize::from(self.at(at) == Some(' '))
    }

    /// The folded text from `from` to `to`.
    pub(crate) fn text(&self, from: usize, to: usize) -> String {
        let to = to.min(self.cells.len());
        self.cells[from.min(to)..to]
            .iter()
            .map(|cell| cell.ch)
            .collect()
    }

    /// Whether every letter from `from` to `to` was upper case in the source.
    pub(crate) fn is_upper(&self, from: usize, to: usize) -> bool {
        let to = to.min(self.cells.len());
        self.cells[from.min(to)..to]
            .iter()
            .all(|cell| cell.is_upper || !cell.ch.is_alphabetic())
    }

    /// End of the letters from `at` on.
    pub(crate) fn letters(&self, at: usize) -> usize {
        self.run(at, is_letter)
    }
}

/// A letter of a word: anything alphanumeric but an ASCII digit.
pub(crate) fn is_letter(ch: char) -> bool {
    ch.is_alphanumeric() && !ch.is_ascii_digit()
}

/// Whether `folded` announces a marking: `marquage CE`.
fn is_marking(folded: &str) -> bool {
    matches!(
        folded,
        "marquage"
            | "marquages"
            | "marque"
            | "marquee"
            | "marques"
            | "certification"
            | "certifie"
            | "conformite"
            | "norme"
            | "normes"
            | "declaration"
    )
}

/// Scans `source`: words in their folded form (not stemmed yet), technical terms normalised, stop words left out.
pub(crate) fn scan(source: &str) -> Vec<Token> {
    let cells = cells(source);
    let mut scanner = Scanner {
        source,
        view: View { cells: &cells },
        tokens: Vec::new(),
        position: 0,
        is_sentence_open: false,
    };
    scanner.run();
    scanner.tokens
}

struct Scanner<'a> {
    source: &'a str,
    view: View<'a>,
    tokens: Vec<Token>,
    position: usize,
    is_sentence_open: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(ch) = self.view.at(at) {
            let last_word = self.tokens.last().map(|token| token.surface.as_str());
            at = if let Some(found) = technical(&self.view, at, last_word) {
                self.push(found.terms, at, found.end);
                found.end
            } else if is_letter(ch) {
                self.word(at)
            } else {
                self.separator(ch, at);
                at + 1
            };
        }
    }

    /// Reads the word at `at` and gives the index after it.
    fn word(&mut self, at: usize) -> usize {
        let mut end = self.view.letters(at);
        let mut word = self.view.text(at, end);
        if self.view.at(end) == Some('\'') {
            let rest_end = self.view.letters(end + 1);
            let rest = self.view.text(end + 1, rest_end);
            let is_before_word = self.view.is(end + 1, char::is_alphanumeric);
            if is_elision(&word) && is_before_word {
                return end + 1;
            }
            if rest == "s" {
                self.push_word(word, at, end);
                return rest_end;
            }
            if !rest.is_empty() {
                word.push_str(&rest);
                end = rest_end;
            }
        }
        let mut first = 0;
        while let Some((next, next_end)) = self.joined_segment(&word[first..], end) {
            first = word.len();
            word.push_str(&self.view.text(next, next_end));
            end = next_end;
        }
        self.push_word(word, at, end);
        self.after_feminine_ending(end)
    }

    /// The word that `prefix`, ending at `end`, makes a compound with.
    fn joined_segment(&self, prefix: &str, end: usize) -> Option<(usize, usize)> {
        let is_space = match self.view.at(end)? {
            '-' => false,
            ' ' => true,
            _ => return None,
        };
        let is_prefix = joins_by_space(prefix) || (!is_space && joins_by_hyphen(prefix));
        let next = end + 1;
        let next_end = self.view.letters(next);
        let is_followed_by_code = self.view.is(next_end, |c| c.is_ascii_digit() || c == '\'');
        if next_end == next || is_followed_by_code {
            return None;
        }
        let is_joined = if is_prefix {
            !is_space || (next_end - next >= 4 && !is_stop_word(&self.view.text(next, next_end)))
        } else {
            is_pair(prefix, || self.view.text(next, next_end))
        };
        is_joined.then_some((next, next_end))
    }

    /// Index after the feminine ending that inclusive writing adds to the word before `end`: `soudeur·euse`, `technicien(ne)`.
    fn after_feminine_ending(&self, end: usize) -> usize {
        let close = match self.view.at(end) {
            Some('(') => Some(')'),
            Some('·' | '•' | '.' | '-' | '/') => None,
            _ => return end,
        };
        let last = self.view.letters(end + 1);
        if last - end > 7 || !is_feminine_ending(&self.view.text(end + 1, last)) {
            return end;
        }
        match close {
            Some(close) if self.view.at(last) == Some(close) => last + 1,
            None if !self.view.is(last, |ch| ch.is_alphanumeric() || ch == '\'') => {
                let has_plural = self.view.is(last, |ch| matches!(ch, '·' | '•' | '.'))
                    && self.view.at(last + 1) == Some('s')
                    && !self.view.is(last + 2, char::is_alphanumeric);
                if has_plural { last + 2 } else { last }
            }
            _ => end,
        }
    }

    fn push_word(&mut self, word: String, at: usize, end: usize) {
        let (start, stop) = self.span(at, end);
        if let Some(acronym) = acronym(&word) {
            return self.push(vec![(acronym.to_owned(), Kind::Acronym)], at, end);
        }
        let source = &self.source[start..stop];
        let mut form = None;
        let is_stop = if source.is_ascii() {
            is_stop_word(&word)
        } else {
            let written = written(source);
            form = accented(&written, &word);
            is_stop_word(&written)
        };
        if !is_stop {
            self.push(vec![(word, Kind::Word)], at, end);
            if let Some(token) = self.tokens.last_mut() {
                token.accented = form;
            }
        } else if word == "ce" && self.is_after_marking(start) {
            self.push(vec![(word, Kind::Acronym)], at, end);
        }
    }

    /// Whether the word just before byte `start` says that `CE` is the European marking.
    fn is_after_marking(&self, start: usize) -> bool {
        self.tokens.last().is_some_and(|last| {
            is_marking(&last.surface) && self.source[last.end..start].trim().is_empty()
        })
    }

    fn push(&mut self, terms: Vec<(String, Kind)>, at: usize, end: usize) {
        let (start, stop) = self.span(at, end);
        for (term, kind) in terms {
            let surface = term.clone();
            self.tokens.push(Token {
                term,
                surface,
                kind,
                position: self.position,
                start,
                end: stop,
                accented: None,
            });
        }
        self.position += 1;
        self.is_sentence_open = true;
    }

    fn separator(&mut self, ch: char, at: usize) {
        let is_end = match ch {
            '.' => !self.view.is(at + 1, |next| !next.is_whitespace()),
            ';' | ':' | '!' | '?' | '•' | '·' | '|' => true,
            _ => false,
        };
        if is_end && self.is_sentence_open {
            self.position += 1;
            self.is_sentence_open = false;
        }
    }

    /// Source bytes of the cells from `at` to `end` (at least one cell).
    fn span(&self, at: usize, end: usize) -> (usize, usize) {
        let cells = self.view.cells;
        (cells[at].start, cells[end - 1].end)
    }
}
