//! Fitted models as bytes: a mark, a version, a BLAKE3 of what follows, then postcard. Equal models give equal bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::TabularError;

const MAGIC: &[u8; 8] = b"MLTABULR";
/// Moves with any change of what a stored model means.
const FORMAT: u32 = 1;
const HEAD: usize = 8 + 4 + 32;

/// A part of a stored model that says whether what was read can be used without a panic.
pub trait Stored: Serialize + DeserializeOwned {
    /// The name of this sort of model; it is part of the bytes.
    const SORT: &'static str;

    /// Checks what was read: places within bounds, numbers finite.
    ///
    /// # Errors
    /// `Corrupt`, with what is wrong.
    fn verify(&self) -> Result<(), TabularError>;
}

/// Returns the bytes of a model.
///
/// # Errors
/// `Invalid` where the model cannot be written, which no model of ours is.
pub fn to_bytes<M: Stored>(model: &M) -> Result<Vec<u8>, TabularError> {
    let body = postcard::to_stdvec(&(M::SORT, model))
        .map_err(|error| TabularError::invalid("model", error.to_string()))?;
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(blake3::hash(&body).as_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Reads a model back.
///
/// # Errors
/// `Corrupt` where the bytes are not those of such a model, of this version.
pub fn from_bytes<M: Stored>(bytes: &[u8]) -> Result<M, TabularError> {
    let (head, body) = bytes
        .split_at_checked(HEAD)
        .ok_or_else(|| TabularError::corrupt("it ends too early"))?;
    let good = |holds: bool, reason: &str| {
        if holds {
            Ok(())
        } else {
            Err(TabularError::corrupt(reason))
        }
    };
    good(&head[..8] == MAGIC, "it is no model")?;
    good(
        head[8..12] == FORMAT.to_le_bytes(),
        "it is of another version",
    )?;
    good(
        &head[12..] == blake3::hash(body).as_bytes().as_slice(),
        "its digest differs",
    )?;
    let read: (String, M) =
        postcard::from_bytes(body).map_err(|error| TabularError::corrupt(error.to_string()))?;
    good(read.0 == M::SORT, "it is a model of another sort")?;
    read.1.verify()?;
    Ok(read.1)
}

/// Returns the digest that tells a model from any other: BLAKE3 of its bytes, in hexadecimal.
///
/// # Errors
/// As [`to_bytes`].
pub fn digest<M: Stored>(model: &M) -> Result<String, TabularError> {
    Ok(blake3::hash(&to_bytes(model)?).to_hex().to_string())
}
