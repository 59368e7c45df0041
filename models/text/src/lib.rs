#![doc = include_str!("../README.md")]

mod accented;
mod acronyms;
mod addresses;
mod analyze;
mod cells;
mod clean;
mod compounds;
mod drawings;
mod english;
mod fold;
mod genders;
mod grades;
mod inches;
mod minhash;
mod ngrams;
mod numbers;
mod phrases;
mod plurals;
mod scan;
mod series;
mod standards;
mod stem;
mod stop_words;
mod technical;
mod token;
mod units;

pub use analyze::{ANALYSIS_VERSION, analyze, stems};
pub use clean::clean;
pub use fold::fold;
pub use minhash::MinHash;
pub use ngrams::{char_ngrams, for_each_char_ngram};
pub use phrases::{phrase_key, phrases};
pub use token::{Kind, Token};
