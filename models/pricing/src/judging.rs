//! Measuring: what the champion says of rows that it has not seen.

use tabular::metrics::{coverage, mean_pinball, weighted_quantile};
use tabular::{Kind, TabularError, Training, out_of_fold, targets, weights};

use crate::conformal::{CalibrationRows, Conformal};
use crate::fit::{Contest, Unseen, judged_rows};
use crate::params::CheckedPriceParams;
use crate::report::{CandidateLoss, Coverage, FoldMeasure, Report};

impl CheckedPriceParams {
    /// The calibration on the unseen rows that `chosen` takes, by their place among them.
    pub(crate) fn calibrate(
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

    pub(crate) fn report(
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
            folds: self.fold_measures(data, rows, &calibrated),
        })
    }

    fn fold_measures(
        &self,
        data: &Training,
        rows: &[usize],
        calibrated: &[Vec<f64>],
    ) -> Vec<FoldMeasure> {
        let fold_of = self.fold_of(data.records.rows());
        let of_fold = |fold: usize| {
            let mine = |at: &usize| fold_of[rows[*at]] == fold;
            let places: Vec<usize> = (0..rows.len()).filter(mine).collect();
            let targets: Vec<f64> = places.iter().map(|at| data.targets[rows[*at]]).collect();
            let said: Vec<Vec<f64>> = places.iter().map(|at| calibrated[*at].clone()).collect();
            let intervals: Vec<_> = said.iter().map(|row| ends(row)).collect();
            FoldMeasure {
                rows: places.len(),
                calibrated: mean_pinball(&self.levels, &targets, &said),
                coverage: coverage(&targets, &intervals),
            }
        };
        (0..self.folds.len()).map(of_fold).collect()
    }

    /// The fold that each row is judged in.
    fn fold_of(&self, rows: usize) -> Vec<usize> {
        let mut fold_of = vec![0; rows];
        for (fold, part) in self.folds.iter().enumerate() {
            part.test.iter().for_each(|row| fold_of[*row] = fold);
        }
        fold_of
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
        let fold_of = self.fold_of(data.records.rows());
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

/// The lowest level and the highest.
fn ends(row: &[f64]) -> (f64, f64) {
    (row[0], row[row.len() - 1])
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
        let intervals: Vec<_> = places.iter().map(|at| ends(&calibrated[*at])).collect();
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
