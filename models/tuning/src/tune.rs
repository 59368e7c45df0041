//! Cross-validation and the choice between fitted, previous and default weights.

use crate::{
    ascent::{figures, fit},
    figures::Figures,
    folds::{deal, groups},
    paired::chance,
    params::CheckedParams,
    question::{Prepared, Question},
    report::{Fold, Report, Verdict},
};

/// Recall may differ so much by rounding.
const ROUNDING: f64 = 1e-9;

/// Weights and why they are these.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned<const N: usize> {
    /// One weight per leg.
    pub weights: [f64; N],
    /// The weights fitted on all questions, chosen or not; none where too little is judged.
    pub fitted: Option<[f64; N]>,
    /// What is known of them.
    pub report: Report,
}

impl CheckedParams {
    /// Chooses between `previous` weights and such as are fitted on `questions`, starting from and drawn to `defaults`. A weight whose
    /// default is 0 stays 0.
    ///
    /// Fitted weights are chosen only where, on questions held out, their mean NDCG@10 is larger than that of the previous ones by the
    /// least gain and beyond chance, and their mean Recall@20 no smaller. The same questions, in any machine's time and threads, give
    /// the same weights.
    #[must_use]
    pub fn tune<const N: usize>(
        &self,
        questions: &[Question<N>],
        defaults: &[f64; N],
        previous: &[f64; N],
    ) -> Tuned<N> {
        let prepared: Vec<Prepared<'_, N>> = questions.iter().filter_map(Prepared::new).collect();
        let all: Vec<&Prepared<'_, N>> = prepared.iter().collect();
        let groups = groups(
            &all.iter()
                .map(|question| question.terms())
                .collect::<Vec<_>>(),
        );
        let by_defaults = figures(&all, defaults);
        let before = figures(&all, previous);
        let mut report = Report {
            verdict: Verdict::TooFew,
            questions: all.len(),
            groups: groups.iter().max().map_or(0, |last| last + 1),
            folds: Vec::new(),
            by_defaults: Figures::mean(&by_defaults),
            before: Figures::mean(&before),
            after: Figures::mean(&by_defaults),
            chance: 1.0,
        };
        if report.groups < self.0.fewest_questions {
            return Tuned {
                weights: *defaults,
                fitted: None,
                report,
            };
        }
        let fitted = fit(&all, defaults, &self.0);
        let folds = deal(&groups, self.0.folds, self.0.seed);
        let after = self.held_out(&all, &folds, defaults);
        let (verdict, chance) = self.judge(&groups, &before, &after);
        report.folds = (0..self.0.folds)
            .map(|fold| of_fold(&folds, fold, &before, &after))
            .collect();
        report.after = Figures::mean(&after);
        report.chance = chance;
        report.verdict = verdict;
        let chosen = |weights: [f64; N], report| Tuned {
            weights,
            fitted: Some(fitted),
            report,
        };
        if verdict == Verdict::Promoted {
            return chosen(fitted, report);
        }
        if previous != defaults && self.judge(&groups, &before, &by_defaults).0 == Verdict::Promoted
        {
            report.verdict = Verdict::Reverted;
            return chosen(*defaults, report);
        }
        chosen(*previous, report)
    }

    /// The figures of every question by weights fitted on the other folds.
    fn held_out<const N: usize>(
        &self,
        questions: &[&Prepared<'_, N>],
        folds: &[usize],
        defaults: &[f64; N],
    ) -> Vec<Figures> {
        let mut held_out = vec![Figures::default(); questions.len()];
        for fold in 0..self.0.folds {
            let others: Vec<_> = questions
                .iter()
                .zip(folds)
                .filter(|(_, of)| **of != fold)
                .map(|(question, _)| *question)
                .collect();
            let weights = fit(&others, defaults, &self.0);
            for (at, question) in questions.iter().enumerate() {
                if folds[at] == fold {
                    held_out[at] = question.figures(&weights);
                }
            }
        }
        held_out
    }

    /// Whether `after` is to replace `before`, and how likely its gain is by chance.
    fn judge(&self, groups: &[usize], before: &[Figures], after: &[Figures]) -> (Verdict, f64) {
        let mut by_group = vec![0.0; groups.iter().max().map_or(0, |last| last + 1)];
        for (at, group) in groups.iter().enumerate() {
            by_group[*group] += after[at].ndcg_10 - before[at].ndcg_10;
        }
        let chance = chance(&by_group, self.0.resamples, self.0.seed);
        let (before, after) = (Figures::mean(before), Figures::mean(after));
        let verdict = if after.ndcg_10 - before.ndcg_10 < self.0.least_gain.max(ROUNDING) {
            Verdict::NoGain
        } else if chance > self.0.largest_chance {
            Verdict::Chance
        } else if after.recall_20 < before.recall_20 - ROUNDING {
            Verdict::LessFound
        } else {
            Verdict::Promoted
        };
        (verdict, chance)
    }
}

fn of_fold(folds: &[usize], fold: usize, before: &[Figures], after: &[Figures]) -> Fold {
    let of = |figures: &[Figures]| -> Vec<Figures> {
        let tested = folds.iter().zip(figures).filter(|(of, _)| **of == fold);
        tested.map(|(_, figures)| *figures).collect()
    };
    let (before, after) = (of(before), of(after));
    Fold {
        questions: before.len(),
        before: Figures::mean(&before),
        after: Figures::mean(&after),
    }
}
