//! Rows that are compared with each other only within a list: the bids of an auction, the answers to a query.

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::dataset::Records;
use ndarray::Array1;

use crate::error::{TabularError, require};
use crate::table::{Table, Training, select};

/// A table with the list that each row belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    table: Table,
    groups: Vec<usize>,
}

/// Lists with the gain of each row (and, where given, weights): what rankers are fitted on.
pub type Lists = DatasetBase<Grouped, Array1<f64>>;

impl Grouped {
    /// Returns the rows.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Returns the list of each row.
    #[must_use]
    pub fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// Returns the rows of each list, lists by their number, rows in the table's order.
    #[must_use]
    pub fn rows_by_list(&self) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, group) in self.groups.iter().enumerate() {
            lists.entry(*group).or_default().push(row);
        }
        lists.into_values().collect()
    }
}

impl Records for Grouped {
    type Elem = f64;

    fn nsamples(&self) -> usize {
        self.table.rows()
    }

    fn nfeatures(&self) -> usize {
        self.table.schema().features().len()
    }
}

/// Says which list each training row belongs to; its target is its gain.
///
/// # Errors
/// `Invalid` where lengths differ or a gain is below 0.
pub fn lists(data: Training, groups: Vec<usize>) -> Result<Lists, TabularError> {
    let rows = data.records.rows();
    require(groups.len() == rows, "groups", "one is wanted per row")?;
    let good = data.targets.iter().all(|gain| *gain >= 0.0);
    require(good, "targets", "a gain is below 0")?;
    let weights = data.weights().map(<[f32]>::to_vec);
    let table = data.records;
    let joined = DatasetBase::new(Grouped { table, groups }, data.targets);
    Ok(match weights {
        Some(weights) => joined.with_weights(Array1::from(weights)),
        None => joined,
    })
}

/// Returns the rows of lists without their lists.
#[must_use]
pub fn ungrouped(data: &Lists) -> Training {
    let rows = DatasetBase::new(data.records.table.clone(), data.targets.clone());
    match data.weights() {
        Some(weights) => rows.with_weights(Array1::from(weights.to_vec())),
        None => rows,
    }
}

/// Returns the rows at `rows`, in this order, each with its list.
#[must_use]
pub fn select_lists(data: &Lists, rows: &[usize]) -> Lists {
    let picked = select(&ungrouped(data), rows);
    let groups = rows.iter().map(|row| data.records.groups[*row]).collect();
    let weights = picked.weights().map(<[f32]>::to_vec);
    let records = Grouped {
        table: picked.records,
        groups,
    };
    let joined = DatasetBase::new(records, picked.targets);
    match weights {
        Some(weights) => joined.with_weights(Array1::from(weights)),
        None => joined,
    }
}
