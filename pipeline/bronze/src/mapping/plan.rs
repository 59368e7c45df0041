//! The plan of a file: which source field feeds which contract column, worked out once and applied to every record.

use std::collections::BTreeSet;

use schemas::{Column, Contract};
use serde_json::Value;

use super::{
    Mapping,
    compose::Composition,
    document::{ColumnSource, Keep},
    field::{Field, is_empty, split_list},
    path::Path,
};
use crate::{
    record::{Body, Cell, Fault, Record},
    typing::{self, Typed},
};

/// Unknown names kept for the report: a file whose keys are data would else fill the memory.
const MAX_UNKNOWN: usize = 200;

/// What `ignore` names for all columns that the mapping does not read.
const ALL: &str = "*";

/// How the records of one file become rows.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    columns: Vec<ColumnPlan<'a>>,
    keep: Vec<(Field, &'a Keep)>,
    known: BTreeSet<String>,
    unknown: BTreeSet<String>,
    /// Whether keys are noted as they come: JSON has no header.
    is_told_of_unknown: bool,
}

#[derive(Debug)]
struct ColumnPlan<'a> {
    column: &'a Column,
    source: Option<&'a ColumnSource>,
    /// How one value is made of all of `from`; without, the first that is not empty counts.
    composition: Option<Composition<'a>>,
    from: Vec<Field>,
    is_found: bool,
}

/// What becomes of a record.
#[derive(Debug)]
pub(crate) enum Outcome<'r> {
    /// A row, with the contract's columns in order.
    Accepted(Vec<Typed<'r>>),
    /// A record for quarantine.
    Rejected(Rejection),
    /// A record that the mapping does not want.
    NotSelected,
}

/// Why a record was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// The rule it breaks.
    pub(crate) rule: String,
    /// The contract column at fault, where there is one.
    pub(crate) column: Option<String>,
    /// The value at fault.
    pub(crate) value: Option<String>,
    /// Why, in a sentence.
    pub(crate) reason: String,
}

impl<'a> Plan<'a> {
    /// Works the plan out; `header` names the fields of CSV and Parquet, JSON has none.
    pub(crate) fn new(
        mapping: &'a Mapping,
        contract: &'a Contract,
        header: Option<&[String]>,
    ) -> Self {
        let document = mapping.document();
        let columns: Vec<_> = contract
            .columns
            .iter()
            .map(|column| {
                let source = document.columns.get(&column.name);
                let from = mapping.fields_of(&column.name);
                let from: Vec<_> = from.iter().map(|name| Field::new(name, header)).collect();
                let composition = source.and_then(Composition::of);
                let is_absent = |field: &Field| matches!(field, Field::Absent(_));
                let is_found = from.iter().any(|field| matches!(field, Field::Header(..)))
                    && !(composition.is_some() && from.iter().any(is_absent));
                ColumnPlan {
                    column,
                    source,
                    composition,
                    from,
                    is_found,
                }
            })
            .collect();
        let named = columns
            .iter()
            .flat_map(|plan| mapping.fields_of(&plan.column.name))
            .chain(document.keep.iter().map(|keep| keep.column.as_str()))
            .chain(document.ignore.iter().map(String::as_str));
        let known: BTreeSet<_> = named
            .flat_map(|name| [Path::parse(name).first_key().to_owned(), name.to_owned()])
            .collect();
        let is_told = !document.ignore.contains(ALL);
        let unknown = header.filter(|_| is_told).unwrap_or_default().iter();
        let unknown = unknown
            .filter(|name| !known.contains(*name))
            .cloned()
            .collect();
        Self {
            columns,
            keep: document
                .keep
                .iter()
                .map(|keep| (Field::new(&keep.column, header), keep))
                .collect(),
            known,
            unknown,
            is_told_of_unknown: is_told && header.is_none(),
        }
    }

    /// Returns source fields that the mapping neither reads nor ignores.
    pub(crate) fn unknown_columns(&self) -> Vec<String> {
        self.unknown.iter().cloned().collect()
    }

    /// Returns contract columns whose source fields the file does not have at all.
    pub(crate) fn missing_columns(&self) -> Vec<String> {
        let missing = self
            .columns
            .iter()
            .filter(|plan| !plan.from.is_empty() && !plan.is_found);
        missing.map(|plan| plan.column.name.clone()).collect()
    }

    /// Says whether the file offers at least one of the fields that the mapping reads.
    pub(crate) fn is_plausible(&self) -> bool {
        let mut reading = self.columns.iter().filter(|plan| !plan.from.is_empty());
        let has_one = |plan: &ColumnPlan<'_>| {
            plan.is_found
                || plan
                    .from
                    .iter()
                    .any(|field| matches!(field, Field::Header(..)))
        };
        reading.clone().next().is_none() || reading.any(has_one)
    }

    /// Maps and types one record.
    pub(crate) fn apply<'r>(&mut self, record: &Record<'r>) -> Outcome<'r>
    where
        'a: 'r,
    {
        if let Body::Broken { rule, reason } = &record.body {
            return Outcome::Rejected(Rejection {
                rule: (*rule).to_owned(),
                column: None,
                value: None,
                reason: reason.clone(),
            });
        }
        if let Body::Object(object) = record.body {
            self.note_keys(object);
        }
        let is_kept = self
            .keep
            .iter()
            .all(|(field, keep)| keep.values.contains(&*field.text(&record.body)));
        if !is_kept {
            return Outcome::NotSelected;
        }
        let mut row = Vec::with_capacity(self.columns.len());
        let mut faults = Vec::new();
        for plan in &mut self.columns {
            match plan.value(&record.body) {
                Ok(value) => row.push(value),
                Err(fault) => faults.push((&plan.column.name, fault)),
            }
        }
        match reject(faults) {
            None => Outcome::Accepted(row),
            Some(rejection) => Outcome::Rejected(rejection),
        }
    }

    fn note_keys(&mut self, object: &Value) {
        if !self.is_told_of_unknown || self.unknown.len() >= MAX_UNKNOWN {
            return;
        }
        for key in object.as_object().into_iter().flat_map(|map| map.keys()) {
            if !self.known.contains(key) && !self.unknown.contains(key) {
                self.unknown.insert(key.clone());
            }
        }
    }
}

/// One rejection for a record: the first column at fault gives the rule, the reason names them all.
fn reject(faults: Vec<(&String, Fault)>) -> Option<Rejection> {
    let reasons: Vec<_> = faults
        .iter()
        .map(|(column, fault)| format!("{column}: {}", fault.reason))
        .collect();
    let (column, fault) = faults.into_iter().next()?;
    Some(Rejection {
        rule: format!("type_{column}"),
        column: Some(column.clone()),
        value: Some(fault.value),
        reason: reasons.join("; "),
    })
}

impl<'a> ColumnPlan<'a> {
    fn value<'r>(&mut self, body: &Body<'r>) -> Result<Typed<'r>, Fault>
    where
        'a: 'r,
    {
        let kind = self.column.kind;
        let mut cell = match self.composition {
            Some(composition) => self.compose(composition, body)?,
            None => self.first(body)?,
        };
        let Some(source) = self.source else {
            return typing::parse(kind, split_list(cell, kind, body, None));
        };
        if let Some(constant) = &source.constant {
            cell = Cell::Text(constant.0.as_str().into());
        }
        cell = split_list(cell, kind, body, source.split.as_deref());
        cell = source.transform(cell)?;
        match &source.default {
            Some(default) if is_empty(&cell) => {
                typing::parse(kind, Cell::Text(default.0.as_str().into()))
            }
            _ => typing::parse(kind, cell),
        }
    }

    fn first<'r>(&mut self, body: &Body<'r>) -> Result<Cell<'r>, Fault> {
        let mut cell = Cell::Null;
        for field in &self.from {
            let (found, is_found) = field.read(body, self.column.kind)?;
            self.is_found |= is_found;
            cell = found;
            if !is_empty(&cell) {
                break;
            }
        }
        Ok(cell)
    }

    fn compose<'r>(
        &mut self,
        composition: Composition<'a>,
        body: &Body<'r>,
    ) -> Result<Cell<'r>, Fault>
    where
        'a: 'r,
    {
        let cell = composition.read(&self.from, body)?;
        self.is_found |= cell != Cell::Null;
        Ok(cell)
    }
}
