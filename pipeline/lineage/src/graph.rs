//! The graph of all tables, and names looked up in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ColumnId, Kind, Maker, TableLineage, nearest};

/// Names that are offered where one is not known.
const OFFERED: usize = 3;

/// A name that is neither a table nor a column. Ask again with one of those that the message offers.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{message}")]
pub struct UnknownName {
    message: String,
}

/// The graph of all tables and their columns.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    tables: BTreeMap<String, TableLineage>,
    /// What reads a column, and how: its direct readers, and those that it shapes.
    readers: BTreeMap<ColumnId, BTreeMap<ColumnId, BTreeSet<Kind>>>,
}

impl Lineage {
    /// Puts tables together.
    #[must_use]
    pub fn new(tables: impl IntoIterator<Item = TableLineage>) -> Self {
        let tables = tables.into_iter().map(|one| (one.table.clone(), one));
        let mut lineage = Self {
            tables: tables.collect(),
            readers: BTreeMap::new(),
        };
        let mut readers: BTreeMap<ColumnId, BTreeMap<ColumnId, BTreeSet<Kind>>> = BTreeMap::new();
        let mut add = |source: &ColumnId, reader: ColumnId, kinds: &BTreeSet<Kind>| {
            let by_reader = readers.entry(source.clone()).or_default();
            by_reader.entry(reader).or_default().extend(kinds);
        };
        for table in lineage.tables.values() {
            for (column, flow) in table.columns.iter().flatten() {
                for (source, kinds) in &flow.from {
                    add(source, ColumnId::new(&table.table, column), kinds);
                }
            }
            for (source, kinds) in &table.shapes {
                add(source, ColumnId::rows(&table.table), kinds);
            }
            for read in &table.reads {
                let rows = BTreeSet::from([Kind::Identity]);
                add(&ColumnId::rows(read), ColumnId::rows(&table.table), &rows);
            }
        }
        lineage.readers = readers;
        lineage
    }

    /// Returns every table, by name.
    pub fn tables(&self) -> impl Iterator<Item = &TableLineage> {
        self.tables.values()
    }

    /// Returns what is known of a table.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableLineage> {
        self.tables.get(name)
    }

    /// Returns what reads a column, or the rows of a table, and how.
    #[must_use]
    pub fn readers(&self, id: &ColumnId) -> BTreeMap<ColumnId, BTreeSet<Kind>> {
        self.readers.get(id).cloned().unwrap_or_default()
    }

    /// Finds a column by `<table>.<column>`, or the rows of a table by its name.
    ///
    /// # Errors
    /// There is no such table or column; the message offers those that may be meant.
    pub fn find(&self, name: &str) -> Result<ColumnId, UnknownName> {
        if self.tables.contains_key(name) {
            return Ok(ColumnId::rows(name));
        }
        if let Some((table, column)) = name.rsplit_once('.')
            && let Some(known) = self.tables.get(table)
        {
            let id = ColumnId::new(table, column);
            let is_known = known.declared.iter().any(|one| one == column)
                || known.columns.iter().any(|all| all.contains_key(column));
            if is_known || id.is_rows() {
                return Ok(id);
            }
            if known.maker == Maker::Job && known.declared.is_empty() {
                return Err(unknown(format!(
                    "{table} is no table: it has no column {column}; ask for {table}"
                )));
            }
            let declared: Vec<&str> = known.declared.iter().map(String::as_str).collect();
            let meant = nearest(column, declared.iter().copied(), OFFERED);
            let offered = match meant.is_empty() {
                true => format!(": it has {}", declared.join(", ")),
                false => offer(&meant),
            };
            return Err(unknown(format!("{table} has no column {column}{offered}")));
        }
        // The table is meant: by its whole name, or by its own name in another layer.
        let typed = match name.split('.').count() {
            0..=2 => name,
            _ => name.rsplit_once('.').map_or(name, |(table, _)| table),
        };
        let own = typed.rsplit_once('.').map_or(typed, |(_, own)| own);
        let names = || self.tables.keys().map(String::as_str);
        let mut meant = nearest(typed, names(), OFFERED);
        if meant.is_empty() {
            let owns = |known: &&str| known.rsplit_once('.').is_some_and(|(_, last)| last == own);
            meant = names().filter(owns).take(OFFERED).collect();
        }
        Err(unknown(format!(
            "no table is called {typed}{}",
            offer(&meant)
        )))
    }
}

fn unknown(message: String) -> UnknownName {
    UnknownName { message }
}

fn offer(meant: &[&str]) -> String {
    match meant {
        [] => ": `pipeline contracts list` shows the tables".to_owned(),
        meant => format!(": did you mean {}?", meant.join(", ")),
    }
}
