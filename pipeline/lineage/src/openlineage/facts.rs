//! What is to be told, as the ledger and the contracts have it.

use std::collections::BTreeMap;

use crate::Flow;

/// How a run or a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is not known to have ended.
    Running,
    /// It did what it was for.
    Complete,
    /// It failed, and why.
    Failed(String),
    /// It was killed, or what it reads failed.
    Aborted(String),
}

/// A run of a DAG.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The run, such as `2026-11-20.0001`.
    pub run: String,
    /// The DAG.
    pub dag: String,
    /// What the DAG is for.
    pub description: String,
    /// The DAG's file.
    pub source: String,
    /// The slot, a day: `2026-11-20`.
    pub slot: String,
    /// The day after it.
    pub slot_end: String,
    /// When it started, in RFC 3339.
    pub started_at: String,
    /// When it ended, or was last heard of.
    pub ended_at: String,
    /// How it ended.
    pub end: End,
    /// The namespace of its jobs.
    pub namespace: String,
    /// The lake's URL: the namespace of its datasets.
    pub lake: String,
    /// The version of the program.
    pub version: String,
    /// Its jobs that did not skip, in the order in which they started.
    pub jobs: Vec<JobFacts>,
}

/// A job of a run.
#[derive(Debug, Clone)]
pub struct JobFacts {
    /// The job.
    pub job: String,
    /// `QUERY` for SQL, `JOB` for Rust.
    pub kind: &'static str,
    /// Its SELECT, where it has one.
    pub sql: Option<String>,
    /// When it started.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// How it ended.
    pub end: End,
    /// What it read.
    pub inputs: Vec<DatasetFacts>,
    /// What it wrote, or would have.
    pub output: DatasetFacts,
}

/// A column of a dataset.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, as the contract says it.
    pub kind: String,
    /// What it means.
    pub description: String,
}

/// A claim on a dataset, and whether it held.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// The sort of claim, such as `not_null`.
    pub assertion: String,
    /// Its name.
    pub name: String,
    /// The column that it is about, where it is one.
    pub column: Option<String>,
    /// Whether nothing breaks it.
    pub is_success: bool,
    /// `error` where a break stops something, else `warn`.
    pub severity: &'static str,
    /// What was seen.
    pub actual: String,
}

/// A table or another thing that jobs read and write.
#[derive(Debug, Clone, Default)]
pub struct DatasetFacts {
    /// Its name, such as `gold.offers`.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Who answers for it.
    pub owner: String,
    /// Its columns.
    pub fields: Vec<Field>,
    /// The digest of its content, where it was made.
    pub version: Option<String>,
    /// Its rows, where they are counted.
    pub rows: Option<u64>,
    /// Its files, where they are counted.
    pub files: Option<u64>,
    /// What its columns are made of.
    pub columns: BTreeMap<String, Flow>,
    /// What decides which rows it has.
    pub shapes: Flow,
    /// What was claimed of it.
    pub assertions: Vec<Assertion>,
}
