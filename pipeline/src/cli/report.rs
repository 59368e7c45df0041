//! `pipeline report`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use lake::{Lake, Ledger};
use serde_json::json;

use super::{
    arguments::{Common, LakeArguments, Output},
    runs,
};
use crate::{
    project::Project,
    report::print_json,
    telling::{self, Story},
};

/// Write the report of a run: one HTML page that opens from disk, without network.
///
/// Its jobs as a picture, when they ran, why, rows conserved, gates, refused rows, what changed in the snapshot, slow jobs and memory. Every run
/// writes its own to <lake>/reports/<run>.html when it ends; this makes it again, or that of a run that was killed:
///
///   pipeline report last --out report.html
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReportArguments {
    /// The run, or `last`.
    #[arg(default_value = "last")]
    run: String,
    #[command(flatten)]
    lake: LakeArguments,
    /// Where to write it.
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
}

pub(super) async fn report(common: &Common, arguments: ReportArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let record = runs::find(&Ledger::new(lake.clone()), &arguments.run).await?;
    let story = Story::read(&project, &lake, &record.run).await?;
    let page = ::report::run::render(&telling::view(&story));
    let out = arguments.out.display();
    std::fs::write(&arguments.out, &page).with_context(|| format!("cannot write {out}"))?;
    match common.output() {
        Output::Json => {
            print_json(&json!({ "run": record.run, "file": arguments.out, "bytes": page.len() }))
        }
        Output::Text => println!("{out} tells run {}", record.run),
    }
    Ok(0)
}
