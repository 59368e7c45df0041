//! Candidates for a price model: what can be fitted, and what was.

use linfa::ParamGuard;
use linfa::traits::Fit;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tabular::{Attribution, BoostParams, Boosted, Loss, Schema, Stored, TabularError, Training};

use crate::groups::{GroupParams, GroupQuantiles};
use crate::levels;
use crate::linear::{LinearParams, LinearQuantiles};

/// A way to predict quantiles.
#[derive(Debug, Clone)]
pub enum Candidate {
    /// Quantiles of groups of rows: for thin data.
    Groups(GroupParams),
    /// Linear in encoded features.
    Linear(LinearParams),
    /// Boosted trees; the loss is set for each level.
    Boosted(BoostedParams),
}

/// Settings of boosted quantiles.
#[derive(Debug, Clone)]
pub struct BoostedParams {
    levels: Vec<f64>,
    seed: u64,
    settings: fn(BoostParams) -> BoostParams,
}

impl BoostedParams {
    /// Returns settings for `levels`, which rise within (0, 1).
    #[must_use]
    pub fn new(levels: &[f64], seed: u64) -> Self {
        Self {
            levels: levels.to_vec(),
            seed,
            settings: |params| params,
        }
    }

    /// Sets the trees' settings, from those of [`BoostParams::new`].
    #[must_use]
    pub fn settings(mut self, settings: fn(BoostParams) -> BoostParams) -> Self {
        self.settings = settings;
        self
    }

    fn fit(&self, data: &Training) -> Result<Vec<Boosted>, TabularError> {
        levels::check(&self.levels)?;
        let of_level = |level: &f64| {
            let params = (self.settings)(BoostParams::new(Loss::Pinball(*level), self.seed));
            params.check()?.fit(data)
        };
        self.levels.par_iter().map(of_level).collect()
    }
}

/// A fitted candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Quantiles {
    /// Quantiles of groups.
    Groups(GroupQuantiles),
    /// Linear.
    Linear(LinearQuantiles),
    /// Trees, one model per level.
    Boosted(Vec<Boosted>),
    /// The mean of others, level by level.
    Mean(Vec<Quantiles>),
}

impl Candidate {
    /// Returns the candidate's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Groups(_) => "groups",
            Self::Linear(_) => "linear",
            Self::Boosted(_) => "boosted",
        }
    }

    /// Fits the candidate.
    ///
    /// # Errors
    /// `Invalid` where settings or rows are not good; `Fit` where the numbers get out of hand.
    pub fn fit(&self, data: &Training) -> Result<Quantiles, TabularError> {
        Ok(match self {
            Self::Groups(params) => Quantiles::Groups(params.fit(data)?),
            Self::Linear(params) => Quantiles::Linear(params.fit(data)?),
            Self::Boosted(params) => Quantiles::Boosted(params.fit(data)?),
        })
    }
}

impl Quantiles {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        static NONE: Schema = Schema::EMPTY;
        match self {
            Self::Groups(groups) => groups.schema(),
            Self::Linear(linear) => linear.schema(),
            Self::Boosted(trees) => trees.first().map_or(&NONE, Boosted::schema),
            Self::Mean(of) => of.first().map_or(&NONE, Self::schema),
        }
    }

    /// Predicts every level from a row. What the levels' models say is put in order (Chernozhukov, Fernández-Val and Galichon, *Quantile
    /// and Probability Curves Without Crossing*, 2010), which no pinball loss can suffer from.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> Vec<f64> {
        let mut values = match self {
            Self::Groups(groups) => groups.predict(row),
            Self::Linear(linear) => linear.predict(row),
            Self::Boosted(trees) => trees.iter().map(|model| model.predict(row)).collect(),
            Self::Mean(of) => {
                let all: Vec<_> = of.iter().map(|one| one.predict(row)).collect();
                mean(&all)
            }
        };
        values.sort_by(f64::total_cmp);
        values
    }

    /// Returns each level's contributions; their sums are the levels' predictions, in the same order.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Vec<Attribution> {
        let mut all = match self {
            Self::Groups(groups) => groups.contributions(row),
            Self::Linear(linear) => linear.contributions(row),
            Self::Boosted(trees) => trees.iter().map(|model| model.contributions(row)).collect(),
            Self::Mean(of) => {
                let all: Vec<_> = of.iter().map(|one| one.contributions(row)).collect();
                mean_of_attributions(&all)
            }
        };
        all.sort_by(|a, b| a.sum().total_cmp(&b.sum()));
        all
    }

    /// Returns how many levels are predicted.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Groups(groups) => groups.width(),
            Self::Linear(linear) => linear.width(),
            Self::Boosted(trees) => trees.len(),
            Self::Mean(of) => of.first().map_or(0, Self::width),
        }
    }
}

impl Stored for Quantiles {
    const SORT: &'static str = "quantiles";

    fn verify(&self) -> Result<(), TabularError> {
        let alike = |schema: &Schema| {
            if schema == self.schema() {
                Ok(())
            } else {
                Err(TabularError::corrupt(
                    "parts of a model have different features",
                ))
            }
        };
        match self {
            Self::Groups(groups) => groups.verify(),
            Self::Linear(linear) => linear.verify(),
            Self::Boosted(trees) => trees.iter().try_for_each(|model| {
                alike(model.schema())?;
                model.verify()
            }),
            Self::Mean(of) => of.iter().try_for_each(|one| {
                alike(one.schema())?;
                if one.width() != self.width() {
                    return Err(TabularError::corrupt(
                        "parts of a model have different levels",
                    ));
                }
                one.verify()
            }),
        }
    }
}

/// The mean of each place.
pub(crate) fn mean(all: &[Vec<f64>]) -> Vec<f64> {
    let width = all.first().map_or(0, Vec::len);
    let at = |place: usize| all.iter().map(|one| one[place]).sum::<f64>() / all.len() as f64;
    (0..width).map(at).collect()
}

fn mean_of_attributions(all: &[Vec<Attribution>]) -> Vec<Attribution> {
    let width = all.first().map_or(0, Vec::len);
    let count = all.len() as f64;
    let at = |level: usize| {
        let parts: Vec<_> = all.iter().map(|one| one[level].parts.clone()).collect();
        Attribution {
            base: all.iter().map(|one| one[level].base).sum::<f64>() / count,
            parts: mean(&parts),
        }
    };
    (0..width).map(at).collect()
}
