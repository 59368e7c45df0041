//! Boosting: tree after tree on what is left.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::bins::bin;
use super::candidates::Search;
use super::grow::{Grown, grow};
use super::lambda;
use super::loss::{Loss, middle_quantile};
use super::params::{CheckedBoostParams, Direction};
use super::settle::settle;
use super::shapley;
use super::tree::Tree;
use crate::attribution::Attribution;
use crate::bytes::Stored;
use crate::error::{TabularError, require};
use crate::grouped::{Grouped, select_lists, ungrouped};
use crate::random::Random;
use crate::schema::{Kind, Schema};
use crate::table::{Table, Training, select, targets, weights};

/// Fitted trees. Predictions are on the scale of the loss: log odds for the logistic one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosted {
    schema: Schema,
    loss: Loss,
    start: f64,
    trees: Vec<Tree>,
}

impl Boosted {
    /// Returns the features that a row has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the loss that was made small.
    #[must_use]
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// Predicts from a row of the schema.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> f64 {
        let values = self
            .trees
            .iter()
            .map(|tree| tree.nodes[tree.leaf(|f| row[f])].value);
        values.fold(self.start, |sum, value| sum + value)
    }

    /// Returns the exact Shapley contributions of a row's features to its prediction, from the mean over the trees' covers.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> Attribution {
        let mut parts = vec![0.0; row.len()];
        let mut base = self.start;
        for tree in &self.trees {
            base += tree.nodes[0].value;
            shapley::add(tree, row, &mut parts);
        }
        Attribution { base, parts }
    }
}

impl Stored for Boosted {
    const SORT: &'static str = "boosted trees";

    fn verify(&self) -> Result<(), TabularError> {
        let sound = self.trees.iter().all(|tree| tree.is_sound(&self.schema));
        if sound && self.start.is_finite() {
            Ok(())
        } else {
            Err(TabularError::corrupt("a tree is out of bounds"))
        }
    }
}

impl Fit<Table, Array1<f64>, TabularError> for CheckedBoostParams {
    type Object = Boosted;

    fn fit(&self, data: &DatasetBase<Table, Array1<f64>>) -> Result<Boosted, TabularError> {
        let ranked = matches!(self.loss, Loss::Ranked { .. });
        require(!ranked, "training rows", "the loss of lists wants lists")?;
        let all = weights(data);
        let kept: Vec<usize> = (0..all.len()).filter(|row| all[*row] > 0.0).collect();
        if kept.len() < all.len() {
            self.fit_kept(&select(data, &kept), &[])
        } else {
            self.fit_kept(data, &[])
        }
    }
}

/// Fits on lists. A loss of single rows is blind to which list they are in.
impl Fit<Grouped, Array1<f64>, TabularError> for CheckedBoostParams {
    type Object = Boosted;

    fn fit(&self, data: &DatasetBase<Grouped, Array1<f64>>) -> Result<Boosted, TabularError> {
        let rows = ungrouped(data);
        if !matches!(self.loss, Loss::Ranked { .. }) {
            return self.fit(&rows);
        }
        let all = weights(&rows);
        let kept: Vec<usize> = (0..all.len()).filter(|row| all[*row] > 0.0).collect();
        let kept = select_lists(data, &kept);
        self.fit_kept(&ungrouped(&kept), &kept.records.rows_by_list())
    }
}

impl CheckedBoostParams {
    /// Fits on rows whose weights are all above 0; `lists` holds the rows of each list, where the loss wants them.
    fn fit_kept(&self, data: &Training, lists: &[Vec<usize>]) -> Result<Boosted, TabularError> {
        require(data.records.rows() > 0, "training rows", "there are none")?;
        let (table, y, w) = (&data.records, targets(data), weights(data));
        if self.loss == Loss::Logistic {
            let good = y.iter().all(|y| *y == 0.0 || *y == 1.0);
            require(good, "targets", "the logistic loss wants 0 and 1")?;
        }
        let directions = self.directions(table.schema())?;
        let bins = bin(table, self.bins)?;
        let start = self.loss.start(&y, &w);
        let mut predicted = vec![start; y.len()];
        let mut trees = Vec::with_capacity(self.rounds);
        for round in 0..self.rounds {
            let mut random = Random::of_part(self.seed, round as u64);
            let used = draw(&mut random, bins.len(), self.feature_share);
            let rows = draw(&mut random, y.len(), self.row_share);
            let derivatives = self.derivatives(&y, &predicted, &w, lists);
            let search = Search {
                params: self,
                bins: &bins,
                directions: &directions,
                used: &used,
            };
            let drawn = rows.iter().map(|row| *row as u32).collect();
            let mut grown = grow(&search, drawn, &derivatives, &w);
            self.value_leaves(&mut grown, &y, &predicted, &w);
            settle(&mut grown.tree, &directions);
            self.add(&grown, table, &mut predicted, rows.len() < y.len());
            trees.push(grown.tree);
        }
        Ok(Boosted {
            schema: table.schema().clone(),
            loss: self.loss,
            start,
            trees,
        })
    }

    fn derivatives(
        &self,
        y: &[f64],
        predicted: &[f64],
        w: &[f64],
        lists: &[Vec<usize>],
    ) -> Vec<(f64, f64)> {
        let plain: Vec<_> = match self.loss {
            Loss::Ranked { depth } => lambda::derivatives(depth, lists, y, predicted),
            loss => {
                let rows = y.iter().zip(predicted);
                rows.map(|(y, said)| loss.derivatives(*y, *said)).collect()
            }
        };
        let weighted = plain.into_iter().zip(w);
        weighted
            .map(|((gradient, hessian), w)| (gradient * w, hessian * w))
            .collect()
    }

    fn directions(&self, schema: &Schema) -> Result<Vec<Option<Direction>>, TabularError> {
        let mut directions = vec![None; schema.features().len()];
        for (name, direction) in &self.monotone {
            let place = schema.position(name)?;
            let is_number = schema.features()[place].kind == Kind::Number;
            require(is_number, name, "only numbers have a direction")?;
            directions[place] = Some(*direction);
        }
        Ok(directions)
    }

    fn value_leaves(&self, grown: &mut Grown, y: &[f64], predicted: &[f64], w: &[f64]) {
        let mut residuals = Vec::new();
        for (node, rows) in &grown.leaves {
            let node = &mut grown.tree.nodes[*node];
            if let Loss::Pinball(level) = self.loss {
                residuals.clear();
                let of_row = |row: &u32| {
                    let row = *row as usize;
                    (y[row] - predicted[row], w[row])
                };
                residuals.extend(rows.iter().map(of_row));
                node.value = middle_quantile(level, &mut residuals);
            }
            node.value *= self.learning_rate;
        }
    }

    /// Adds a tree to the predictions. The leaves know the rows that it was grown on; others must find theirs.
    fn add(&self, grown: &Grown, table: &Table, predicted: &mut [f64], all: bool) {
        let tree = &grown.tree;
        if all {
            for (row, sum) in predicted.iter_mut().enumerate() {
                *sum += tree.nodes[tree.leaf(|f| table.column(f)[row])].value;
            }
        } else {
            for (node, rows) in &grown.leaves {
                rows.iter()
                    .for_each(|row| predicted[*row as usize] += tree.nodes[*node].value);
            }
        }
    }
}

fn draw(random: &mut Random, count: usize, share: f64) -> Vec<usize> {
    if share < 1.0 {
        random.sample(count, ((count as f64 * share).round() as usize).max(1))
    } else {
        (0..count).collect()
    }
}
