#![doc = include_str!("../README.md")]

mod analyze;
mod cells;
mod clean;
mod compounds;
mod fold;
mod grades;
mod ngrams;
mod numbers;
mod phrases;
mod scan;
mod standards;
mod stem;
mod stop_words;
mod technical;
mod token;
mod units;

pub use analyze::{ANALYSIS_VERSION, analyze, stems};
pub use clean::clean;
pub use fold::fold;
pub use ngrams::{char_ngrams, for_each_char_ngram};
pub use phrases::{phrase_key, phrases};
pub use token::{Kind, Token};
