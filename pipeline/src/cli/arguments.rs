//! What may be said on the command line.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use lake::{Lake, LakeError};
use schemas::{Environment, Slot};

use super::{
    after::AfterArguments,
    alerts::AlertsArguments,
    arms::ArmsArguments,
    backfill::BackfillArguments,
    backup::{BackupArguments, RestoreArguments},
    bi::BiArguments,
    cases::CasesArguments,
    curation::CurationArguments,
    docs::DocsArguments,
    env::{EnvArguments, PromoteArguments},
    export::ExportArguments,
    gates::GatesArguments,
    gc::GcArguments,
    lineage::LineageArguments,
    quarantine::QuarantineArguments,
    report::ReportArguments,
    run::ChoiceArguments,
    runs::RunsArguments,
    schedule::ScheduleArguments,
    snapshot::SnapshotArguments,
    test::{CreateTestArguments, TestArguments},
};

/// Makes MarketLounge's data: landing files to bronze, silver, gold, vectors, and one announced snapshot.
///
/// A first night, from nothing:
///
///   pipeline demo --landing data/landing
///   pipeline run nightly
///   serve --lake data
///
/// The same command run again does only what is left to do, and says why the rest is skipped.
#[derive(Debug, Parser)]
#[command(
    name = "pipeline",
    version,
    verbatim_doc_comment,
    after_help = "Exit codes: 0 done · 1 a job or command failed · 2 wrong usage · 3 a gate refused the snapshot \
                  (the announced one stays) · 4 a snapshot is damaged · 5 the store failed, trying again may help · \
                  6 another run is at work on the lake · 7 the run was cancelled · 8 too little is known of the canary"
)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The project: the folder that holds schemas/ and dags/. Found from the current folder upwards unless named.
    #[arg(
        long,
        global = true,
        env = "MARKETLOUNGE_PROJECT",
        value_name = "FOLDER"
    )]
    pub(crate) project: Option<PathBuf>,
    /// Print JSON lines on standard output, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What is logged on standard error: a level, or filters such as `info,datafusion=warn`.
    #[arg(
        long,
        global = true,
        env = "MARKETLOUNGE_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    pub(crate) log: String,
    /// Log lines for people, or JSON for a collector.
    #[arg(
        long,
        global = true,
        env = "MARKETLOUNGE_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub(crate) log_format: LogFormat,
}

impl Common {
    pub(crate) fn output(&self) -> Output {
        if self.json {
            Output::Json
        } else {
            Output::Text
        }
    }
}

/// How a command prints its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Text for people.
    Text,
    /// JSON lines.
    Json,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For a collector.
    Json,
}

impl LogFormat {
    /// Returns the format as `--log-format` takes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a DAG to its targets: do what is left to do, skip the rest and say why.
    Run(RunArguments),
    /// Show what `run` would do, and why, without doing it: rows and time as they were last, and what would be announced.
    Plan(RunArguments),
    // Its help is that of its arguments.
    Backfill(BackfillArguments),
    // Its help is that of its arguments.
    Env(EnvArguments),
    // Its help is that of its arguments.
    Promote(PromoteArguments),
    // Its help is that of its arguments.
    Schedule(ScheduleArguments),
    /// Look at past runs: how they ended, why each job ran or was skipped, which days are missing.
    Runs(RunsArguments),
    /// Write the demo market: raw landing files of a plausible French industrial marketplace.
    Demo(DemoArguments),
    /// List, check or render the contracts of the tables.
    Contracts(ContractsArguments),
    /// Look at snapshots, and verify every byte of one.
    Snapshot(SnapshotArguments),
    // Its help is that of its arguments.
    Gc(GcArguments),
    // Their help is that of their arguments.
    Backup(BackupArguments),
    Restore(RestoreArguments),
    // Its help is that of its arguments.
    Gates(GatesArguments),
    /// Look at refused rows, and land fixed ones in their place.
    Quarantine(QuarantineArguments),
    // Their help is that of their arguments.
    Test(TestArguments),
    CreateTest(CreateTestArguments),
    /// Tell where a column, a table or a row comes from, and what is made of it.
    Lineage(LineageArguments),
    /// Write the report of a run: one HTML page that opens from disk.
    Report(ReportArguments),
    /// Write the project's documentation: a site of tables, DAGs and source mappings that opens from disk.
    Docs(DocsArguments),
    // Its help is that of its arguments.
    Alerts(AlertsArguments),
    /// Query any layer with SQL: `bronze.`, `silver.`, `gold.` and `quarantine.` tables as last published.
    Query(QueryArguments),
    /// Look at what the vocabulary may lack or have twice, and decide on it.
    Curation(CurationArguments),
    /// Look at every version of a model that was ever fitted, and decide which one is served.
    Models(ModelsArguments),
    /// Look at who may be cheating and why, and say what you found.
    Cases(CasesArguments),
    /// Write what other tools open.
    Export(ExportArguments),
    // Its help is that of its arguments.
    Bi(BiArguments),
}

/// Where the lake is.
#[derive(Debug, Clone, Args)]
pub(crate) struct LakeArguments {
    /// The lake: a folder, or a URL such as `s3://bucket/prefix`.
    #[arg(
        long,
        env = "MARKETLOUNGE_LAKE",
        global = true,
        default_value = "data",
        value_name = "PATH_OR_URL"
    )]
    pub(crate) lake: String,
    /// Another environment of the lake: what is announced, published and recorded there, over the artefacts that all share. Without it, the
    /// lake's own. `pipeline env` lists, promotes and drops them.
    #[arg(long, env = "MARKETLOUNGE_ENV", global = true, value_name = "NAME")]
    pub(crate) env: Option<Environment>,
}

impl LakeArguments {
    /// Opens the lake, which must be there, as the environment sees it.
    pub(crate) fn open_existing(&self) -> Result<Lake, LakeError> {
        Ok(Lake::open_existing(&self.lake)?.in_environment(self.env.clone()))
    }
}

/// What a run may be told.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArguments {
    /// The DAG: the name of a file of dags/, without `.toml`.
    pub(crate) dag: String,
    /// The logical day that the run is for. Today, in UTC, unless said.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) slot: Option<Slot>,
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    /// Another landing area, a folder or URL, read beside the lake's own through the DAG's source mappings; never written.
    #[arg(long, env = "MARKETLOUNGE_LANDING", value_name = "PATH_OR_URL")]
    pub(crate) landing: Option<String>,
    /// The folder of sentence encoders. The project's models/weights unless named.
    #[arg(long, env = "MARKETLOUNGE_WEIGHTS", value_name = "FOLDER")]
    pub(crate) weights: Option<PathBuf>,
    /// The encoder: a folder of `--weights`, or `none` for a match that is lexical only. Another encoder embeds every
    /// text again.
    #[arg(long, env = "MARKETLOUNGE_MODEL", value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// The cross-encoder by which nodes order the best hits anew: a folder of `--weights`, or `none`. Better order against some
    /// hundred milliseconds a search; that of models/models.toml, where its folder is there, unless named.
    #[arg(long, env = "MARKETLOUNGE_RERANKER", value_name = "NAME")]
    pub(crate) reranker: Option<String>,
    /// Memory for sorts, joins and aggregates before they spill to disk. More is faster on tables that exceed it.
    #[arg(
        long,
        env = "MARKETLOUNGE_MEMORY_MIB",
        default_value_t = 6144,
        value_name = "MIB"
    )]
    pub(crate) memory_mib: usize,
    /// Threads of a query. More is faster until the cores are used; memory grows with them. All cores unless said.
    #[arg(long, env = "MARKETLOUNGE_THREADS", value_name = "COUNT")]
    pub(crate) threads: Option<usize>,
    /// Jobs at one time. A job starts as soon as all that it reads is made; more use cores that one job alone leaves idle, and memory grows
    /// with them. What comes out is the same. As many as `--threads` unless said.
    #[arg(long, env = "MARKETLOUNGE_JOBS", value_name = "COUNT")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Fit models anew, however little there is new to learn from: the DAG's file says how long they stand otherwise.
    #[arg(long)]
    pub(crate) refit: bool,
    #[command(flatten)]
    pub(crate) choice: ChoiceArguments,
    #[command(flatten)]
    pub(crate) after: AfterArguments,
}

/// What the demo market may be told.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The seed: the same seed and scale give the same bytes.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Multiplies companies, offers and logs; 1 is some 25,000 rows, 1,000 is 25 million.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) scale: u32,
    /// Where to write the raw files, a folder per table.
    #[arg(long, default_value = "data/landing", value_name = "FOLDER")]
    pub(crate) landing: PathBuf,
    /// Where to write what is planted (rings, dumping, bad rows): for tests only; keep it outside the landing area.
    #[arg(long, default_value = "data/demo_truth.jsonl", value_name = "FILE")]
    pub(crate) truth: PathBuf,
    /// Another landing area for the last rows of each table that grows with the scale: copied into the first one, they are the
    /// night after.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) later: Option<PathBuf>,
    /// The share of rows that land there, from 0 to 1.
    #[arg(long, default_value_t = 0.01, requires = "later", value_name = "SHARE", value_parser = share)]
    pub(crate) later_share: f64,
    /// The generator's settings. data/demo.toml of the project unless named.
    #[arg(long, value_name = "FILE")]
    pub(crate) market: Option<PathBuf>,
}

/// What to do with contracts.
#[derive(Debug, Args)]
pub(crate) struct ContractsArguments {
    #[command(subcommand)]
    pub(crate) action: ContractsAction,
}

/// Actions on contracts.
#[derive(Debug, Subcommand)]
pub(crate) enum ContractsAction {
    /// List every table with its version, key and number of rules.
    List,
    /// Check that contracts with their rules and gates, SQL files with their tests, and DAGs fit together; with `--against`, that no reader is broken.
    Check {
        /// A folder of contracts as they were (a checkout of the last release, say).
        #[arg(long, value_name = "FOLDER")]
        against: Option<PathBuf>,
    },
    /// Render contracts as Markdown, a data dictionary; with `--json`, as JSON lines.
    Render {
        /// Only this table, such as `gold.offers`.
        table: Option<schemas::TableName>,
    },
}

/// What to query.
#[derive(Debug, Args)]
pub(crate) struct QueryArguments {
    /// One SELECT in DataFusion's dialect, with MarketLounge's functions (`clean_text`, `phrases`, …).
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    /// Most rows to print.
    #[arg(long, default_value_t = 1000)]
    pub(crate) limit: usize,
}

/// What to do with models.
///
/// Every night prices and likelihoods are fitted anew. A gate lets a fit be served where it has learnt something, says what
/// happens, and is no worse than the model in place on deals that came after all that one learnt from. Promoted or refused, every
/// fit is kept under its version: the first 16 digits of the digest of its bytes. Wherever a version is asked for, its first digits
/// do, or the name of a model for the version that is served:
///
///   pipeline models list
///   pipeline models compare likelihood_project 3fa4
///   pipeline models pin 3fa4 --note "the new one prices painting too low"
///   pipeline run nightly
///   pipeline models unpin likelihood_project
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ModelsArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    #[command(subcommand)]
    pub(crate) action: ModelsAction,
}

/// Actions on models. A decision is a file of the landing area: the next run follows it.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsAction {
    /// List every version that was fitted, by model, what is served first; refused ones with the gate's reasons.
    List {
        /// Only versions of this model.
        name: Option<String>,
    },
    /// Show the card of a version: data, settings, measures, folds, blocks of time, verdict.
    Show {
        /// The version, or a model's name for the one that is served.
        version: String,
    },
    /// Show two cards side by side, with the differences of their measures.
    Compare {
        /// A version, or a model's name for the one that is served.
        a: String,
        /// Another.
        b: String,
    },
    /// Compare the arms of experiments: what users of each did, by how much they differ, and whether that may be chance.
    Arms(ArmsArguments),
    /// Put a version in place from the next run on: it is served until a fit is no worse on rows that came after the version's
    /// data. While too few rows came after to compare them, it stays. For a model that should compete: to hold one whatever
    /// is fitted, pin it.
    Promote {
        /// The version.
        version: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Serve a version from the next run on, whatever is fitted, until it is unpinned. Models are fitted and judged against it every
    /// night all the same, so that `list` shows what would be served instead.
    Pin {
        /// The version.
        version: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take out a model's pin: from the next run on the gate decides again, with the pinned version as the model in place.
    Unpin {
        /// The model.
        name: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Draw a card as SVG. Likelihoods: what was said and what happened, with the number of deals; prices: coverage and loss by block
    /// of time, each judged by what was fitted on all before it.
    Plot {
        /// The model.
        name: String,
        /// The version; the one that is served unless named.
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Reads a share.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}
