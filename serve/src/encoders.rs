//! The encoders and cross-encoders on this machine, loaded when a snapshot names one.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use encoder::{Arithmetic, CrossEncoder, Encoder, EncoderError, EncoderSettings, find_model};
use schemas::EncoderCard;

/// Loads models from the weights folder and keeps the last of each kind.
#[derive(Debug)]
pub(crate) struct Encoders {
    weights: PathBuf,
    encoder: Kept<Encoder>,
    reranker: Kept<CrossEncoder>,
}

/// The model that the last snapshot named, and how models of its kind are loaded.
#[derive(Debug)]
struct Kept<T> {
    last: Mutex<Option<Arc<T>>>,
    load: fn(&Path, &EncoderSettings) -> Result<T, EncoderError>,
    id: fn(&T) -> &str,
    threads: Option<usize>,
}

impl Encoders {
    /// Looks for models in the subfolders of `weights`.
    pub(crate) fn new(weights: PathBuf) -> Self {
        Self {
            weights,
            encoder: Kept {
                last: Mutex::default(),
                load: Encoder::load,
                id: Encoder::id,
                // One query is one text: threads would cost more than they give, and the permits already share the cores.
                threads: Some(1),
            },
            reranker: Kept {
                last: Mutex::default(),
                load: CrossEncoder::load,
                id: CrossEncoder::id,
                threads: None,
            },
        }
    }

    /// Returns the very encoder that made a snapshot's vectors; none where it is absent, unusable or another one. The log says which.
    pub(crate) fn get(&self, card: &EncoderCard) -> Option<Arc<Encoder>> {
        let found = self.encoder.get(&self.weights, &card.id);
        let found = found.and_then(|encoder| match encoder.dimension() == card.dimension {
            true => Ok(encoder),
            false => Err(format!("its vectors have {} numbers", encoder.dimension())),
        });
        let failed = |reason: &String| {
            tracing::warn!(wanted = card.id, reason, "matches are lexical only");
        };
        found.inspect_err(failed).ok()
    }

    /// Returns the very cross-encoder that a snapshot names; none where it is absent, unusable or another one. The log says which.
    pub(crate) fn reranker(&self, id: &str) -> Option<Arc<CrossEncoder>> {
        let failed = |reason: &String| {
            tracing::warn!(wanted = id, reason, "matches are not reranked");
        };
        let found = self.reranker.get(&self.weights, id);
        found.inspect_err(failed).ok()
    }
}

impl<T> Kept<T> {
    /// Returns the model kept where it is the one wanted, else loads and keeps that.
    fn get(&self, weights: &Path, id: &str) -> Result<Arc<T>, String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = last.as_ref().filter(|model| (self.id)(model) == id) {
            return Ok(model.clone());
        }
        let model = Arc::new(self.load(weights, id)?);
        tracing::info!(model = id, "loaded a model");
        *last = Some(model.clone());
        Ok(model)
    }

    fn load(&self, weights: &Path, id: &str) -> Result<T, String> {
        let name = id.split('@').next().unwrap_or_default();
        let dir = find_model(weights, name)
            .ok_or_else(|| format!("{} has no model {name}", weights.display()))?;
        let settings = EncoderSettings {
            threads: self.threads,
            arithmetic: Some(Arithmetic::of_id(id)),
            ..EncoderSettings::default()
        };
        let model = (self.load)(&dir, &settings).map_err(|error| error.to_string())?;
        let found = (self.id)(&model);
        match found == id {
            true => Ok(model),
            false => Err(format!("{} holds {found}, another model", dir.display())),
        }
    }
}
