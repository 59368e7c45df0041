//! Quantiles of groups of rows, each drawn towards the group that holds it: the fallback where data is thin.

use std::collections::BTreeMap;

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use tabular::metrics::weighted_quantile;
use tabular::{Attribution, Schema, Table, TabularError, require, targets, weights};

use crate::levels;

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedGroupParams {
    levels: Vec<f64>,
    groupings: Vec<Vec<String>>,
    least_rows: usize,
    smoothing: f64,
}

/// Settings of group quantiles.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `levels` | – | rising within (0, 1) | what is predicted |
/// | `groupings` | – | categories | features by which rows are grouped, from coarse to fine |
/// | `least_rows` | 8 | ≥ 1 | rows below which a group is as the one that holds it |
/// | `smoothing` | 20 | ≥ 0 | rows that the holding group counts for |
#[derive(Debug, Clone, PartialEq)]
pub struct GroupParams(CheckedGroupParams);

impl GroupParams {
    /// Starts from the defaults. Each grouping is a list of category features, coarse first.
    #[must_use]
    pub fn new(levels: &[f64], groupings: &[&[&str]]) -> Self {
        let owned = |names: &&[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self(CheckedGroupParams {
            levels: levels.to_vec(),
            groupings: groupings.iter().map(owned).collect(),
            least_rows: 8,
            smoothing: 20.0,
        })
    }

    /// Sets how many rows a group has at least.
    #[must_use]
    pub fn least_rows(mut self, rows: usize) -> Self {
        self.0.least_rows = rows;
        self
    }

    /// Sets how many rows the holding group counts for.
    #[must_use]
    pub fn smoothing(mut self, rows: f64) -> Self {
        self.0.smoothing = rows;
        self
    }
}

impl ParamGuard for GroupParams {
    type Checked = CheckedGroupParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedGroupParams, TabularError> {
        levels::check(&self.0.levels)?;
        require(self.0.least_rows >= 1, "least_rows", "want 1 or more")?;
        let good = self.0.smoothing.is_finite() && self.0.smoothing >= 0.0;
        require(good, "smoothing", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedGroupParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// One way to group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Grouping {
    /// Features whose categories make the group.
    features: Vec<usize>,
    /// Features that get what the group adds: those that the coarser grouping lacks.
    credited: Vec<usize>,
    /// Quantiles by group, sorted.
    groups: Vec<(Vec<u32>, Vec<f64>)>,
}

/// Fitted group quantiles; they rise with the level, as means of what rises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupQuantiles {
    schema: Schema,
    overall: Vec<f64>,
    groupings: Vec<Grouping>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedGroupParams {
    type Object = GroupQuantiles;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<GroupQuantiles, TabularError> {
        let schema = data.records.schema().clone();
        let (y, w) = (targets(data), weights(data));
        let kept: Vec<usize> = (0..y.len()).filter(|row| w[*row] > 0.0).collect();
        require(!kept.is_empty(), "training rows", "there are none")?;
        let overall = self.quantiles(&kept, &y, &w);
        let mut model = GroupQuantiles {
            schema,
            overall,
            groupings: Vec::new(),
        };
        let mut before: Vec<usize> = Vec::new();
        for names in &self.groupings {
            let features = category_places(&model.schema, names)?;
            let new: Vec<usize> = features
                .iter()
                .copied()
                .filter(|f| !before.contains(f))
                .collect();
            let credited = if new.is_empty() {
                features.clone()
            } else {
                new
            };
            let mut rows_of: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
            for row in &kept {
                let key = key(&features, |feature| data.records.column(feature)[*row]);
                rows_of.entry(key).or_default().push(*row);
            }
            let groups = rows_of
                .into_iter()
                .filter(|(_, rows)| rows.len() >= self.least_rows);
            let groups = groups.map(|(key, rows)| {
                let holding = model.predict(&data.records.row(rows[0]));
                let own = self.quantiles(&rows, &y, &w);
                let weight: f64 = rows.iter().map(|row| w[*row]).sum();
                let drawn = own.iter().zip(&holding).map(|(own, holding)| {
                    (weight * own + self.smoothing * holding) / (weight + self.smoothing)
                });
                (key, drawn.collect())
            });
            let groups = groups.collect();
            before.clone_from(&features);
            model.groupings.push(Grouping {
                features,
                credited,
                groups,
            });
        }
        Ok(model)
    }
}

impl CheckedGroupParams {
    fn quantiles(&self, rows: &[usize], y: &[f64], w: &[f64]) -> Vec<f64> {
        let values: Vec<f64> = rows.iter().map(|row| y[*row]).collect();
        let weights: Vec<f64> = rows.iter().map(|row| w[*row]).collect();
        let at = |level: &f64| weighted_quantile(*level, &values, &weights).unwrap_or(0.0);
        self.levels.iter().map(at).collect()
    }
}

fn category_places(schema: &Schema, names: &[String]) -> Result<Vec<usize>, TabularError> {
    require(!names.is_empty(), "groupings", "one names no feature")?;
    let place = |name: &String| {
        let place = schema.position(name)?;
        let is_category = schema.features()[place].levels().is_some();
        require(is_category, name, "rows are grouped by categories only")?;
        Ok(place)
    };
    names.iter().map(place).collect()
}

fn key(features: &[usize], value: impl Fn(usize) -> f64) -> Vec<u32> {
    let code = |feature: &usize| {
        let value = value(*feature);
        if value.is_nan() {
            u32::MAX
        } else {
            value as u32
        }
    };
    features.iter().map(code).collect()
}

impl GroupQuantiles {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) fn width(&self) -> usize {
        self.overall.len()
    }

    /// Predicts every level: the quantiles of the finest group that has enough rows.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> Vec<f64> {
        let found = self
            .groupings
            .iter()
            .rev()
            .find_map(|grouping| grouping.of(row));
        found.unwrap_or(&self.overall).clone()
    }

    /// Returns each level's contributions: what each finer group changes goes to the features that make it finer, in equal parts.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Vec<Attribution> {
        let of_level = |level: usize| {
            let mut parts = vec![0.0; row.len()];
            let mut so_far = self.overall[level];
            for grouping in &self.groupings {
                let Some(quantiles) = grouping.of(row) else {
                    continue;
                };
                let each = (quantiles[level] - so_far) / grouping.credited.len() as f64;
                grouping
                    .credited
                    .iter()
                    .for_each(|feature| parts[*feature] += each);
                so_far = quantiles[level];
            }
            Attribution {
                base: self.overall[level],
                parts,
            }
        };
        (0..self.overall.len()).map(of_level).collect()
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let width = self.overall.len();
        let finite = |values: &[f64]| values.len() == width && values.iter().all(|x| x.is_finite());
        let known = |features: &[usize]| {
            !features.is_empty() && features.iter().all(|f| *f < self.schema.features().len())
        };
        let sound = |grouping: &Grouping| {
            let groups = grouping
                .groups
                .iter()
                .all(|(_, quantiles)| finite(quantiles));
            groups && known(&grouping.features) && known(&grouping.credited)
        };
        if finite(&self.overall) && self.groupings.iter().all(sound) {
            Ok(())
        } else {
            Err(TabularError::corrupt("group quantiles are out of bounds"))
        }
    }
}

impl Grouping {
    fn of(&self, row: &[f64]) -> Option<&Vec<f64>> {
        let key = key(&self.features, |feature| row[feature]);
        let found = self
            .groups
            .binary_search_by(|(other, _)| other.cmp(&key))
            .ok()?;
        Some(&self.groups[found].1)
    }
}
