//! The distinct words of a part, as a finite-state transducer from word to ordinal.

use std::fmt;
use std::ops::Range;

use fst::Streamer;
use fst::raw::{CompiledAddr, Fst, Node};

use crate::distance::Rows;
use crate::error::SuggestError;

/// Words whose ordinals are a range, and how far what was typed is from a prefix of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Near {
    pub(crate) words: Range<u32>,
    pub(crate) edits: u8,
}

/// Sorted words; a word is known by its ordinal.
pub(crate) struct Vocabulary {
    fst: Fst<Vec<u8>>,
    words: u32,
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vocabulary({} words)", self.words)
    }
}

impl Vocabulary {
    /// Checks and takes over the bytes that [`Vocabulary::bytes`] made.
    pub(crate) fn open(bytes: Vec<u8>) -> Result<Self, SuggestError> {
        let damaged = |error: fst::Error| SuggestError::corrupt(format!("words: {error}"));
        let fst = Fst::new(bytes).map_err(damaged)?;
        fst.verify().map_err(damaged)?;
        let words = u32::try_from(fst.len())
            .map_err(|_| SuggestError::corrupt("words: more than 32 bits can count"))?;
        let mut expected = 0;
        let mut stream = fst.stream();
        while let Some((word, ordinal)) = stream.next() {
            if ordinal.value() != expected || std::str::from_utf8(word).is_err() {
                return Err(SuggestError::corrupt("words: an ordinal is out of order"));
            }
            expected += 1;
        }
        if expected != u64::from(words) {
            return Err(SuggestError::corrupt("words: fewer than were announced"));
        }
        Ok(Self { fst, words })
    }

    /// The bytes of a vocabulary of words that are sorted, each once.
    pub(crate) fn bytes<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, SuggestError> {
        let numbered = words.zip(0..);
        Fst::from_iter_map(numbered)
            .map(Fst::into_inner)
            .map_err(|error| SuggestError::invalid(format!("words: {error}")))
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> u32 {
        self.words
    }

    /// The words that begin with `prefix`.
    pub(crate) fn completions(&self, prefix: &str) -> Range<u32> {
        let mut node = self.fst.root();
        let mut ordinal = 0;
        for byte in prefix.bytes() {
            let Some(at) = node.find_input(byte) else {
                return 0..0;
            };
            let step = node.transition(at);
            ordinal += step.out.value();
            node = self.fst.node(step.addr);
        }
        self.below(node, ordinal)
    }

    /// The words that have a prefix without a digit at most `most` edits from `typed`, as ranges in order that do not meet.
    pub(crate) fn near(&self, typed: &str, most: usize) -> Vec<Near> {
        let query: Vec<char> = typed.chars().collect();
        let mut walk = Walk {
            vocabulary: self,
            rows: Rows::new(&query, most),
            most,
            found: Vec::new(),
        };
        let best = walk.rows.distance();
        walk.visit(self.fst.root(), 0, best, 0);
        walk.found
    }

    /// The ordinals of all words below a node whose path sums to `ordinal`.
    fn below(&self, node: Node<'_>, ordinal: u64) -> Range<u32> {
        let (mut first, mut at) = (ordinal, node);
        while !at.is_final() && !at.is_empty() {
            let step = at.transition(0);
            first += step.out.value();
            at = self.fst.node(step.addr);
        }
        first += at.final_output().value();
        let is_nothing = !at.is_final();
        let (mut last, mut at) = (ordinal, node);
        while !at.is_empty() {
            let step = at.transition(at.len() - 1);
            last += step.out.value();
            at = self.fst.node(step.addr);
        }
        last += at.final_output().value();
        if is_nothing {
            return 0..0;
        }
        first as u32..last as u32 + 1
    }
}

/// A walk over all words that may be near.
struct Walk<'a> {
    vocabulary: &'a Vocabulary,
    rows: Rows<'a>,
    most: usize,
    found: Vec<Near>,
}

impl Walk<'_> {
    /// Visits a node at the end of a whole character; `best` is the smallest distance of a prefix so far, `least` the smallest
    /// that a longer one can have.
    fn visit(&mut self, node: Node<'_>, ordinal: u64, best: usize, least: usize) {
        if least >= best || least > self.most {
            if best <= self.most {
                let words = self.vocabulary.below(node, ordinal);
                self.emit(words, best);
            }
            return;
        }
        if node.is_final() && best <= self.most {
            let word = (ordinal + node.final_output().value()) as u32;
            self.emit(word..word + 1, best);
        }
        for at in 0..node.len() {
            let step = node.transition(at);
            self.step(step.inp, step.addr, ordinal + step.out.value(), best);
        }
    }

    fn step(&mut self, byte: u8, address: CompiledAddr, ordinal: u64, best: usize) {
        let node = self.vocabulary.fst.node(address);
        if byte.is_ascii_digit() {
            // Nothing is tolerated across a digit: what follows is as near as what came before it.
            self.visit(node, ordinal, best, best);
        } else if byte.is_ascii() {
            self.character(char::from(byte), node, ordinal, best);
        } else {
            let mut bytes = [byte, 0, 0, 0];
            self.wide(&mut bytes, 1, (node, ordinal), best);
        }
    }

    fn character(&mut self, ch: char, node: Node<'_>, ordinal: u64, best: usize) {
        if ch.is_numeric() {
            self.visit(node, ordinal, best, best);
            return;
        }
        let least = self.rows.push(ch);
        let best = best.min(self.rows.distance());
        self.visit(node, ordinal, best, least);
        self.rows.pop();
    }

    /// Collects the bytes of one character beyond ASCII; `at` is the node after those collected and its ordinal.
    fn wide(&mut self, bytes: &mut [u8; 4], length: usize, at: (Node<'_>, u64), best: usize) {
        let (node, ordinal) = at;
        if let Ok(text) = std::str::from_utf8(&bytes[..length])
            && let Some(ch) = text.chars().next()
        {
            self.character(ch, node, ordinal, best);
            return;
        }
        if length == bytes.len() {
            return;
        }
        for number in 0..node.len() {
            let step = node.transition(number);
            bytes[length] = step.inp;
            let next = self.vocabulary.fst.node(step.addr);
            self.wide(bytes, length + 1, (next, ordinal + step.out.value()), best);
        }
    }

    fn emit(&mut self, words: Range<u32>, edits: usize) {
        let edits = edits as u8;
        match self.found.last_mut() {
            Some(last) if last.words.end == words.start && last.edits == edits => {
                last.words.end = words.end;
            }
            _ if words.is_empty() => {}
            _ => self.found.push(Near { words, edits }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::distance::tests::textbook;

    fn vocabulary(words: &BTreeSet<String>) -> Vocabulary {
        Vocabulary::open(Vocabulary::bytes(words.iter().map(String::as_str)).unwrap()).unwrap()
    }

    /// The smallest distance to a prefix without a digit, by the textbook.
    fn brute_force(word: &str, typed: &str) -> usize {
        let typed: Vec<char> = typed.chars().collect();
        let word: Vec<char> = word.chars().take_while(|ch| !ch.is_numeric()).collect();
        (0..=word.len())
            .map(|length| textbook(&word[..length], &typed))
            .min()
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn tolerance_is_the_brute_force(
            words in prop::collection::btree_set("[abcé1]{1,7}", 0..60),
            typed in "[abcé]{1,6}",
            most in 0_usize..3,
        ) {
            let vocabulary = vocabulary(&words);
            let mut found = vec![None; words.len()];
            let mut before = 0;
            for near in vocabulary.near(&typed, most) {
                prop_assert!(near.words.start >= before && !near.words.is_empty());
                before = near.words.end;
                for word in near.words {
                    found[word as usize] = Some(usize::from(near.edits));
                }
            }
            for (word, edits) in words.iter().zip(found) {
                let expected = brute_force(word, &typed);
                prop_assert_eq!(edits, (expected <= most).then_some(expected), "{} {}", word, typed);
            }
        }

        #[test]
        fn a_prefix_is_a_range(
            words in prop::collection::btree_set("[abé1]{0,5}", 0..40),
            prefix in "[abé1]{0,4}",
        ) {
            let range = vocabulary(&words).completions(&prefix);
            for (ordinal, word) in words.iter().enumerate() {
                prop_assert_eq!(range.contains(&(ordinal as u32)), word.starts_with(&prefix), "{}", word);
            }
        }
    }

    #[test]
    fn no_words_and_foreign_bytes_are_told_apart() {
        let empty = vocabulary(&BTreeSet::new());
        assert_eq!(
            (empty.len(), empty.completions("a"), empty.completions("")),
            (0, 0..0, 0..0)
        );
        assert!(Vocabulary::open(vec![7; 200]).is_err());
        assert!(Vocabulary::open(Vec::new()).is_err());
    }
}
