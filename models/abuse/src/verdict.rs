//! What people decided of cases.

use std::{collections::BTreeSet, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a person found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is abuse.
    Confirmed,
    /// It is not, on the evidence that was there.
    Cleared,
}

impl Verdict {
    /// Returns the verdict's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cleared => "cleared",
        }
    }
}

impl FromStr for Verdict {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "confirmed" => Ok(Self::Confirmed),
            "cleared" => Ok(Self::Cleared),
            _ => Err(()),
        }
    }
}

/// A verdict, and what it was given on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was found.
    pub verdict: Verdict,
    /// The evidence that was looked at, each as `kind:id`.
    pub evidence: BTreeSet<String>,
}
