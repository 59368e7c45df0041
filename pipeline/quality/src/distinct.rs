//! An estimate of how many different values there are: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007), with linear counting where few.

use serde::{Deserialize, Serialize};

const BITS: u32 = 10;
const REGISTERS: usize = 1 << BITS;
/// Registers hold 0 to 55; written as one letter each, from this one.
const FIRST_LETTER: u8 = b'0';

/// Registers of values seen; the same for the same values in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Distinct(Box<[u8]>);

impl Default for Distinct {
    fn default() -> Self {
        Self(vec![0; REGISTERS].into())
    }
}

impl Distinct {
    /// Counts a value in by its hash.
    pub fn add(&mut self, hash: u64) {
        let register = (hash >> (64 - BITS)) as usize;
        let rest = hash << BITS;
        let rank = (rest.leading_zeros() + 1).min(64 - BITS + 1) as u8;
        let highest = &mut self.0[register];
        *highest = rank.max(*highest);
    }

    /// Counts in what another has seen.
    pub fn merge(&mut self, other: &Self) {
        for (own, theirs) in self.0.iter_mut().zip(&other.0) {
            *own = (*own).max(*theirs);
        }
    }

    /// Returns the estimate.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let registers = REGISTERS as f64;
        let sum: f64 = self
            .0
            .iter()
            .map(|rank| 0.5_f64.powi(i32::from(*rank)))
            .sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let empty = self.0.iter().filter(|rank| **rank == 0).count();
        let estimate = if raw <= 2.5 * registers && empty > 0 {
            registers * (registers / empty as f64).ln()
        } else {
            raw
        };
        estimate.round() as u64
    }
}

impl From<Distinct> for String {
    fn from(distinct: Distinct) -> Self {
        let letters = distinct
            .0
            .iter()
            .map(|rank| char::from(FIRST_LETTER + rank));
        letters.collect()
    }
}

impl TryFrom<String> for Distinct {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let rank = |letter: u8| letter.checked_sub(FIRST_LETTER).filter(|rank| *rank <= 55);
        let ranks: Option<Vec<u8>> = text.bytes().map(rank).collect();
        match ranks {
            Some(ranks) if ranks.len() == REGISTERS => Ok(Self(ranks.into())),
            _ => Err(format!("registers are {REGISTERS} letters from 0 to g")),
        }
    }
}

/// Hashes bytes: blocks of eight are folded in by 64 × 64 → 128 bit products, as wyhash does. Not for adversaries, and the same everywhere.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = fold(
        bytes.len() as u64 ^ 0xa076_1d64_78bd_642f,
        0xe703_7ed1_a0b4_28db,
    );
    let mut blocks = bytes.chunks_exact(8);
    for block in &mut blocks {
        let mut word = [0; 8];
        word.copy_from_slice(block);
        state = fold(state ^ u64::from_le_bytes(word), 0x8ebc_6af0_9c88_c6e3);
    }
    let mut word = [0; 8];
    let rest = blocks.remainder();
    word[..rest.len()].copy_from_slice(rest);
    fold(state ^ u64::from_le_bytes(word), 0x5899_65cc_7537_4cc3)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: std::ops::Range<u64>) -> Distinct {
        let mut distinct = Distinct::default();
        range.for_each(|value| distinct.add(hash(&value.to_le_bytes())));
        distinct
    }

    #[test]
    fn the_estimate_is_within_ten_percent_from_none_to_a_million() {
        assert_eq!(Distinct::default().estimate(), 0);
        for count in [1, 10, 200, 3_000, 50_000, 1_000_000] {
            let estimate = of(0..count).estimate() as f64;
            let error = (estimate - count as f64).abs() / count as f64;
            assert!(error < 0.1, "{estimate} for {count}");
        }
    }

    #[test]
    fn parts_merge_to_the_whole_and_come_back_as_written() {
        let mut merged = of(0..600);
        merged.merge(&of(300..1_000));
        assert_eq!(merged, of(0..1_000));
        let written = serde_json::to_string(&merged).unwrap();
        assert_eq!(serde_json::from_str::<Distinct>(&written).unwrap(), merged);
        assert!(serde_json::from_str::<Distinct>("\"00\"").is_err());
    }
}
