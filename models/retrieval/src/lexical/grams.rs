//! Character n-grams as numbers.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Lengths of the n-grams.
pub(crate) const LENGTHS: RangeInclusive<usize> = 3..=5;

/// Bits kept of each character: exact for the Latin, Greek and Cyrillic alphabets.
const CHAR_BITS: u32 = 12;

/// N-grams of `text` with their frequencies.
pub(crate) fn grams(text: &str) -> BTreeMap<u64, u32> {
    let mut grams = BTreeMap::new();
    text::for_each_char_ngram(text, LENGTHS, |ngram| {
        *grams.entry(key(ngram)).or_insert(0) += 1
    });
    grams
}

/// Packs up to five characters with their number; hashes more (technical terms come whole) by FNV-1a.
fn key(ngram: &[char]) -> u64 {
    if ngram.len() <= 5 {
        let mask = (1 << CHAR_BITS) - 1;
        let packed = ngram
            .iter()
            .fold(0, |packed, ch| packed << CHAR_BITS | (*ch as u64 & mask));
        return (ngram.len() as u64) << 60 | packed;
    }
    let hash = ngram.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, ch| {
        (hash ^ *ch as u64).wrapping_mul(0x0000_0100_0000_01b3)
    });
    0xf << 60 | hash >> 4
}
