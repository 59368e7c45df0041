//! Takes a table's profile from its rows as they pass.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType},
};
use schemas::{Column, ColumnKind, Contract, Pii};

use crate::{
    Distinct, Sketch,
    distinct::hash,
    profile::{Bound, ColumnProfile, Profile, higher, keep_newest, lower},
    sketch::Categories,
};

/// Longer texts are cut before they are kept as bounds.
const LONGEST: usize = 64;
/// Longer texts are no categories.
const LONGEST_CATEGORY: usize = 128;
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// A profile on its way.
#[derive(Debug)]
pub struct Profiler {
    rows: u64,
    columns: Vec<(String, ColumnProfiler)>,
}

#[derive(Debug)]
struct ColumnProfiler {
    kind: ColumnKind,
    is_personal: bool,
    nulls: u64,
    min: Option<Bound>,
    max: Option<Bound>,
    registers: Distinct,
    numbers: Sketch,
    values: Categories,
    days: BTreeMap<i32, u64>,
}

impl Profiler {
    /// Starts the profile of a table without rows.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        let columns = contract.columns.iter();
        Self {
            rows: 0,
            columns: columns
                .map(|column| (column.name.clone(), ColumnProfiler::new(column)))
                .collect(),
        }
    }

    /// Adds rows: the contract's columns, in order and of the contract's types.
    pub fn add(&mut self, columns: &[ArrayRef]) {
        self.rows += columns.first().map_or(0, |column| column.len() as u64);
        for ((_, profiler), column) in self.columns.iter_mut().zip(columns) {
            profiler.add(column.as_ref());
        }
    }

    /// Returns the profile of all rows added.
    #[must_use]
    pub fn finish(self) -> Profile {
        let columns = self.columns.into_iter();
        Profile {
            rows: self.rows,
            columns: columns.map(|(name, one)| (name, one.finish())).collect(),
        }
    }
}

impl ColumnProfiler {
    fn new(column: &Column) -> Self {
        let is_personal = column.pii != Pii::None;
        let is_counted = column.kind.is_category() && !is_personal;
        Self {
            kind: column.kind,
            is_personal,
            nulls: 0,
            min: None,
            max: None,
            registers: Distinct::default(),
            numbers: Sketch::default(),
            values: Categories(is_counted.then(BTreeMap::new)),
            days: BTreeMap::new(),
        }
    }

    fn add(&mut self, array: &dyn Array) {
        self.nulls += array.null_count() as u64;
        match self.kind {
            ColumnKind::String | ColumnKind::Json => {
                let Some(texts) = array.as_string_opt::<i32>() else {
                    return;
                };
                texts.iter().flatten().for_each(|text| self.text(text));
            }
            ColumnKind::Int | ColumnKind::Cents => {
                let Some(numbers) = array.as_primitive_opt::<Int64Type>() else {
                    return;
                };
                numbers.iter().flatten().for_each(|number| {
                    self.number(number as f64, number as u64);
                });
            }
            ColumnKind::Float => {
                let Some(numbers) = array.as_primitive_opt::<Float64Type>() else {
                    return;
                };
                numbers
                    .iter()
                    .flatten()
                    .for_each(|number| self.number(number, number.to_bits()));
            }
            ColumnKind::Bool => {
                let Some(flags) = array.as_boolean_opt() else {
                    return;
                };
                let yes = flags.true_count() as u64;
                let no = (flags.len() - flags.null_count()) as u64 - yes;
                for (flag, rows) in [("false", no), ("true", yes)] {
                    if rows > 0 {
                        self.registers.add(hash(flag.as_bytes()));
                        self.values.add(flag, rows);
                    }
                }
            }
            ColumnKind::Date => {
                let Some(days) = array.as_primitive_opt::<Date32Type>() else {
                    return;
                };
                days.iter()
                    .flatten()
                    .for_each(|day| self.time(i64::from(day), day));
            }
            ColumnKind::Timestamp => {
                let Some(times) = array.as_primitive_opt::<TimestampMicrosecondType>() else {
                    return;
                };
                times.iter().flatten().for_each(|time| {
                    let day = time.div_euclid(MICROSECONDS_A_DAY);
                    self.time(time, i32::try_from(day).unwrap_or(i32::MAX));
                });
            }
            ColumnKind::Strings | ColumnKind::Floats => self.lists(array),
        }
    }

    fn lists(&mut self, array: &dyn Array) {
        let Some(lists) = array.as_list_opt::<i32>() else {
            return;
        };
        for row in 0..lists.len() {
            if lists.is_valid(row) && lists.value_length(row) == 0 {
                self.nulls += 1;
            } else if lists.is_valid(row) {
                let items = lists.value(row);
                let mut state = 0;
                if let Some(texts) = items.as_string_opt::<i32>() {
                    texts.iter().for_each(|text| {
                        state = hash(text.unwrap_or("\0").as_bytes()) ^ u64::rotate_left(state, 7);
                    });
                } else if let Some(numbers) = items.as_primitive_opt::<Float64Type>() {
                    numbers.iter().for_each(|number| {
                        let bits = number.map_or(u64::MAX, f64::to_bits);
                        state = hash(&bits.to_le_bytes()) ^ u64::rotate_left(state, 7);
                    });
                }
                self.registers.add(hash(&state.to_le_bytes()));
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.registers.add(hash(text.as_bytes()));
        if self.is_personal {
            return;
        }
        match text.len() <= LONGEST_CATEGORY {
            true => self.values.add(text, 1),
            false => self.values.0 = None,
        }
        let cut: &str = match text.char_indices().nth(LONGEST) {
            Some((end, _)) => &text[..end],
            None => text,
        };
        let is_new = |bound: &Option<Bound>, order: std::cmp::Ordering| match bound {
            Some(Bound::Text(known)) => cut.cmp(known.as_str()) == order,
            _ => true,
        };
        if is_new(&self.min, std::cmp::Ordering::Less) {
            self.min = Some(Bound::Text(cut.to_owned()));
        }
        if is_new(&self.max, std::cmp::Ordering::Greater) {
            self.max = Some(Bound::Text(cut.to_owned()));
        }
    }

    fn number(&mut self, number: f64, bits: u64) {
        self.registers.add(hash(&bits.to_le_bytes()));
        if !number.is_finite() || self.is_personal {
            return;
        }
        self.numbers.add(number);
        lower(&mut self.min, Some(Bound::Number(number)));
        higher(&mut self.max, Some(Bound::Number(number)));
    }

    fn time(&mut self, value: i64, day: i32) {
        self.registers.add(hash(&value.to_le_bytes()));
        *self.days.entry(day).or_default() += 1;
        keep_newest(&mut self.days);
        if !self.is_personal {
            lower(&mut self.min, Some(Bound::Number(value as f64)));
            higher(&mut self.max, Some(Bound::Number(value as f64)));
        }
    }

    fn finish(self) -> ColumnProfile {
        ColumnProfile {
            nulls: self.nulls,
            min: self.min,
            max: self.max,
            distinct: self.registers.estimate(),
            registers: self.registers,
            numbers: self.kind.is_number().then_some(self.numbers),
            values: self.values.0,
            days: self.kind.is_time().then_some(self.days),
        }
    }
}
