//! A row of `gold.model_versions`: one version of a model, as people compare them.

use anyhow::Result;
use deals::{ModelCard, Verdict};
use serde::{Deserialize, Serialize};

use crate::rows;

/// The table of versions.
pub(crate) const VERSIONS: &str = "gold.model_versions";

/// A model version that was fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) parent: Option<String>,
    pub(crate) data_digest: String,
    pub(crate) data_until: String,
    pub(crate) deals: u64,
    pub(crate) rows: u64,
    pub(crate) champion: String,
    #[serde(default)]
    pub(crate) loss: Option<f64>,
    #[serde(default)]
    pub(crate) constant_loss: Option<f64>,
    #[serde(default)]
    pub(crate) coverage: Option<f64>,
    #[serde(default)]
    pub(crate) calibration_error: Option<f64>,
    pub(crate) verdict: String,
    #[serde(default)]
    pub(crate) reasons: Vec<String>,
    pub(crate) is_served: bool,
    #[serde(default)]
    pub(crate) features: Vec<String>,
    pub(crate) seed: u64,
}

impl Version {
    /// Returns the row of a card; none where nothing was fitted.
    pub(crate) fn of(card: &ModelCard) -> Result<Option<Self>> {
        let (verdict, reasons) = match &card.verdict {
            Verdict::Promoted => ("promoted", Vec::new()),
            Verdict::Refused { reasons } => {
                ("refused", reasons.iter().map(ToString::to_string).collect())
            }
            // Nothing is there that could be served.
            Verdict::TooFew { .. } | Verdict::Formula { .. } => return Ok(None),
        };
        let metric = |name: &str| {
            card.metrics
                .get(name)
                .copied()
                .filter(|value| value.is_finite())
        };
        let says = serde_json::to_value(card.says)?;
        Ok(Some(Self {
            name: card.name.clone(),
            version: card.version.clone(),
            kind: card.kind.to_string(),
            says: says.as_str().unwrap_or_default().to_owned(),
            parent: card.parent.clone(),
            data_digest: card.data_digest.clone(),
            data_until: rows::date_text(card.data_until_day),
            deals: card.deals as u64,
            rows: card.rows as u64,
            champion: card.champion.clone(),
            loss: metric("loss"),
            constant_loss: metric("constant_loss"),
            coverage: metric("coverage"),
            calibration_error: metric("calibration_error"),
            verdict: verdict.to_owned(),
            reasons,
            is_served: false,
            features: card.features.clone(),
            seed: card.seed,
        }))
    }
}
