//! What a run's report tells.

use std::collections::BTreeMap;

/// How a run or a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// It made its output.
    #[default]
    Made,
    /// Its output was already there.
    Skipped,
    /// It failed.
    Failed,
    /// Something it reads failed.
    Blocked,
    /// It failed, or a gate refused its output: an earlier one stands in its place.
    CarriedOver,
    /// Somebody asked that it end.
    Cancelled,
    /// It has not ended, or was killed.
    Running,
    /// Every target was reached.
    Succeeded,
}

impl State {
    /// Returns its class of style.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Blocked | Self::CarriedOver | Self::Cancelled => "blocked",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
        }
    }

    /// Returns it as a word, with a sign, so that colour is not all that tells it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Made => "✓ made",
            Self::Skipped => "↷ skipped",
            Self::Failed => "✗ failed",
            Self::Blocked => "! blocked",
            Self::CarriedOver => "! carried over",
            Self::Cancelled => "× cancelled",
            Self::Running => "… not ended",
            Self::Succeeded => "✓ succeeded",
        }
    }
}

/// A run.
#[derive(Debug, Clone, Default)]
pub struct RunView {
    /// The run, such as `2026-11-20.0001`.
    pub run: String,
    /// The DAG.
    pub dag: String,
    /// What the DAG is for.
    pub description: String,
    /// The slot.
    pub slot: String,
    /// How it ended.
    pub state: State,
    /// The snapshot announced at its end.
    pub snapshot: Option<String>,
    /// When it started, for people.
    pub started_at: String,
    /// Wall time.
    pub elapsed_ms: u64,
    /// Largest resident memory.
    pub peak_memory_bytes: Option<u64>,
    /// The version of the program.
    pub version: String,
    /// The lake.
    pub lake: String,
    /// Its jobs, in the order in which they ran.
    pub jobs: Vec<Job>,
    /// What the gates said of the snapshot.
    pub gates: Vec<Gate>,
    /// Refused rows by table and rule.
    pub refused: Vec<RuleRows>,
    /// Rows that break a rule and stay, by table and rule.
    pub warned: Vec<RuleRows>,
    /// How the snapshot differs from its parent; none where there is none to compare with.
    pub changes: Option<Vec<TableChange>>,
    /// The columns that moved most, where profiles of them are kept.
    pub drift: Vec<Drift>,
    /// The run that tables are compared with.
    pub compared_with: Option<String>,
}

/// A job of a run.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Its name.
    pub job: String,
    /// The layer of what it writes: `bronze`, `silver`, `gold`, `models`, `snapshot`.
    pub layer: String,
    /// How it ended.
    pub state: State,
    /// Why it ran, was skipped, or failed.
    pub reason: String,
    /// What it writes.
    pub writes: String,
    /// What it reads.
    pub reads: Vec<String>,
    /// Since the run started; none where the ledger does not say.
    pub started_ms: Option<u64>,
    /// Wall time.
    pub elapsed_ms: u64,
    /// Largest resident memory of the program when it ended.
    pub peak_memory_bytes: Option<u64>,
    /// Rows by what became of them.
    pub rows: BTreeMap<String, u64>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Job {
    /// Returns the rows of a kind.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        self.rows.get(kind).copied().unwrap_or(0)
    }
}

/// What a gate said.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The gate.
    pub name: String,
    /// Whether it lets the snapshot pass.
    pub is_passed: bool,
    /// What it saw.
    pub detail: String,
}

/// Rows of a table that break a rule.
#[derive(Debug, Clone)]
pub struct RuleRows {
    /// The table.
    pub table: String,
    /// The rule.
    pub rule: String,
    /// How many.
    pub rows: u64,
}

/// How a table of the snapshot differs from that of the one before.
#[derive(Debug, Clone)]
pub struct TableChange {
    /// The table.
    pub table: String,
    /// Its rows before; none where it is new.
    pub before: Option<u64>,
    /// Its rows now; none where it is gone.
    pub now: Option<u64>,
}

/// How a column moved since the run before.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What its gate saw, as a sentence with figures.
    pub detail: String,
    /// Whether that is over the gate's limit.
    pub is_over: bool,
    /// Whether its values have an order, as numbers do.
    pub is_ordered: bool,
    /// Rows of the table then and now.
    pub rows: [u64; 2],
    /// Its values, in their order or by frequency.
    pub bars: Vec<Bar>,
}

/// A stretch of a column's values, or one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is called.
    pub label: String,
    /// The share of rows that were there, in [0, 1].
    pub was: f64,
    /// The share of rows that are there, in [0, 1].
    pub is: f64,
}
