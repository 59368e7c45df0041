//! A price model: the champion of several candidates, calibrated.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tabular::metrics::{coverage, mean_pinball, weighted_quantile};
use tabular::{
    Fold, Kind, Schema, Stored, Table, TabularError, Training, judged, out_of_fold, require,
    targets, training, weights,
};

use crate::conformal::{CalibrationRows, Conformal};
use crate::explanation::{Explanation, Part, Scale};
use crate::params::CheckedPriceParams;
use crate::quantiles::{Candidate, Quantiles, mean};
use crate::report::{CandidateLoss, Coverage, Report};

/// A fitted price model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceModel {
    levels: Vec<f64>,
    scale: Scale,
    quantiles: Quantiles,
    conformal: Conformal,
    /// The feature that calibration groups by.
    group: Option<usize>,
    report: Report,
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

/// Predictions of rows that the predicting model had not seen.
struct Unseen {
    rows: Vec<usize>,
    predicted: Vec<Vec<f64>>,
}

/// A candidate, or the mean of two, with how it did.
struct Entry {
    name: String,
    /// Places of the candidates that it is made of.
    members: Vec<usize>,
    unseen: Unseen,
    loss: f64,
}

/// All that may become champion.
struct Contest(Vec<Entry>);

impl Contest {
    /// The entry of the least loss; the first wins a tie.
    fn best(&self) -> &Entry {
        let best = self
            .0
            .iter()
            .reduce(|best, next| if next.loss < best.loss { next } else { best });
        best.expect("checked params have a candidate")
    }
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedPriceParams {
    type Object = PriceModel;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<PriceModel, TabularError> {
        let fitted = self.scale.fitted(&targets(data))?;
        let weights: Vec<f32> = weights(data).iter().map(|weight| *weight as f32).collect();
        let data = training(data.records.clone(), fitted, Some(weights))?;
        let group = self.group(data.records.schema())?;
        self.check_folds(data.records.rows())?;
        let unseen = |candidate: &Candidate| self.unseen(candidate, &data);
        let judged: Result<Vec<_>, _> = self.candidates.par_iter().map(unseen).collect();
        let contest = self.contest(&data, judged?);
        let best = contest.best();
        let report = self.report(&data, group, &contest)?;
        let conformal = self.calibrate(&data, group, &best.unseen, |_| true)?;
        let fit = |place: &usize| self.candidates[*place].fit(&data);
        let fitted: Result<Vec<_>, _> = best.members.par_iter().map(fit).collect();
        let mut fitted = fitted?;
        let alone = if fitted.len() == 1 {
            fitted.pop()
        } else {
            None
        };
        Ok(PriceModel {
            levels: self.levels.clone(),
            scale: self.scale,
            quantiles: alone.unwrap_or(Quantiles::Mean(fitted)),
            conformal,
            group,
            report,
        })
    }
}

impl CheckedPriceParams {
    /// Judges the candidates, and the mean of the two best of them: it costs no further fit, and often beats both.
    fn contest(&self, data: &Training, judged: Vec<Unseen>) -> Contest {
        let mut entries: Vec<Entry> = Vec::new();
        for (place, unseen) in judged.into_iter().enumerate() {
            let name = self.candidates[place].name().to_owned();
            let loss = self.loss(data, &unseen);
            entries.push(Entry {
                name,
                members: vec![place],
                unseen,
                loss,
            });
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].loss.total_cmp(&entries[*b].loss));
        if let [first, second, ..] = order[..] {
            let (one, other) = (&entries[first], &entries[second]);
            let both = one.unseen.predicted.iter().zip(&other.unseen.predicted);
            let unseen = Unseen {
                rows: one.unseen.rows.clone(),
                predicted: both.map(|(a, b)| mean(&[a.clone(), b.clone()])).collect(),
            };
            let entry = Entry {
                name: format!("mean of {} and {}", one.name, other.name),
                members: vec![first, second],
                loss: self.loss(data, &unseen),
                unseen,
            };
            entries.push(entry);
        }
        Contest(entries)
    }

    fn group(&self, schema: &Schema) -> Result<Option<usize>, TabularError> {
        let Some(name) = &self.calibration_group else {
            return Ok(None);
        };
        let place = schema.position(name)?;
        let is_category = schema.features()[place].levels().is_some();
        require(is_category, name, "rows are calibrated by categories only")?;
        Ok(Some(place))
    }

    fn check_folds(&self, rows: usize) -> Result<(), TabularError> {
        let within = |fold: &Fold| fold.train.iter().chain(&fold.test).all(|row| *row < rows);
        require(
            self.folds.iter().all(within),
            "folds",
            "a row is beyond the table",
        )
    }

    fn unseen(&self, candidate: &Candidate, data: &Training) -> Result<Unseen, TabularError> {
        let predicted = out_of_fold(
            data,
            &self.folds,
            |part| candidate.fit(part),
            Quantiles::predict,
        )?;
        // Rows of no weight are neither learnt from nor judged by.
        let (rows, predicted) = judged_rows(&predicted, &weights(data));
        let fits = predicted.iter().all(|row| row.len() == self.levels.len());
        require(fits, "levels", "a candidate has others")?;
        Ok(Unseen { rows, predicted })
    }

    fn loss(&self, data: &Training, unseen: &Unseen) -> f64 {
        let targets: Vec<f64> = unseen.rows.iter().map(|row| data.targets[*row]).collect();
        mean_pinball(&self.levels, &targets, &unseen.predicted)
    }

    /// The calibration on the unseen rows that `chosen` takes, by their place among them.
    fn calibrate(
        &self,
        data: &Training,
        group: Option<usize>,
        unseen: &Unseen,
        chosen: impl Fn(usize) -> bool,
    ) -> Result<Conformal, TabularError> {
        let places: Vec<usize> = (0..unseen.rows.len()).filter(|at| chosen(*at)).collect();
        let rows: Vec<usize> = places.iter().map(|at| unseen.rows[*at]).collect();
        let all_weights = weights(data);
        let predicted: Vec<_> = places
            .iter()
            .map(|at| unseen.predicted[*at].clone())
            .collect();
        let targets: Vec<f64> = rows.iter().map(|row| data.targets[*row]).collect();
        let weights: Vec<f64> = rows.iter().map(|row| all_weights[*row]).collect();
        let groups: Option<Vec<f64>> = group.map(|feature| {
            let column = data.records.column(feature);
            rows.iter().map(|row| column[*row]).collect()
        });
        let rows = CalibrationRows {
            predicted: &predicted,
            targets: &targets,
            weights: &weights,
            groups: groups.as_deref(),
        };
        Conformal::fit(&self.levels, rows, self.conformal)
    }

    fn report(
        &self,
        data: &Training,
        group: Option<usize>,
        contest: &Contest,
    ) -> Result<Report, TabularError> {
        let best = contest.best();
        let rows = &best.unseen.rows;
        let targets: Vec<f64> = rows.iter().map(|row| data.targets[*row]).collect();
        let calibrated = self.cross_calibrated(data, group, &best.unseen)?;
        let losses = contest.0.iter().map(|entry| CandidateLoss {
            name: entry.name.clone(),
            pinball: entry.loss,
        });
        Ok(Report {
            rows: rows.len(),
            constant: self.constant_loss(data)?,
            candidates: losses.collect(),
            champion: best.name.clone(),
            pinball: best.loss,
            calibrated: mean_pinball(&self.levels, &targets, &calibrated),
            coverage: coverages(data, group, rows, &calibrated),
        })
    }

    fn constant_loss(&self, data: &Training) -> Result<f64, TabularError> {
        let fit = |part: &Training| {
            let (targets, weights) = (targets(part), weights(part));
            let at = |level: &f64| weighted_quantile(*level, &targets, &weights);
            let constants: Option<Vec<f64>> = self.levels.iter().map(at).collect();
            constants.ok_or_else(|| TabularError::invalid("training rows", "a fold has none"))
        };
        let predicted = out_of_fold(data, &self.folds, fit, |constants, _| constants.clone())?;
        let (rows, predicted) = judged_rows(&predicted, &weights(data));
        Ok(self.loss(data, &Unseen { rows, predicted }))
    }

    /// Each fold's unseen predictions calibrated by those of the other folds; by its own where there is but one fold.
    fn cross_calibrated(
        &self,
        data: &Training,
        group: Option<usize>,
        unseen: &Unseen,
    ) -> Result<Vec<Vec<f64>>, TabularError> {
        let mut fold_of = vec![0; data.records.rows()];
        for (fold, rows) in self.folds.iter().enumerate() {
            rows.test.iter().for_each(|row| fold_of[*row] = fold);
        }
        let alone = self.folds.len() < 2;
        let of_fold = |fold: usize| {
            self.calibrate(data, group, unseen, |at| {
                alone || fold_of[unseen.rows[at]] != fold
            })
        };
        let fitted: Result<Vec<_>, _> = (0..self.folds.len()).map(of_fold).collect();
        let fitted = fitted?;
        let rows = unseen.rows.iter().zip(&unseen.predicted);
        let calibrated = rows.map(|(row, predicted)| {
            let group = group.map(|feature| data.records.column(feature)[*row]);
            fitted[fold_of[*row]].apply(predicted, group)
        });
        Ok(calibrated.collect())
    }
}

fn judged_rows(predicted: &[Option<Vec<f64>>], weights: &[f64]) -> (Vec<usize>, Vec<Vec<f64>>) {
    let (rows, predicted) = judged(predicted);
    rows.into_iter()
        .zip(predicted)
        .filter(|(row, _)| weights[*row] > 0.0)
        .unzip()
}

fn coverages(
    data: &Training,
    group: Option<usize>,
    rows: &[usize],
    calibrated: &[Vec<f64>],
) -> Vec<Coverage> {
    let of = |group: Option<String>, chosen: &dyn Fn(usize) -> bool| {
        let places: Vec<usize> = (0..rows.len()).filter(|at| chosen(rows[*at])).collect();
        let targets: Vec<f64> = places.iter().map(|at| data.targets[rows[*at]]).collect();
        let ends = |at: &usize| {
            (
                calibrated[*at][0],
                calibrated[*at][calibrated[*at].len() - 1],
            )
        };
        let intervals: Vec<_> = places.iter().map(ends).collect();
        Coverage {
            group,
            rows: places.len(),
            share: coverage(&targets, &intervals),
        }
    };
    let mut all = vec![of(None, &|_| true)];
    let Some(feature) = group else {
        return all;
    };
    let column = data.records.column(feature);
    if let Kind::Category { levels } = &data.records.schema().features()[feature].kind {
        for (place, level) in levels.iter().enumerate() {
            let found = of(Some(level.clone()), &|row| column[row] == place as f64);
            if found.rows > 0 {
                all.push(found);
            }
        }
    }
    all
}
