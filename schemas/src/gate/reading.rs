//! What gates said.

use serde::{Deserialize, Serialize};

use crate::Action;

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within bounds.
    Passed,
    /// Nothing to compare with, or too few rows to tell.
    Untold,
    /// Out of bounds, and reported only.
    Warned,
    /// Out of bounds.
    Failed,
}

/// What one gate read off a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReading {
    /// The table.
    pub table: String,
    /// The check, as contracts write it; `rule <name>` is a rule's count.
    pub check: String,
    /// The column, where it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was measured; none where nothing could be.
    pub value: Option<f64>,
    /// The limit that decided; none where there is none.
    pub threshold: Option<f64>,
    /// How it ended.
    pub verdict: Verdict,
    /// What happens where it is out of bounds.
    pub action: Action,
    /// What it saw, as a sentence with figures.
    pub detail: String,
}

impl GateReading {
    /// Returns what the gate is called: `null_share silver.offers.salary_label`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.column {
            Some(column) => format!("{} {}.{column}", self.check, self.table),
            None => format!("{} {}", self.check, self.table),
        }
    }

    /// Says whether it is the count of a rule.
    #[must_use]
    pub fn is_of_rule(&self) -> bool {
        self.check.starts_with("rule ")
    }

    /// Says whether it failed and its action is this one.
    #[must_use]
    pub fn demands(&self, action: Action) -> bool {
        self.verdict == Verdict::Failed && self.action == action
    }
}

/// That an earlier artefact stands in the place of tonight's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOver {
    /// The first slot without an artefact of its own.
    pub since: crate::Slot,
    /// How many nights that is, this one included.
    pub nights: u32,
    /// The run whose artefact it is.
    pub run: String,
    /// The fingerprint of that artefact.
    pub fingerprint: String,
    /// Why tonight's was not used.
    pub reason: String,
}
