//! What the site tells.

use lineage::{Lineage, SourceField};
use schemas::Contract;

/// A project as its site tells it.
#[derive(Debug)]
pub struct Site<'a> {
    /// Where each column comes from.
    pub lineage: &'a Lineage,
    /// Tables with a contract, by layer and name.
    pub tables: Vec<Table>,
    /// DAGs, by name.
    pub dags: Vec<Dag>,
    /// Source mappings, by set and name.
    pub mappings: Vec<SourceMapping>,
}

impl Site<'_> {
    pub(crate) fn has_page(&self, table: &str) -> bool {
        self.tables
            .iter()
            .any(|one| one.contract.table.to_string() == table)
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its contract.
    pub contract: Contract,
    /// The file that makes it, relative to the project, and what is in it; none where a job does.
    pub sql: Option<(String, String)>,
    /// What the last run that told of it said.
    pub audit: Option<Audit>,
    /// The DAGs that make it, by name.
    pub dags: Vec<String>,
}

/// What a run said of a table.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The run.
    pub run: String,
    /// When, for people.
    pub at: String,
    /// Whether the table was made then, else it was already there.
    pub is_made: bool,
    /// Its rows.
    pub rows: u64,
    /// Rows refused on the way to it.
    pub quarantined: u64,
    /// Each rule of its contract, with how many rows break it.
    pub gates: Vec<AuditGate>,
}

/// A rule, and how many rows break it.
#[derive(Debug, Clone)]
pub struct AuditGate {
    /// The rule.
    pub rule: String,
    /// How many rows.
    pub rows: u64,
}

/// A DAG.
#[derive(Debug, Clone)]
pub struct Dag {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it runs.
    pub schedule: String,
    /// In which zone.
    pub time_zone: String,
    /// How old its outcome may become.
    pub freshness: String,
    /// The set of source mappings.
    pub sources: String,
    /// What it is to make.
    pub targets: Vec<String>,
    /// Its jobs, each after what it reads: name, what it writes.
    pub jobs: Vec<(String, String)>,
}

/// A source mapping.
#[derive(Debug, Clone)]
pub struct SourceMapping {
    /// The set.
    pub set: String,
    /// Its name.
    pub name: String,
    /// What its source is.
    pub description: String,
    /// The landing table that it feeds.
    pub table: String,
    /// The files that it takes.
    pub files: Vec<String>,
    /// Where each column comes from.
    pub columns: Vec<(String, SourceField)>,
}
