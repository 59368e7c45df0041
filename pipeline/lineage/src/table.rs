//! What is known of one table.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{ColumnId, Flow, Kind};

/// Who makes a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// Nobody here: its files land.
    Landing,
    /// The decoder, one row for one record.
    Decoder,
    /// A SQL file.
    Sql,
    /// A job in Rust.
    Job,
}

/// How a source mapping feeds a landing column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceField {
    /// The mapping, such as `open_data/offers`.
    pub mapping: String,
    /// The source's fields; none where the value is a constant.
    pub fields: Vec<String>,
    /// What is done with them, in a few words; empty where they are taken as they are.
    pub steps: String,
}

/// What is known of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableLineage {
    /// The table, or another thing that jobs make, such as `models.text_vectors`.
    pub table: String,
    /// Who makes it.
    pub maker: Maker,
    /// The tables that it is made of.
    pub reads: BTreeSet<String>,
    /// What each column is made of; none where its maker does not say. Columns that are missing are not known.
    pub columns: Option<BTreeMap<String, Flow>>,
    /// The columns that decide which rows there are, for all columns alike.
    pub shapes: BTreeMap<ColumnId, BTreeSet<Kind>>,
    /// Where the mappings take each column from, for a landing table.
    pub fields: BTreeMap<String, Vec<SourceField>>,
    /// The columns that its contract has, in order.
    pub declared: Vec<String>,
}

impl TableLineage {
    /// Begins a table of which nothing is known but its maker.
    #[must_use]
    pub fn new(table: impl Into<String>, maker: Maker) -> Self {
        Self {
            table: table.into(),
            maker,
            reads: BTreeSet::new(),
            columns: None,
            shapes: BTreeMap::new(),
            fields: BTreeMap::new(),
            declared: Vec::new(),
        }
    }

    /// Returns what a column, or the rows, are made of; none where that is not known.
    #[must_use]
    pub fn flow(&self, column: &ColumnId) -> Option<Flow> {
        if !column.is_rows() {
            return self.columns.as_ref()?.get(&column.column).cloned();
        }
        let mut flow = Flow::default();
        for table in &self.reads {
            flow.merge(Flow::of(ColumnId::rows(table), Kind::Identity));
        }
        Some(flow)
    }
}
