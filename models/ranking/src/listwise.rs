//! Scores linear in encoded features, fitted on whole lists.

use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use tabular::cholesky::{solve, weighted_gram};
use tabular::{
    Attribution, Design, Direction, Grouped, Kind, Schema, TabularError, require, ungrouped,
    weights,
};

/// Settings that were checked; only these can be fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedListwiseParams {
    seed: u64,
    ridge: f64,
    smoothing: f64,
    monotone: Vec<(String, Direction)>,
}

/// Settings of a listwise linear ranker: the chance to stand first is `e^score` over the list's sum of them, and the mean cross entropy of the
/// gains' shares with `ridge · Σb²/2` is made small by Newton's method (ListNet with top-one chances: Cao, Qin, Liu, Tsai and Li, *Learning
/// to Rank: From Pairwise Approach to Listwise Approach*, ICML 2007; with one winner, McFadden's conditional logit, 1974). Lists in which
/// all gains are equal say nothing and are left out.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `seed` | – | any | draws the folds in which categories are encoded |
/// | `ridge` | 0.01 | ≥ 0 | weight of squared coefficients (of standardised columns) |
/// | `smoothing` | 20 | ≥ 0 | rows that the mean of all counts for where a category is encoded |
/// | `monotone` | none | number features | features whose effect has one direction |
#[derive(Debug, Clone, PartialEq)]
pub struct ListwiseParams(CheckedListwiseParams);

impl ListwiseParams {
    /// Starts from the defaults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(CheckedListwiseParams {
            seed,
            ridge: 1e-2,
            smoothing: 20.0,
            monotone: Vec::new(),
        })
    }

    /// Sets the weight of squared coefficients.
    #[must_use]
    pub fn ridge(mut self, weight: f64) -> Self {
        self.0.ridge = weight;
        self
    }

    /// Sets how many rows the mean counts for where a category is encoded.
    #[must_use]
    pub fn smoothing(mut self, rows: f64) -> Self {
        self.0.smoothing = rows;
        self
    }

    /// Holds the effect of a number feature to a direction.
    #[must_use]
    pub fn monotone(mut self, feature: &str, direction: Direction) -> Self {
        self.0.monotone.push((feature.to_owned(), direction));
        self
    }
}

impl ParamGuard for ListwiseParams {
    type Checked = CheckedListwiseParams;
    type Error = TabularError;

    fn check_ref(&self) -> Result<&CheckedListwiseParams, TabularError> {
        let good = |x: f64| x.is_finite() && x >= 0.0;
        require(good(self.0.ridge), "ridge", "want 0 or more")?;
        require(good(self.0.smoothing), "smoothing", "want 0 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<CheckedListwiseParams, TabularError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// A fitted listwise linear ranker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listwise {
    design: Design,
    slopes: Vec<f64>,
}

impl Fit<Grouped, Array1<f64>, TabularError> for CheckedListwiseParams {
    type Object = Listwise;

    fn fit(&self, data: &DatasetBase<Grouped, Array1<f64>>) -> Result<Listwise, TabularError> {
        let rows = ungrouped(data);
        let (design, x) = Design::fit(&rows, self.smoothing, self.seed)?;
        let lists = told(data, &weights(&rows));
        require(!lists.is_empty(), "lists", "none says who is better")?;
        let mut newton = Newton {
            x,
            lists,
            ridge: self.ridge,
            off: vec![false; design.width()],
        };
        let signs = self.signs(&design)?;
        // Columns that run against their direction are left out, until none does.
        loop {
            let slopes = newton.solve()?;
            let against = |at: &usize| slopes[*at] * signs[*at] < 0.0;
            let wrong: Vec<usize> = (0..slopes.len()).filter(against).collect();
            if wrong.is_empty() {
                let slopes = slopes.to_vec();
                return Ok(Listwise { design, slopes });
            }
            wrong.into_iter().for_each(|at| newton.off[at] = true);
        }
    }
}

impl CheckedListwiseParams {
    /// The sign that each column's coefficient must have; 0 where it is free.
    fn signs(&self, design: &Design) -> Result<Vec<f64>, TabularError> {
        let mut signs = vec![0.0; design.width()];
        for (name, direction) in &self.monotone {
            let feature = design.schema().position(name)?;
            let is_number = design.schema().features()[feature].kind == Kind::Number;
            require(is_number, name, "only numbers have a direction")?;
            let sign = if *direction == Direction::Rising {
                1.0
            } else {
                -1.0
            };
            let columns = design.rising(feature).into_iter();
            columns.for_each(|column| signs[column] = sign);
        }
        Ok(signs)
    }
}

/// A list that says something: its rows, and the share of its gains that each has.
struct Told {
    rows: Vec<usize>,
    shares: Vec<f64>,
    weight: f64,
}

fn told(data: &DatasetBase<Grouped, Array1<f64>>, weights: &[f64]) -> Vec<Told> {
    let mut found = Vec::new();
    for mut rows in data.records.rows_by_list() {
        rows.retain(|row| weights[*row] > 0.0);
        let gains: Vec<f64> = rows.iter().map(|row| data.targets[*row]).collect();
        if gains.iter().all(|gain| *gain == gains[0]) {
            continue;
        }
        let sum: f64 = gains.iter().sum();
        let weight = rows.iter().map(|row| weights[*row]).sum::<f64>() / rows.len() as f64;
        let shares = gains.iter().map(|gain| gain / sum).collect();
        found.push(Told {
            rows,
            shares,
            weight,
        });
    }
    found
}

struct Newton {
    x: Array2<f64>,
    lists: Vec<Told>,
    ridge: f64,
    /// Columns whose coefficient stays 0.
    off: Vec<bool>,
}

impl Newton {
    fn solve(&self) -> Result<Array1<f64>, TabularError> {
        let ridge = self.ridge * self.lists.iter().map(|list| list.weight).sum::<f64>();
        let mut b: Array1<f64> = Array1::zeros(self.x.ncols());
        let mut loss = self.loss(&b, ridge);
        for _ in 0..100 {
            let (mut gradient, mut curve) = self.derivatives(&b, ridge);
            for at in (0..b.len()).filter(|at| self.off[*at]) {
                gradient[at] = 0.0;
                curve.row_mut(at).fill(0.0);
                curve.column_mut(at).fill(0.0);
                curve[[at, at]] = 1.0;
            }
            let step = solve(curve, gradient)?;
            let (mut length, before) = (1.0, loss);
            loop {
                let next = &b - &(length * &step);
                let reached = self.loss(&next, ridge);
                if reached <= before || length < 1e-10 {
                    (b, loss) = (next, reached);
                    break;
                }
                length /= 2.0;
            }
            if before - loss < 1e-12 * (1.0 + loss.abs()) {
                break;
            }
        }
        Ok(b)
    }

    fn loss(&self, b: &Array1<f64>, ridge: f64) -> f64 {
        let scores = self.x.dot(b);
        let of_list = |list: &Told| {
            let chances = logarithms(&list.rows, &scores);
            let rows = chances.iter().zip(&list.shares);
            -list.weight * rows.map(|(chance, share)| share * chance).sum::<f64>()
        };
        self.lists.iter().map(of_list).sum::<f64>() + 0.5 * ridge * b.dot(b)
    }

    fn derivatives(&self, b: &Array1<f64>, ridge: f64) -> (Array1<f64>, Array2<f64>) {
        let scores = self.x.dot(b);
        let mut gradient = ridge * b;
        // Rows as they differ from their list's mean, by their chances: what is alike in a list has no effect.
        let mut apart = Array2::zeros(self.x.dim());
        let mut bend = Array1::zeros(self.x.nrows());
        for list in &self.lists {
            let chances = logarithms(&list.rows, &scores);
            let mut mean: Array1<f64> = Array1::zeros(b.len());
            for ((row, chance), share) in list.rows.iter().zip(&chances).zip(&list.shares) {
                let chance = chance.exp();
                mean.scaled_add(chance, &self.x.row(*row));
                gradient.scaled_add(list.weight * (chance - share), &self.x.row(*row));
                bend[*row] = list.weight * chance;
            }
            for row in &list.rows {
                apart.row_mut(*row).assign(&(&self.x.row(*row) - &mean));
            }
        }
        let mut curve = weighted_gram(&apart, &bend);
        curve.diag_mut().mapv_inplace(|bend| bend + ridge + 1e-9);
        (gradient, curve)
    }
}

/// Logarithms of the chances to stand first.
fn logarithms(rows: &[usize], scores: &Array1<f64>) -> Vec<f64> {
    let most = rows.iter().map(|row| scores[*row]).fold(f64::MIN, f64::max);
    let sum: f64 = rows.iter().map(|row| (scores[*row] - most).exp()).sum();
    rows.iter()
        .map(|row| scores[*row] - most - sum.ln())
        .collect()
}

impl Listwise {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.design.schema()
    }

    /// Returns what each feature adds to the score: coefficients times how far the encoded feature is from its mean.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        let mut parts = vec![0.0; row.len()];
        let encoded = self.design.row(row).into_iter().zip(&self.slopes);
        for ((value, slope), owner) in encoded.zip(self.design.owners()) {
            parts[owner] += value * slope;
        }
        Attribution { base: 0.0, parts }
    }

    pub(crate) fn verify(&self) -> Result<(), TabularError> {
        let finite = self.slopes.iter().all(|slope| slope.is_finite());
        if finite && self.slopes.len() == self.design.width() && self.design.is_sound() {
            Ok(())
        } else {
            Err(TabularError::corrupt("a listwise ranker is out of bounds"))
        }
    }
}
