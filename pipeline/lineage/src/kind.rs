//! How one column bears on another, in the words of OpenLineage's column lineage facet.

use serde::{Deserialize, Serialize};

/// How a source bears on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The value as it is.
    Identity,
    /// A value worked out of one row's values.
    Transformation,
    /// A value worked out of many rows' values.
    Aggregation,
    /// The source decides which rows meet.
    Join,
    /// The source decides which rows are counted together.
    GroupBy,
    /// The source decides which rows stay.
    Filter,
    /// The source decides the order of rows.
    Sort,
    /// The source decides which rows a window looks at, or in which order.
    Window,
    /// The source decides which of several values is taken.
    Conditional,
}

impl Kind {
    /// Says whether values of the source are in the column, or it only shapes it.
    #[must_use]
    pub const fn is_direct(self) -> bool {
        matches!(
            self,
            Self::Identity | Self::Transformation | Self::Aggregation
        )
    }

    /// Returns what `inner` becomes where its result is used in the way of `self`: what only shaped stays so, what is shaped with
    /// is that, and of two direct ways the one that loses more counts.
    #[must_use]
    pub fn after(self, inner: Self) -> Self {
        match (self.is_direct(), inner.is_direct()) {
            (true, true) => self.max(inner),
            (true, false) => inner,
            (false, _) => self,
        }
    }

    /// Returns the kind as text, such as `group_by`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Transformation => "transformation",
            Self::Aggregation => "aggregation",
            Self::Join => "join",
            Self::GroupBy => "group_by",
            Self::Filter => "filter",
            Self::Sort => "sort",
            Self::Window => "window",
            Self::Conditional => "conditional",
        }
    }
}
