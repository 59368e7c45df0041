//! A likelihood: the champion of several scorers and calibrations.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use tabular::metrics::{brier, calibration_error, log_loss, reliability};
use tabular::{
    Attribution, Boosted, Direction, Schema, Stored, Table, TabularError, Training, judged,
    out_of_fold, require, sigmoid, targets, weights,
};

use crate::additive::Additive;
use crate::calibration::{Calibration, CalibrationKind};
use crate::explanation::{Explanation, Part};
use crate::logistic::Logistic;
use crate::params::{Candidate, CheckedLikelihoodParams};
use crate::report::{CandidateLoss, Report};

/// Bins of reliability and calibration error.
const BINS: usize = 10;
const KINDS: [CalibrationKind; 3] = [
    CalibrationKind::None,
    CalibrationKind::Platt,
    CalibrationKind::Isotonic,
];

/// A fitted scorer; it scores in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Scorer {
    /// Linear log odds.
    Logistic(Logistic),
    /// Boosted trees.
    Boosted(Boosted),
    /// A sum of curves.
    Additive(Additive),
}

impl Scorer {
    fn fit(candidate: &Candidate, data: &Training) -> Result<Self, TabularError> {
        Ok(match candidate {
            Candidate::Logistic(params) => Self::Logistic(params.check_ref()?.fit(data)?),
            Candidate::Boosted(params) => Self::Boosted(params.check_ref()?.fit(data)?),
            Candidate::Additive(params) => Self::Additive(params.check_ref()?.fit(data)?),
        })
    }

    fn schema(&self) -> &Schema {
        match self {
            Self::Logistic(logistic) => logistic.schema(),
            Self::Boosted(boosted) => boosted.schema(),
            Self::Additive(additive) => additive.schema(),
        }
    }

    fn score(&self, row: &[f64]) -> f64 {
        match self {
            Self::Logistic(logistic) => logistic.contributions(row).sum(),
            Self::Boosted(boosted) => boosted.predict(row),
            Self::Additive(additive) => additive.contributions(row).sum(),
        }
    }

    fn contributions(&self, row: &[f64]) -> Attribution {
        match self {
            Self::Logistic(logistic) => logistic.contributions(row),
            Self::Boosted(boosted) => boosted.contributions(row),
            Self::Additive(additive) => additive.contributions(row),
        }
    }
}

/// A fitted likelihood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LikelihoodModel {
    scorer: Scorer,
    calibration: Calibration,
    /// Features of one direction; true where it is rising.
    monotone: Vec<(usize, bool)>,
    report: Report,
}

impl LikelihoodModel {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.scorer.schema()
    }

    /// Returns what was measured.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the likelihood of a row of the schema, in [0, 1].
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> f64 {
        sigmoid(self.calibration.apply(self.scorer.score(row)))
    }

    /// Returns the direction of a feature that has one.
    #[must_use]
    pub fn direction(&self, feature: usize) -> Option<Direction> {
        let found = self.monotone.iter().find(|(place, _)| *place == feature)?;
        Some(if found.1 {
            Direction::Rising
        } else {
            Direction::Falling
        })
    }

    /// Explains the likelihood of a row; it is that of [`Self::predict`], but for rounding.
    #[must_use]
    pub fn explain(&self, row: &[f64]) -> Explanation {
        let Attribution { base, parts } = self.scorer.contributions(row);
        let names = self.schema().names().into_iter().map(Part::Feature);
        let mut named: Vec<(Part, f64)> = names.zip(parts).collect();
        // A line can be shared out among the features; what bends cannot.
        if let Calibration::Platt { slope, intercept } = &self.calibration {
            named.iter_mut().for_each(|(_, part)| *part *= slope);
            return Explanation::new(intercept + slope * base, named);
        }
        let sum = named.iter().fold(base, |sum, (_, part)| sum + part);
        named.push((Part::Calibration, self.calibration.apply(sum) - sum));
        Explanation::new(base, named)
    }
}

impl Stored for LikelihoodModel {
    const SORT: &'static str = "likelihood";

    fn verify(&self) -> Result<(), TabularError> {
        self.calibration.verify()?;
        match &self.scorer {
            Scorer::Logistic(logistic) => logistic.verify(),
            Scorer::Boosted(boosted) => boosted.verify(),
            Scorer::Additive(additive) => additive.verify(),
        }
    }
}

/// A fitted likelihood with what was said of its own training rows before they were learnt from.
#[derive(Debug, Clone, PartialEq)]
pub struct LikelihoodFit {
    /// The model.
    pub model: LikelihoodModel,
    /// The likelihood of each training row, by the champion fitted and calibrated on the other folds; none of rows that no fold judges.
    pub unseen: Vec<Option<f64>>,
}

/// Scores of rows that the scorer had not seen.
struct Unseen {
    rows: Vec<usize>,
    scores: Vec<f64>,
    targets: Vec<f64>,
    weights: Vec<f64>,
    folds: Vec<usize>,
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedLikelihoodParams {
    type Object = LikelihoodModel;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<LikelihoodModel, TabularError> {
        Ok(self.fit_with_unseen(data)?.model)
    }
}

impl CheckedLikelihoodParams {
    /// Fits as [`Fit::fit`] does, and tells what was said of rows unseen.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_with_unseen(&self, data: &Training) -> Result<LikelihoodFit, TabularError> {
        let rows = data.records.rows();
        let known = self
            .folds
            .iter()
            .flat_map(|fold| fold.train.iter().chain(&fold.test));
        require(
            known.max().is_none_or(|row| *row < rows),
            "folds",
            "a row is beyond the table",
        )?;
        let candidates: Vec<Candidate> = self
            .candidates
            .iter()
            .map(|one| one.held(&self.monotone))
            .collect();
        let mut best: Option<(usize, Calibration, Vec<f64>, CandidateLoss)> = None;
        let (mut losses, mut last) = (Vec::new(), None);
        for (place, candidate) in candidates.iter().enumerate() {
            let unseen = self.unseen(candidate, data)?;
            for kind in KINDS {
                let said = self.cross_calibrated(kind, &unseen)?;
                let loss = CandidateLoss {
                    name: candidate.name().to_owned(),
                    calibration: kind,
                    log_loss: log_loss(&unseen.targets, &said),
                    calibration_error: calibration_error(&unseen.targets, &said, BINS),
                };
                losses.push(loss.clone());
                if best
                    .as_ref()
                    .is_none_or(|best| loss.log_loss < best.3.log_loss)
                {
                    let calibration =
                        Calibration::fit(kind, &unseen.scores, &unseen.targets, &unseen.weights)?;
                    best = Some((place, calibration, said, loss));
                }
            }
            last = Some(unseen);
        }
        let (Some((place, calibration, said, champion)), Some(unseen)) = (best, last) else {
            return Err(TabularError::invalid("candidates", "there are none"));
        };
        let targets = &unseen.targets;
        let report = Report {
            rows: targets.len(),
            base_rate: targets.iter().sum::<f64>() / targets.len().max(1) as f64,
            constant: self.constant(data, &unseen)?,
            candidates: losses,
            champion,
            brier: brier(targets, &said),
            reliability: reliability(targets, &said, BINS),
        };
        let direction = |(name, way): &(String, Direction)| {
            Ok((
                data.records.schema().position(name)?,
                *way == Direction::Rising,
            ))
        };
        let monotone: Result<Vec<_>, TabularError> = self.monotone.iter().map(direction).collect();
        let mut told = vec![None; rows];
        for (row, said) in unseen.rows.iter().zip(&said) {
            told[*row] = Some(*said);
        }
        let model = LikelihoodModel {
            scorer: Scorer::fit(&candidates[place], data)?,
            calibration,
            monotone: monotone?,
            report,
        };
        Ok(LikelihoodFit {
            model,
            unseen: told,
        })
    }

    fn unseen(&self, candidate: &Candidate, data: &Training) -> Result<Unseen, TabularError> {
        let fit = |part: &Training| Scorer::fit(candidate, part);
        let (rows, scores) = judged(&out_of_fold(data, &self.folds, fit, Scorer::score)?);
        let (targets, weights) = (targets(data), weights(data));
        let mut fold_of = vec![0; targets.len()];
        for (fold, part) in self.folds.iter().enumerate() {
            part.test.iter().for_each(|row| fold_of[*row] = fold);
        }
        let mut unseen = Unseen {
            rows: vec![],
            scores: vec![],
            targets: vec![],
            weights: vec![],
            folds: vec![],
        };
        // Rows of no weight are neither learnt from nor judged by.
        for (row, score) in rows
            .into_iter()
            .zip(scores)
            .filter(|(row, _)| weights[*row] > 0.0)
        {
            unseen.rows.push(row);
            unseen.scores.push(score);
            unseen.targets.push(targets[row]);
            unseen.weights.push(weights[row]);
            unseen.folds.push(fold_of[row]);
        }
        require(!unseen.scores.is_empty(), "folds", "no row is judged")?;
        Ok(unseen)
    }

    /// Each fold's probabilities, calibrated by the rows of the other folds.
    fn cross_calibrated(
        &self,
        kind: CalibrationKind,
        unseen: &Unseen,
    ) -> Result<Vec<f64>, TabularError> {
        let of_fold = |fold: usize| {
            let chosen = |row: &usize| unseen.folds[*row] != fold;
            let rows: Vec<usize> = (0..unseen.scores.len()).filter(chosen).collect();
            let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<_>>();
            Calibration::fit(
                kind,
                &pick(&unseen.scores),
                &pick(&unseen.targets),
                &pick(&unseen.weights),
            )
        };
        let fitted: Result<Vec<_>, _> = (0..self.folds.len()).map(of_fold).collect();
        let fitted = fitted?;
        let rows = unseen.scores.iter().zip(&unseen.folds);
        Ok(rows
            .map(|(score, fold)| sigmoid(fitted[*fold].apply(*score)))
            .collect())
    }

    /// Log loss of each fold's share of yes in its training rows.
    fn constant(&self, data: &Training, unseen: &Unseen) -> Result<f64, TabularError> {
        let fit = |part: &Training| {
            let weights = weights(part);
            let total: f64 = weights.iter().sum();
            Ok(targets(part)
                .iter()
                .zip(&weights)
                .map(|(y, w)| y * w)
                .sum::<f64>()
                / total)
        };
        let all = out_of_fold(data, &self.folds, fit, |share, _| *share)?;
        let weights = weights(data);
        let rows = all.iter().zip(&weights).filter(|(_, w)| **w > 0.0);
        let shares: Vec<f64> = rows.filter_map(|(share, _)| *share).collect();
        Ok(log_loss(&unseen.targets, &shares))
    }
}
