//! `pipeline quarantine`.

use std::{fs::File, io::Write, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use lake::Lake;
use serde_json::{Value, json};

use super::arguments::{Common, LakeArguments, Output};
use crate::{
    project::Project,
    quarantine::{Format, Quarantine, Refused, export, release},
    report::print_json,
};

/// What to do with refused rows.
///
/// A row that breaks a rule is left out, and kept whole with the rule, its file and its line. Nothing of it is capped. There are two ways back:
///
/// * Mend the contract, the SQL or the source mapping: the rows come in with the next run by themselves.
///
/// * Mend the rows: export them, fix them, release them. They land as a new file, and those that they replace count as released.
///
///   pipeline quarantine list
///   pipeline quarantine show bids --rule price_cents_range
///   pipeline quarantine export bids --format jsonl --out fixed.jsonl
///   pipeline quarantine release bids --file fixed.jsonl --note "prices were in euros"
///   pipeline run nightly
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct QuarantineArguments {
    #[command(flatten)]
    lake: LakeArguments,
    #[command(subcommand)]
    action: QuarantineAction,
}

/// Actions on refused rows.
#[derive(Debug, Subcommand)]
enum QuarantineAction {
    /// Count refused rows by table, rule and file: open, released, first and last seen.
    List {
        /// Only of this table, such as `bids`.
        table: Option<String>,
        /// Only groups with open rows.
        #[arg(long)]
        open: bool,
    },
    /// Show refused rows of a table: the row, which value broke which rule, and the mend.
    Show {
        /// The table, such as `bids`.
        table: String,
        /// Only rows that break this rule first.
        #[arg(long, value_name = "RULE")]
        rule: Option<String>,
        /// So many at most; how many there are is said.
        #[arg(long, default_value_t = 10, value_name = "N")]
        limit: usize,
    },
    /// Write every open row of a table in the table's own shape, to be fixed. Leave `_row` as it is: it says which row is replaced.
    Export {
        /// The table, such as `bids`.
        table: String,
        /// Only rows that break this rule first.
        #[arg(long, value_name = "RULE")]
        rule: Option<String>,
        /// How.
        #[arg(long, value_enum, default_value = "jsonl")]
        format: Format,
        /// Where to; standard output unless named.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Land fixed rows (JSON lines, or CSV with a header) in the place of those that their `_row` names; the next run takes them in.
    /// The same file again changes nothing.
    Release {
        /// The table, such as `bids`.
        table: String,
        /// The fixed rows.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        /// What was wrong, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
}

pub(super) async fn quarantine(common: &Common, arguments: QuarantineArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let (output, catalog) = (common.output(), project.catalog());
    let refused = Quarantine::new(&lake, catalog);
    match arguments.action {
        QuarantineAction::List { table, open } => {
            list(output, &refused, table.as_deref().map(bare), open).await?;
        }
        QuarantineAction::Show { table, rule, limit } => {
            show(output, &refused, bare(&table), (rule.as_deref(), limit)).await?;
        }
        QuarantineAction::Export {
            table,
            rule,
            format,
            out,
        } => {
            let target: Box<dyn Write + Send> = match &out {
                Some(path) => Box::new(
                    File::create(path)
                        .with_context(|| format!("cannot write {}", path.display()))?,
                ),
                None if format == Format::Parquet => {
                    bail!("Parquet goes to a file: name it with --out")
                }
                None => Box::new(std::io::stdout()),
            };
            let how = (format, target);
            let rows = export(&lake, catalog, bare(&table), rule.as_deref(), how).await?;
            eprintln!("{rows} open rows of {} written", bare(&table));
        }
        QuarantineAction::Release { table, file, note } => {
            let said = (note.as_str(), now());
            let (fixed, is_new) = release(&lake, catalog, bare(&table), &file, said).await?;
            let rows = fixed.rows.len();
            match output {
                Output::Json => print_json(&json!({ "is_new": is_new, "release": fixed })),
                Output::Text if is_new => println!(
                    "{rows} rows landed as {}: the next run takes them in, such as `pipeline run nightly`",
                    fixed.landed
                ),
                Output::Text => println!(
                    "these {rows} rows were released before, at {}",
                    fixed.released_at
                ),
            }
        }
    }
    Ok(0)
}

/// A table may be named with its layer.
fn bare(table: &str) -> &str {
    table.rsplit('.').next().unwrap_or(table)
}

async fn list(
    output: Output,
    refused: &Quarantine<'_>,
    table: Option<&str>,
    is_open_only: bool,
) -> Result<()> {
    let mut groups = refused.groups(table).await?;
    groups.retain(|group| !is_open_only || group.open > 0);
    for group in &groups {
        match output {
            Output::Json => print_json(&json!(group)),
            Output::Text => println!(
                "{:16} {:6} {:28} {:>7} open {:>7} released  {} to {}  {}",
                group.table,
                group.layer,
                group.rule,
                group.open,
                group.released,
                group.first_seen,
                group.last_seen,
                group.file
            ),
        }
    }
    if output == Output::Text {
        let open: u64 = groups.iter().map(|group| group.open).sum();
        let released: u64 = groups.iter().map(|group| group.released).sum();
        println!("{open} rows open, {released} released");
    }
    Ok(())
}

async fn show(
    output: Output,
    refused: &Quarantine<'_>,
    table: &str,
    (rule, limit): (Option<&str>, usize),
) -> Result<()> {
    let (mut found, mut all) = (Vec::new(), 0_usize);
    refused
        .rows(Some(table), |row| {
            if rule.is_none_or(|rule| rule == row.rule) {
                all += 1;
                if found.len() < limit {
                    found.push(row);
                }
            }
            Ok(())
        })
        .await?;
    for row in &found {
        let mend = refused.mend(row);
        match output {
            Output::Json => {
                let mut told = json!(row);
                told["mend"] = json!(mend);
                print_json(&told);
            }
            Output::Text => println!("{}", told(row, &mend)),
        }
    }
    if output == Output::Text {
        println!("{} of {all} rows shown", found.len());
    }
    Ok(())
}

/// Tells a row for people, the value that broke the rule marked.
fn told(row: &Refused, mend: &str) -> String {
    let state = if row.is_released { "released" } else { "open" };
    let mut lines = vec![format!(
        "row {}  {}.{}  {state}\n  {}, line {}, slot {}\n  rule   {}: {}\n  mend   {mend}",
        row.row, row.layer, row.table, row.file, row.line, row.slot, row.rule, row.reason
    )];
    match serde_json::from_str::<Value>(&row.raw) {
        Ok(Value::Object(fields)) => {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let mark = if row.column.as_ref() == Some(name) {
                    ">"
                } else {
                    " "
                };
                lines.push(format!("  {mark} {name}: {value}"));
            }
        }
        _ => lines.push(format!("    {}", row.raw.trim_end())),
    }
    lines.push(String::new());
    lines.join("\n")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
