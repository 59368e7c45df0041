//! One look at one node.

use crate::{
    CanaryError,
    page::{Sample, samples},
    traffic::Traffic,
};

/// What a look at a node showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// It answered.
    Told(Sight),
    /// It did not, for a reason.
    Silent(String),
}

/// What a node's page told.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// Whether `/readyz` said so.
    pub(crate) is_ready: bool,
    /// The snapshot that answers; none where none does.
    pub(crate) snapshot: Option<String>,
    /// Whether the node has the encoder of its snapshot.
    pub(crate) has_encoder: bool,
    /// The canary that it refuses to serve.
    pub(crate) refused: Option<String>,
    pub(crate) traffic: Traffic,
}

impl Seen {
    /// Reads a node's page; `is_ready` is what `/readyz` said.
    ///
    /// # Errors
    /// It is no page of a node.
    pub fn page(is_ready: bool, text: &str) -> Result<Self, CanaryError> {
        let samples = samples(text)?;
        let named = |name: &str| samples.iter().find(|sample| sample.name == name);
        let id = |sample: &Sample<'_>| sample.label("id").to_owned();
        let info = named("marketlounge_snapshot_info");
        let refuses = named("marketlounge_canary_refused").is_some_and(|told| told.value > 0.0);
        let refused = named("marketlounge_canary_info").filter(|_| refuses);
        Ok(Self::Told(Sight {
            is_ready,
            snapshot: info.map(id),
            has_encoder: info.is_some_and(|info| info.label("encoder") != "none"),
            refused: refused.map(id),
            traffic: Traffic::of(&samples),
        }))
    }
}
