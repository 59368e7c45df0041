//! What is decided, and why.

use std::fmt;

/// What to do with a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It fares no worse: announce it to all.
    GoOn,
    /// Too little is known.
    Wait,
    /// It fares worse: take it away.
    RollBack,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoOn => "go on",
            Self::Wait => "wait",
            Self::RollBack => "roll back",
        })
    }
}

/// A decision and its reasons, as sentences with figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// Why; of a roll-back what is worse, of a wait what is missing, of going on what was compared.
    pub reasons: Vec<String>,
}

impl Verdict {
    /// Decides by what is worse, else by what is missing, else by what was compared.
    pub(crate) fn of(worse: Vec<String>, missing: Vec<String>, compared: Vec<String>) -> Self {
        let (decision, reasons) = match (worse.is_empty(), missing.is_empty()) {
            (false, _) => (Decision::RollBack, worse),
            (true, false) => (Decision::Wait, missing),
            (true, true) => (Decision::GoOn, compared),
        };
        Self { decision, reasons }
    }
}
