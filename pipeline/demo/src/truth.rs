//! The ground-truth file: JSON lines that only tests read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::DemoError;

/// One line of the truth file; `kind` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each field is named as the landing column that it holds"
)]
pub enum Truth {
    /// What a table holds in all. `rows = kept + superseded + bad_bronze + bad_silver`.
    Table {
        table: String,
        files: u64,
        rows: u64,
        bad_bronze: u64,
        bad_silver: u64,
        superseded: u64,
        kept: u64,
    },
    /// A row that must be in quarantine of `layer` under `rule`. `line` counts as `_line` does.
    BadRow {
        table: String,
        file: String,
        line: u64,
        key: Vec<String>,
        layer: String,
        rule: String,
    },
    /// A key that was sent twice; the row updated at `kept_updated_at` must be kept.
    Superseded {
        table: String,
        key: Vec<String>,
        kept_updated_at: String,
    },
    /// A file that cannot be decoded; none of its rows may be ingested.
    TruncatedFile { table: String, file: String },
    /// A file with the same content as `original`; it must not be ingested a second time.
    DuplicateFile {
        table: String,
        file: String,
        original: String,
    },
    /// Providers that share `projects`: `winner` wins, the others bid higher on purpose.
    CoverRing {
        tenant: String,
        providers: Vec<String>,
        projects: Vec<String>,
        winner: String,
    },
    /// Providers that win `projects` in turn.
    RotationRing {
        tenant: String,
        providers: Vec<String>,
        projects: Vec<String>,
    },
    /// A provider that bids far below the fair price on `projects`.
    Dumping {
        tenant: String,
        provider: String,
        projects: Vec<String>,
    },
    /// Accounts made in one burst, with near-duplicate texts.
    SpamAccounts {
        tenant: String,
        providers: Vec<String>,
        companies: Vec<String>,
        projects: Vec<String>,
        submissions: Vec<String>,
    },
    /// A client that sends near-duplicate introduction requests in one burst.
    SpamClient {
        tenant: String,
        client: String,
        intros: Vec<String>,
    },
    /// A closed painting project whose budget is a fraction of the fair price.
    UnderpricedProject {
        tenant: String,
        project: String,
        category: String,
        budget_cents: i64,
        fair_price_cents: i64,
    },
    /// The same, still open: its chance can be asked for now.
    OpenUnderpricedProject {
        tenant: String,
        project: String,
        category: String,
        budget_cents: i64,
        fair_price_cents: i64,
    },
    /// A recent introduction, unanswered, offered at a fraction of its fair price.
    UnderpricedIntro {
        tenant: String,
        intro: String,
        price_cents: i64,
        fair_price_cents: i64,
    },
    /// Requests for a know-how that no concept names, by callers who differ.
    UnmetDemand {
        tenant: String,
        text: String,
        requests: Vec<String>,
    },
    /// People who often do not show up.
    NoShowPeople { tenant: String, people: Vec<String> },
    /// Concepts of a company: those its text mentions and those it claims (first unit only).
    KnowHow {
        tenant: String,
        company: String,
        mentioned: Vec<String>,
        claimed: Vec<String>,
    },
}

/// Writer of the truth file.
pub(crate) struct TruthWriter {
    path: PathBuf,
    out: Box<dyn Write>,
    pub(crate) lines: u64,
}

impl TruthWriter {
    pub(crate) fn create(path: &Path) -> Result<Self, DemoError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(DemoError::io(folder))?;
        }
        let file = File::create(path).map_err(DemoError::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            out: Box::new(BufWriter::new(file)),
            lines: 0,
        })
    }

    /// Returns a writer whose truths nobody reads.
    pub(crate) fn nowhere() -> Self {
        Self {
            path: PathBuf::new(),
            out: Box::new(std::io::sink()),
            lines: 0,
        }
    }

    pub(crate) fn write(&mut self, truth: &Truth) -> Result<(), DemoError> {
        self.lines += 1;
        serde_json::to_writer(&mut self.out, truth)
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(DemoError::io(&self.path))
    }

    pub(crate) fn finish(mut self) -> Result<u64, DemoError> {
        self.out.flush().map_err(DemoError::io(&self.path))?;
        Ok(self.lines)
    }
}
