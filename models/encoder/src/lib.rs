#![doc = include_str!("../README.md")]

mod candle;
mod cpu;
mod cross_encoder;
mod encoder;
mod error;
mod folder;
mod models;
mod packing;
mod parallel;
mod probes;
mod settings;
#[cfg(test)]
#[path = "../tests/encoder/tiny.rs"]
#[expect(dead_code, reason = "the tests from outside use all of it")]
mod tiny;
mod tokens;

pub use cross_encoder::{CrossEncoder, Relevance};
pub use encoder::{EncodedText, Encoder};
pub use error::EncoderError;
pub use models::{ModelList, find_model};
pub use settings::{Arithmetic, Device, EncoderSettings, Pooling};
