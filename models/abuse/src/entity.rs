//! Whom or what a sign of abuse is about.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A sort of thing that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A reverse auction.
    Project,
    /// A bid.
    Bid,
    /// A bidder.
    Provider,
    /// A buyer.
    Client,
    /// Someone whose time can be booked.
    Person,
    /// A booking of a person's time.
    Booking,
    /// An introduction.
    Intro,
    /// A company that asks to be listed.
    Submission,
    /// Bidders that act together.
    Ring,
}

impl EntityKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Project,
        Self::Bid,
        Self::Provider,
        Self::Client,
        Self::Person,
        Self::Booking,
        Self::Intro,
        Self::Submission,
        Self::Ring,
    ];

    /// Returns the kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Bid => "bid",
            Self::Provider => "provider",
            Self::Client => "client",
            Self::Person => "person",
            Self::Booking => "booking",
            Self::Intro => "intro",
            Self::Submission => "submission",
            Self::Ring => "ring",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EntityKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let all = Self::ALL.into_iter();
        all.into_iter().find(|kind| kind.as_str() == name).ok_or(())
    }
}

/// A thing of one tenant; written as `kind:id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Which one.
    pub id: String,
}

impl Entity {
    /// Names a thing.
    #[must_use]
    pub fn new(kind: EntityKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl FromStr for Entity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, id) = text.split_once(':').ok_or(())?;
        if id.is_empty() {
            return Err(());
        }
        Ok(Self::new(kind.parse()?, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_read_as_it_is_written() {
        for kind in EntityKind::ALL {
            let one = Entity::new(kind, "PRE-000001:a");
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        for malformed in ["", "provider", "provider:", "firm:1"] {
            assert_eq!(malformed.parse::<Entity>(), Err(()), "{malformed}");
        }
    }
}
