//! The contest of the formula and the learned rankers, then the champion on all lists.

use std::collections::{BTreeMap, BTreeSet};

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rayon::prelude::*;
use tabular::{Fold, Grouped, Lists, TabularError, require, select_lists, ungrouped, weights};
use tuning::chance;

use crate::judging::{gained, mean, ndcg};
use crate::model::RankModel;
use crate::params::CheckedRankParams;
use crate::report::{CandidateFigure, FoldMeasure, Report, Verdict};
use crate::scorer::{Candidate, Scorer};

/// Rounding.
const LEAST: f64 = 1e-9;

/// A list of which a fold judges some rows of differing gain.
struct Judged {
    rows: Vec<usize>,
    gains: Vec<f64>,
    fold: usize,
}

impl Judged {
    fn ndcg(&self, scores: &[f64]) -> f64 {
        let mine: Vec<f64> = self.rows.iter().map(|row| scores[*row]).collect();
        ndcg(&mine, &self.gains)
    }
}

impl Fit<Grouped, Array1<f64>, TabularError> for CheckedRankParams {
    type Object = RankModel;

    fn fit(&self, data: &DatasetBase<Grouped, Array1<f64>>) -> Result<RankModel, TabularError> {
        self.check_data(data)?;
        let lists = self.judged(data);
        require(!lists.is_empty(), "folds", "no list is judged")?;
        let held = |one: &Candidate| one.held(&self.monotone);
        let candidates: Vec<Candidate> = self.candidates.iter().map(held).collect();
        let of_candidate = |candidate: &Candidate| {
            let scores = self.unseen(candidate, data)?;
            Ok(lists.iter().map(|list| list.ndcg(&scores)).collect())
        };
        let figures: Result<Vec<Vec<f64>>, TabularError> =
            candidates.par_iter().map(of_candidate).collect();
        let figures = figures?;
        let means: Vec<f64> = figures.iter().map(|all| mean(all)).collect();
        let best = (0..means.len())
            .reduce(|best, next| {
                if means[next] > means[best] {
                    next
                } else {
                    best
                }
            })
            .expect("checked params have a candidate");
        let report = self.report(&lists, &means, best, &figures[best]);
        let learned = match report.verdict {
            Verdict::Learned => Some(Scorer::fit(&candidates[best], data)?),
            _ => None,
        };
        Ok(RankModel { learned, report })
    }
}

impl CheckedRankParams {
    fn check_data(&self, data: &Lists) -> Result<(), TabularError> {
        let groups = data.records.groups();
        let one_each = self.formula.len() == groups.len();
        require(one_each, "formula", "one score is wanted per row")?;
        for (name, _) in &self.monotone {
            data.records.table().schema().position(name)?;
        }
        let mut judged_by = BTreeMap::new();
        for (fold, Fold { train, test }) in self.folds.iter().enumerate() {
            let within = train.iter().chain(test).all(|row| *row < groups.len());
            require(within, "folds", "a row is beyond the table")?;
            let fitted: BTreeSet<usize> = train.iter().map(|row| groups[*row]).collect();
            let apart = test.iter().all(|row| !fitted.contains(&groups[*row]));
            require(apart, "folds", "a list is on both sides")?;
            let once = |row: &usize| *judged_by.entry(groups[*row]).or_insert(fold) == fold;
            let whole = test.iter().all(once);
            require(whole, "folds", "a list is judged by two of them")?;
        }
        Ok(())
    }

    /// The lists that folds judge; rows of no weight are neither learnt from nor judged by.
    fn judged(&self, data: &Lists) -> Vec<Judged> {
        let weights = weights(&ungrouped(data));
        let mut fold_of = vec![None; weights.len()];
        for (fold, part) in self.folds.iter().enumerate() {
            part.test.iter().for_each(|row| fold_of[*row] = Some(fold));
        }
        let mut found = Vec::new();
        for mut rows in data.records.rows_by_list() {
            rows.retain(|row| fold_of[*row].is_some() && weights[*row] > 0.0);
            let gains: Vec<f64> = rows.iter().map(|row| data.targets[*row]).collect();
            if gains.iter().any(|gain| *gain != gains[0]) {
                let fold = fold_of[rows[0]].unwrap_or(0);
                found.push(Judged { rows, gains, fold });
            }
        }
        found
    }

    /// Scores of each row by a ranker fitted without its list; 0 for what no fold judges.
    fn unseen(&self, candidate: &Candidate, data: &Lists) -> Result<Vec<f64>, TabularError> {
        let of_fold = |fold: &Fold| {
            let scorer = Scorer::fit(candidate, &select_lists(data, &fold.train))?;
            let table = data.records.table();
            let scores = fold.test.iter().map(|row| scorer.predict(&table.row(*row)));
            Ok(scores.collect())
        };
        let by_fold: Result<Vec<Vec<f64>>, TabularError> =
            self.folds.par_iter().map(of_fold).collect();
        let mut all = vec![0.0; data.records.groups().len()];
        for (fold, scores) in self.folds.iter().zip(by_fold?) {
            let rows = fold.test.iter().zip(scores);
            rows.for_each(|(row, score)| all[*row] = score);
        }
        Ok(all)
    }

    fn report(&self, lists: &[Judged], means: &[f64], best: usize, learned: &[f64]) -> Report {
        let alike = vec![0.0; self.formula.len()];
        let random: Vec<f64> = lists.iter().map(|list| list.ndcg(&alike)).collect();
        let formula: Vec<f64> = lists.iter().map(|list| list.ndcg(&self.formula)).collect();
        let (gain, interval) = gained(&formula, learned);
        let by_chance = self.chance(&formula, learned);
        let verdict = if lists.len() < self.fewest_lists {
            Verdict::TooFew
        } else if self.chance(&random, learned) > self.largest_chance {
            Verdict::LearntNothing
        } else if gain < self.least_gain.max(LEAST) {
            Verdict::NoGain
        } else if by_chance > self.largest_chance {
            Verdict::Chance
        } else {
            Verdict::Learned
        };
        let figure = |at: usize| CandidateFigure {
            name: self.candidates[at].name().to_owned(),
            ndcg_5: means[at],
        };
        let of_fold = |fold: usize| {
            let mine: Vec<usize> = (0..lists.len())
                .filter(|at| lists[*at].fold == fold)
                .collect();
            let of = |all: &[f64]| mean(&mine.iter().map(|at| all[*at]).collect::<Vec<_>>());
            FoldMeasure {
                lists: mine.len(),
                formula: of(&formula),
                learned: of(learned),
            }
        };
        Report {
            verdict,
            lists: lists.len(),
            rows: lists.iter().map(|list| list.rows.len()).sum(),
            random: mean(&random),
            formula: mean(&formula),
            candidates: (0..means.len()).map(figure).collect(),
            champion: figure(best),
            gain,
            interval,
            chance: by_chance,
            folds: (0..self.folds.len()).map(of_fold).collect(),
        }
    }

    /// How likely by chance the best of the candidates is so much better (Bonferroni).
    fn chance(&self, before: &[f64], after: &[f64]) -> f64 {
        let apart: Vec<f64> = before.iter().zip(after).map(|(b, a)| a - b).collect();
        let one = chance(&apart, self.resamples, self.seed);
        (one * self.candidates.len() as f64).min(1.0)
    }
}
