//! What a column is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{ColumnId, Kind};

/// What a column is made of: columns, each with the ways in which it bears on it, and what comes from nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The sources.
    pub from: BTreeMap<ColumnId, BTreeSet<Kind>>,
    /// Literals and functions without a source, such as `'project'` and `row_number()`.
    pub made_of: BTreeSet<String>,
}

impl Flow {
    /// Returns the flow from one column.
    #[must_use]
    pub fn of(source: ColumnId, kind: Kind) -> Self {
        Self {
            from: BTreeMap::from([(source, BTreeSet::from([kind]))]),
            made_of: BTreeSet::new(),
        }
    }

    /// Returns the flow of a value that comes from no column.
    #[must_use]
    pub fn made(text: impl Into<String>) -> Self {
        Self {
            from: BTreeMap::new(),
            made_of: BTreeSet::from([text.into()]),
        }
    }

    /// Adds what another flow is made of.
    pub fn merge(&mut self, other: Self) {
        for (source, kinds) in other.from {
            self.from.entry(source).or_default().extend(kinds);
        }
        self.made_of.extend(other.made_of);
    }

    /// Returns the flow where its value is used in a way; what shapes others has no values of its own left.
    #[must_use]
    pub fn used_as(self, kind: Kind) -> Self {
        let after = |kinds: BTreeSet<Kind>| kinds.into_iter().map(|inner| kind.after(inner));
        let from = self.from.into_iter();
        Self {
            from: from
                .map(|(source, kinds)| (source, after(kinds).collect()))
                .collect(),
            made_of: match kind.is_direct() {
                true => self.made_of,
                false => BTreeSet::new(),
            },
        }
    }

    /// Returns the sources whose values are in the column.
    pub fn direct(&self) -> impl Iterator<Item = (&ColumnId, &BTreeSet<Kind>)> {
        let is_direct = |kinds: &BTreeSet<Kind>| kinds.iter().any(|kind| kind.is_direct());
        self.from.iter().filter(move |(_, kinds)| is_direct(kinds))
    }
}
