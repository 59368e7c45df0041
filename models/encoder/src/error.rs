//! What can go wrong between a model folder and a vector.

use std::path::PathBuf;

/// Why a model could not be loaded, or a text encoded or scored. None of these is mended by trying again.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// A file of the model folder is absent: run `make model`, or go on lexical only.
    #[error("model file {} is missing", path.display())]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// A file of the model folder cannot be read or parsed: fetch the model again.
    #[error("model file {} cannot be used: {reason}", path.display())]
    Unreadable {
        /// The file at fault.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The weights are not those that the caller asked for: fetch the model again.
    #[error("model file {} has sha256 {found}, wanted {wanted}", path.display())]
    Checksum {
        /// The file at fault.
        path: PathBuf,
        /// Lower-case hexadecimal sha256 that was asked for.
        wanted: String,
        /// Lower-case hexadecimal sha256 of the bytes on disk.
        found: String,
    },
    /// The model is of a kind that this crate does not run: choose another model.
    #[error("model in {} is not supported: {reason}", path.display())]
    Unsupported {
        /// The model folder.
        path: PathBuf,
        /// Which part is unknown.
        reason: String,
    },
    /// Two parts of the model disagree on a size: the folder mixes two models.
    #[error("{what} has size {found}, wanted {wanted}")]
    Dimension {
        /// The part at fault.
        what: String,
        /// Size that the configuration announces.
        wanted: usize,
        /// Size found.
        found: usize,
    },
    /// A setting is out of range: correct it.
    #[error("setting {name} is {value}, {reason}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        reason: &'static str,
    },
    /// The tokenizer refused a text.
    #[error("text {index} cannot be split into tokens: {reason}")]
    Tokenize {
        /// Position of the text in the call.
        index: usize,
        /// The tokenizer's reason.
        reason: String,
    },
    /// A vector came out as NaN, infinite or zero, or a logit as NaN or infinite: the weights are damaged.
    #[error("what the model makes of text {index} is not finite")]
    NotFinite {
        /// Position of the text in the call.
        index: usize,
    },
    /// The device is absent, full, or not compiled in: choose the CPU.
    #[error("device {device}: {reason}")]
    Device {
        /// The device asked for.
        device: String,
        /// What it lacks.
        reason: String,
    },
}
