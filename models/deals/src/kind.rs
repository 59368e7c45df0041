//! What is bought and sold.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A sort of deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A project that providers bid on.
    Project,
    /// A booking of a person's time.
    Booking,
    /// An introduction to a person.
    Intro,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Project, Self::Booking, Self::Intro];

    /// Returns the kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Booking => "booking",
            Self::Intro => "intro",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or("want project, booking or intro")
    }
}
