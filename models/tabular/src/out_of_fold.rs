//! Predictions for rows that the predicting model has not seen.

use rayon::prelude::*;

use crate::error::TabularError;
use crate::folds::Fold;
use crate::table::{Training, select};

/// Fits on each fold's training rows and predicts its test rows, fold beside fold; a row in no test part gets none.
///
/// # Errors
/// The first fold's that fails.
pub fn out_of_fold<M, P, F, G>(
    data: &Training,
    folds: &[Fold],
    fit: F,
    predict: G,
) -> Result<Vec<Option<P>>, TabularError>
where
    P: Clone + Send,
    F: Fn(&Training) -> Result<M, TabularError> + Sync,
    G: Fn(&M, &[f64]) -> P + Sync,
{
    let of_fold = |fold: &Fold| {
        let model = fit(&select(data, &fold.train))?;
        let predicted = fold
            .test
            .iter()
            .map(|row| predict(&model, &data.records.row(*row)));
        Ok(predicted.collect::<Vec<_>>())
    };
    let by_fold: Vec<Result<Vec<P>, TabularError>> = folds.par_iter().map(of_fold).collect();
    let mut all = vec![None; data.records.rows()];
    for (fold, predicted) in folds.iter().zip(by_fold) {
        for (row, one) in fold.test.iter().zip(predicted?) {
            all[*row] = Some(one);
        }
    }
    Ok(all)
}

/// Returns the rows that a prediction was made for, with it.
#[must_use]
pub fn judged<P: Clone>(predicted: &[Option<P>]) -> (Vec<usize>, Vec<P>) {
    let rows = predicted.iter().enumerate();
    rows.filter_map(|(row, one)| Some((row, one.clone()?)))
        .unzip()
}
