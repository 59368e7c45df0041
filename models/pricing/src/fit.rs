//! Fitting: the contest of the candidates, then the champion on all rows.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rayon::prelude::*;
use tabular::metrics::mean_pinball;
use tabular::{
    Fold, Schema, Table, TabularError, Training, judged, out_of_fold, require, targets, training,
    weights,
};

use crate::model::PriceModel;
use crate::params::CheckedPriceParams;
use crate::quantiles::{Candidate, Quantiles, mean};

/// Predictions of rows that the predicting model had not seen.
pub(crate) struct Unseen {
    pub(crate) rows: Vec<usize>,
    pub(crate) predicted: Vec<Vec<f64>>,
}

/// A candidate, or the mean of two, with how it did.
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Places of the candidates that it is made of.
    members: Vec<usize>,
    pub(crate) unseen: Unseen,
    pub(crate) loss: f64,
}

/// All that may become champion.
pub(crate) struct Contest(pub(crate) Vec<Entry>);

impl Contest {
    /// The entry of the least loss; the first wins a tie.
    pub(crate) fn best(&self) -> &Entry {
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
        Ok(self.fit_with_unseen(data)?.model)
    }
}

/// A fitted model with what was said of its own training rows before they were learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceFit {
    /// The model.
    pub model: PriceModel,
    /// The price at each level of each training row, by the champion fitted on the other folds; none of rows that no fold judges. What a
    /// second model is to learn from predictions learns from these: those of the model itself know the rows' own prices.
    pub unseen: Vec<Option<Vec<f64>>>,
}

impl CheckedPriceParams {
    /// Fits as [`Fit::fit`] does, and tells what was said of rows unseen.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_with_unseen(&self, data: &Training) -> Result<PriceFit, TabularError> {
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
        let mut unseen = vec![None; data.records.rows()];
        for (row, predicted) in best.unseen.rows.iter().zip(&best.unseen.predicted) {
            let group = group.map(|feature| data.records.column(feature)[*row]);
            let prices = conformal.apply(predicted, group).into_iter();
            unseen[*row] = Some(prices.map(|value| self.scale.price(value)).collect());
        }
        let model = PriceModel {
            levels: self.levels.clone(),
            scale: self.scale,
            quantiles: alone.unwrap_or(Quantiles::Mean(fitted)),
            conformal,
            group,
            report,
        };
        Ok(PriceFit { model, unseen })
    }

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

    pub(crate) fn loss(&self, data: &Training, unseen: &Unseen) -> f64 {
        let targets: Vec<f64> = unseen.rows.iter().map(|row| data.targets[*row]).collect();
        mean_pinball(&self.levels, &targets, &unseen.predicted)
    }
}

/// The rows of some weight that a prediction was made for, with it.
pub(crate) fn judged_rows(
    predicted: &[Option<Vec<f64>>],
    weights: &[f64],
) -> (Vec<usize>, Vec<Vec<f64>>) {
    let (rows, predicted) = judged(predicted);
    rows.into_iter()
        .zip(predicted)
        .filter(|(row, _)| weights[*row] > 0.0)
        .unzip()
}
