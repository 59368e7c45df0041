//! Settings of a price model.

use linfa::ParamGuard;
use tabular::{Fold, TabularError, require};

use crate::conformal::ConformalParams;
use crate::explanation::Scale;
use crate::levels;
use crate::quantiles::Candidate;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone)]
pub struct CheckedPriceParams {
    pub(crate) levels: Vec<f64>,
    pub(crate) scale: Scale,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) folds: Vec<Fold>,
    pub(crate) calibration_group: Option<String>,
    pub(crate) conformal: ConformalParams,
}

/// Settings of a price model.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `levels` | – | rising within (0, 1) | what is predicted, alike in all candidates |
/// | `candidates` | – | one or more | what may become champion, and so may the mean of the two best |
/// | `folds` | – | one or more | rows to fit on and to judge and calibrate by, parted by contract or buyer, or by time where drift is to show |
/// | `scale` | logarithm | | scale that is fitted on |
/// | `calibration_group` | none | a category feature | groups with shifts and coverage of their own |
/// | `conformal` | 100 rows, 100 | | when a group has its own shifts, and how far they are drawn to those of all |
#[derive(Debug, Clone)]
pub struct PriceParams(CheckedPriceParams);

impl PriceParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(levels: &[f64], candidates: Vec<Candidate>, folds: Vec<Fold>) -> Self {
        Self(CheckedPriceParams {
            levels: levels.to_vec(),
            scale: Scale::Logarithm,
            candidates,
            folds,
            calibration_group: None,
            conformal: ConformalParams::default(),
        })
    }

    /// Sets the scale that is fitted on.
    #[must_use]
    pub fn scale(mut self, scale: Scale) -> Self {
        self.0.scale = scale;
        self
    }

    /// Sets the category whose groups are calibrated by themselves.
    #[must_use]
    pub fn calibration_group(mut self, feature: &str) -> Self {
        self.0.calibration_group = Some(feature.to_owned());
        self
    }

    /// Sets when a group is calibrated by itself.
    #[must_use]
    pub fn conformal(mut self, params: ConformalParams) -> Self {
        self.0.conformal = params;
        self
    }
}

impl ParamGuard for PriceParams {
    type Checked = CheckedPriceParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedPriceParams, TabularError> {
        levels::check(&self.0.levels)?;
        require(
            !self.0.candidates.is_empty(),
            "candidates",
            "there are none",
        )?;
        require(!self.0.folds.is_empty(), "folds", "there are none")?;
        let smoothing = self.0.conformal.smoothing;
        let good = smoothing.is_finite() && smoothing >= 0.0;
        require(good, "smoothing of the calibration", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedPriceParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
