//! A price model: the champion of several candidates, calibrated.

use serde::{Deserialize, Serialize};
use tabular::{Schema, Stored, TabularError};

use crate::conformal::Conformal;
use crate::explanation::{Explanation, Part, Scale};
use crate::quantiles::Quantiles;
use crate::report::Report;

/// A fitted price model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceModel {
    pub(crate) levels: Vec<f64>,
    pub(crate) scale: Scale,
    pub(crate) quantiles: Quantiles,
    pub(crate) conformal: Conformal,
    /// The feature that calibration groups by.
    pub(crate) group: Option<usize>,
    pub(crate) report: Report,
}

impl PriceModel {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.quantiles.schema()
    }

    /// Returns the levels that are predicted.
    #[must_use]
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// Returns what was measured.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Predicts the price at each level from a row of the schema; prices rise with the level.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> Vec<f64> {
        let group = self.group.map(|feature| row[feature]);
        let fitted = self.conformal.apply(&self.quantiles.predict(row), group);
        fitted
            .into_iter()
            .map(|value| self.scale.price(value))
            .collect()
    }

    /// Explains the price at each level; the prices are those of [`Self::predict`], but for rounding.
    #[must_use]
    pub fn explain(&self, row: &[f64]) -> Vec<Explanation> {
        let group = self.group.map(|feature| row[feature]);
        let calibrated = self.conformal.apply(&self.quantiles.predict(row), group);
        let attributions = self.quantiles.contributions(row);
        let names = self.schema().names();
        let explained = self.levels.iter().zip(calibrated).zip(attributions);
        let explained = explained.map(|((level, value), attribution)| {
            let moved = value - attribution.sum();
            let named = names.iter().cloned().map(Part::Feature);
            let mut parts: Vec<_> = named.zip(attribution.parts).collect();
            parts.push((Part::Calibration, moved));
            Explanation::new(self.scale, *level, attribution.base, parts)
        });
        explained.collect()
    }
}

impl Stored for PriceModel {
    const SORT: &'static str = "price model";

    fn verify(&self) -> Result<(), TabularError> {
        self.quantiles.verify()?;
        self.conformal.verify(self.levels.len())?;
        let features = self.schema().features().len();
        let grouped = self.group.is_none_or(|feature| feature < features);
        if grouped && self.quantiles.width() == self.levels.len() {
            Ok(())
        } else {
            Err(TabularError::corrupt(
                "the parts of a price model do not fit",
            ))
        }
    }
}
