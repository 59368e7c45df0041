//! The sentence encoders on this machine, loaded when a snapshot names one.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use encoder::{Arithmetic, Encoder, EncoderSettings, find_model};
use schemas::EncoderCard;

/// Loads encoders from the weights folder and keeps the last one.
#[derive(Debug)]
pub(crate) struct Encoders {
    weights: PathBuf,
    last: Mutex<Option<Arc<Encoder>>>,
}

impl Encoders {
    /// Looks for encoders in the subfolders of `weights`.
    pub(crate) fn new(weights: PathBuf) -> Self {
        Self {
            weights,
            last: Mutex::new(None),
        }
    }

    /// Returns the very encoder that made a snapshot's vectors; none where it is absent, unusable or another one. The log says which.
    pub(crate) fn get(&self, card: &EncoderCard) -> Option<Arc<Encoder>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoder) = last.as_ref().filter(|encoder| encoder.id() == card.id) {
            return Some(encoder.clone());
        }
        let loaded = self.load(card);
        match &loaded {
            Ok(encoder) => {
                tracing::info!(encoder = encoder.id(), "loaded the encoder");
                *last = Some(encoder.clone());
            }
            Err(reason) => {
                tracing::warn!(wanted = card.id, reason, "matches are lexical only");
            }
        }
        loaded.ok()
    }

    fn load(&self, card: &EncoderCard) -> Result<Arc<Encoder>, String> {
        let name = card.id.split('@').next().unwrap_or_default();
        let dir = find_model(&self.weights, name)
            .ok_or_else(|| format!("{} has no model {name}", self.weights.display()))?;
        // One query is one text: threads would cost more than they give, and the permits already share the cores.
        let settings = EncoderSettings {
            threads: Some(1),
            arithmetic: Some(Arithmetic::of_id(&card.id)),
            ..EncoderSettings::default()
        };
        let encoder = Encoder::load(&dir, &settings).map_err(|error| error.to_string())?;
        if encoder.id() != card.id || encoder.dimension() != card.dimension {
            return Err(format!(
                "{} holds {}, another model",
                dir.display(),
                encoder.id()
            ));
        }
        Ok(Arc::new(encoder))
    }
}
