//! `pipeline test` and `pipeline create-test`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use lake::Lake;
use schemas::TableName;
use serde_json::json;

use super::{
    arguments::{Common, LakeArguments, Output},
    exit, query,
};
use crate::{
    project::Project,
    report::print_json,
    sql_tests::{Sample, create, read_all, run},
};

/// Run the unit tests of SQL files: rows given in, rows expected out, through the engine that runs the night.
///
/// Tests are `dags/tests/*.yaml`. Columns left out of a given row are null; an expected row names its key and the columns
/// that are compared; `rows` are all rows of the table, in any order.
///
///   table: silver.bids
///   tests:
///     - name: the latest state of a bid wins
///       given:
///         bronze.bids:
///           - { tenant: tenant_a, bid_id: B1, price_cents: 100, submitted_at: "2026-11-01T08:00:00Z" }
///           - { tenant: tenant_a, bid_id: B1, price_cents: 200, submitted_at: "2026-11-02T08:00:00Z" }
///       expect:
///         rows:
///           - { tenant: tenant_a, bid_id: B1, price_cents: 200 }
///         quarantine: []
///
///   pipeline test
///   pipeline test silver.bids
///   pipeline create-test gold.offers --where "tenant = 'tenant_demo'" --rows 2 --out dags/tests/gold_offers.yaml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct TestArguments {
    /// Only tests of this table, layer or file.
    selector: Option<String>,
}

/// Write a test of a table from rows that a lake holds: rows of the table, and the rows of tables read that share its tenant and key.
///
/// What the test expects is what the given rows make, so that it passes as written; where that differs from the lake's rows it says so.
/// Nothing is anonymised.
#[derive(Debug, Args)]
pub(crate) struct CreateTestArguments {
    /// The table, such as `silver.offers`.
    table: TableName,
    /// Which of its rows, as a SQL condition.
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// So many of them.
    #[arg(long, default_value_t = 5, value_name = "N")]
    rows: usize,
    /// Where to write; standard output unless named. A file that is there is left alone.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    lake: LakeArguments,
}

pub(super) async fn test(common: &Common, arguments: TestArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let tests = read_all(&project, arguments.selector.as_deref())?;
    let mut failed = 0;
    for test in &tests {
        let table = test.table()?;
        let differences = match run(&project, test).await {
            Ok(outcome) => outcome.differences,
            Err(error) => vec![format!("{error:#}")],
        };
        let is_passed = differences.is_empty();
        failed += usize::from(!is_passed);
        match common.output() {
            Output::Json => print_json(&json!({
                "table": table, "test": test.name, "file": test.path.display().to_string(),
                "is_passed": is_passed, "differences": differences,
            })),
            Output::Text => {
                let state = if is_passed { "ok  " } else { "FAIL" };
                println!("{state}  {table:24} {}", test.name);
                if !is_passed {
                    println!("      in {}", test.path.display());
                }
                for difference in differences {
                    println!("      {difference}");
                }
            }
        }
    }
    if common.output() == Output::Text {
        println!("{} tests, {failed} failed", tests.len());
    }
    Ok(if failed == 0 { 0 } else { exit::FAILED })
}

pub(super) async fn create_test(common: &Common, arguments: CreateTestArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let session = query::session(&project, &lake).await?;
    let sample = Sample {
        table: &arguments.table,
        condition: arguments.condition.as_deref(),
        rows: arguments.rows,
    };
    let (text, notes) = create(&project, &session, &sample).await?;
    match &arguments.out {
        Some(path) if path.exists() => {
            bail!("{} is there already: name another file", path.display())
        }
        Some(path) => {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => print!("{text}"),
    }
    notes.iter().for_each(|note| eprintln!("note  {note}"));
    Ok(0)
}
