//! What a table looks like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Distinct, Sketch, sketch::Categories};

/// How many of the newest days of a time column are counted.
const NEWEST_DAYS: usize = 64;

/// What a table looks like: a function of its rows and not of their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows.
    pub rows: u64,
    /// By column, in the order of names.
    pub columns: BTreeMap<String, ColumnProfile>,
}

/// What a column looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Rows without a value; an empty list is none.
    pub nulls: u64,
    /// The smallest value, as text; none where there is no value, the column is about a person, or its values have no order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// The largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// How many different values there are, about.
    pub distinct: u64,
    /// What that estimate is made from.
    pub registers: Distinct,
    /// Of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Sketch>,
    /// Of texts and flags: rows by value; none where there are too many values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, u64>>,
    /// Of days and instants: rows by day since 1970-01-01, of the newest days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<BTreeMap<i32, u64>>,
}

/// An end of a column's values.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// Of numbers, and of days and instants as days or microseconds since 1970-01-01.
    Number(f64),
    /// Of texts, cut after 64 characters.
    Text(String),
}

impl Profile {
    /// Returns the share of rows of a column without a value; none where there is no row or no such column.
    #[must_use]
    pub fn null_share(&self, column: &str) -> Option<f64> {
        let nulls = self.columns.get(column)?.nulls;
        (self.rows > 0).then(|| nulls as f64 / self.rows as f64)
    }

    /// Adds the rows of another part of the same table.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        for (name, theirs) in &other.columns {
            match self.columns.get_mut(name) {
                Some(own) => own.merge(theirs),
                None => {
                    self.columns.insert(name.clone(), theirs.clone());
                }
            }
        }
    }
}

impl ColumnProfile {
    fn merge(&mut self, other: &Self) {
        self.nulls += other.nulls;
        lower(&mut self.min, other.min.clone());
        higher(&mut self.max, other.max.clone());
        self.registers.merge(&other.registers);
        self.distinct = self.registers.estimate();
        if let (Some(own), Some(theirs)) = (&mut self.numbers, &other.numbers) {
            own.merge(theirs);
        }
        let mut values = Categories(self.values.take());
        values.merge(&Categories(other.values.clone()));
        self.values = values.0;
        if let (Some(own), Some(theirs)) = (&mut self.days, &other.days) {
            theirs
                .iter()
                .for_each(|(day, rows)| *own.entry(*day).or_default() += rows);
            keep_newest(own);
        }
    }
}

/// Lowers a bound to a value.
pub(crate) fn lower(bound: &mut Option<Bound>, value: Option<Bound>) {
    if value.is_some() && (bound.is_none() || value < *bound) {
        *bound = value;
    }
}

/// Raises a bound to a value.
pub(crate) fn higher(bound: &mut Option<Bound>, value: Option<Bound>) {
    if value.is_some() && (bound.is_none() || value > *bound) {
        *bound = value;
    }
}

/// Forgets all but the newest days.
pub(crate) fn keep_newest(days: &mut BTreeMap<i32, u64>) {
    while days.len() > NEWEST_DAYS {
        days.pop_first();
    }
}
