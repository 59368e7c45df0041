//! Reads `models/models.toml` and finds which listed models are on disk.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::EncoderError;
use crate::folder::read_bytes;

/// The models that the project knows: sources, checksums, licences.
#[derive(Debug, Clone, Deserialize)]
pub struct ModelList {
    /// Name of the model to use where the operator names none.
    pub default: String,
    /// Name of the cross-encoder to use where its folder is there and the operator names none.
    pub reranker: Option<String>,
    #[serde(rename = "model")]
    models: Vec<ListedModel>,
}

#[derive(Debug, Clone, Deserialize)]
struct ListedModel {
    name: String,
    #[serde(rename = "file")]
    files: Vec<ListedFile>,
}

#[derive(Debug, Clone, Deserialize)]
struct ListedFile {
    name: String,
    sha256: String,
}

impl ModelList {
    /// Reads the list from a TOML file.
    ///
    /// # Errors
    ///
    /// The file is missing, or is not such a list.
    pub fn read(path: &Path) -> Result<Self, EncoderError> {
        let unreadable = |reason: String| EncoderError::Unreadable {
            path: path.into(),
            reason,
        };
        let text = String::from_utf8(read_bytes(path)?).map_err(|e| unreadable(e.to_string()))?;
        toml::from_str(&text).map_err(|e| unreadable(e.to_string()))
    }

    /// The sha256 that the list gives for the weights of a model; nothing for a model of the operator's own.
    pub fn weights_sha256(&self, model: &str) -> Option<&str> {
        let listed = self.models.iter().find(|listed| listed.name == model)?;
        let weights = listed
            .files
            .iter()
            .find(|file| file.name == "model.safetensors")?;
        Some(&weights.sha256)
    }
}

/// The folder of a model, `<weights>/<name>`, where its three files are there.
pub fn find_model(weights: &Path, name: &str) -> Option<PathBuf> {
    let dir = weights.join(name);
    let files = ["config.json", "tokenizer.json", "model.safetensors"];
    files
        .iter()
        .all(|file| dir.join(file).is_file())
        .then_some(dir)
}
