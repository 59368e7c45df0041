//! Names of columns with their table.

use std::fmt;

use serde::{Serialize, Serializer};

/// The name that stands for the rows of a table, where a column counts them or a walk is over tables.
pub const ROWS: &str = "*";

/// A column of a table, or its rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId {
    /// The table, such as `gold.offers`.
    pub table: String,
    /// The column, or [`ROWS`].
    pub column: String,
}

impl ColumnId {
    /// Names a column.
    #[must_use]
    pub fn new(table: impl Into<String>, column: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            column: column.into(),
        }
    }

    /// Names the rows of a table.
    #[must_use]
    pub fn rows(table: impl Into<String>) -> Self {
        Self::new(table, ROWS)
    }

    /// Says whether it stands for the rows of its table.
    #[must_use]
    pub fn is_rows(&self) -> bool {
        self.column == ROWS
    }
}

impl fmt::Display for ColumnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

impl Serialize for ColumnId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
