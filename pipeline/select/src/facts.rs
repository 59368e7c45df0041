//! What is known of jobs beyond the graph, where a selector asks for it.

use std::collections::{BTreeMap, BTreeSet};

/// A part of what a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its SELECT.
    Sql,
    /// The contract of its table: columns, key and rules, not descriptions.
    Contract,
    /// Its code, and that of the functions which it calls.
    Code,
    /// A setting of the project: rules, an experiment.
    Config,
    /// What the run was told or found on its machine, such as an encoder. Alone it modifies nothing.
    Environment,
}

impl Part {
    pub(crate) const NAMES: [(&'static str, Self); 5] = [
        ("sql", Self::Sql),
        ("contract", Self::Contract),
        ("code", Self::Code),
        ("config", Self::Config),
        ("environment", Self::Environment),
    ];
}

/// How a job stands against an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The run did not know it.
    New,
    /// What it is did not change.
    Same,
    /// These parts of it did.
    Changed(BTreeSet<Part>),
}

impl Standing {
    /// Says whether the job is another: it is new, or more than its environment changed.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        match self {
            Self::New => true,
            Self::Same => false,
            Self::Changed(parts) => parts.iter().any(|part| *part != Part::Environment),
        }
    }
}

/// How a job ended in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It made its output.
    Success,
    /// Nothing it depends on had changed.
    Skipped,
    /// It failed.
    Error,
    /// Something it reads failed.
    Blocked,
    /// It was not selected, and what it had made before was used.
    Held,
}

impl Outcome {
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("success", Self::Success),
        ("skipped", Self::Skipped),
        ("error", Self::Error),
        ("fail", Self::Error),
        ("blocked", Self::Blocked),
        ("held", Self::Held),
    ];
}

/// What is known of one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFacts {
    /// How it stands; none where nobody asked.
    pub standing: Option<Standing>,
    /// How it ended; none where the run has no record of it.
    pub outcome: Option<Outcome>,
    /// Whether its landing files are others than they were.
    pub is_fresher: bool,
}

/// What is known, by the name of the job.
pub type Facts = BTreeMap<String, JobFacts>;
