#![doc = include_str!("../README.md")]

mod candle;
mod cpu;
mod encoder;
mod error;
mod folder;
mod models;
mod packing;
mod parallel;
mod settings;
mod tokens;

pub use encoder::Encoder;
pub use error::EncoderError;
pub use models::{ModelList, find_model};
pub use settings::{Arithmetic, Device, EncoderSettings, Pooling};
