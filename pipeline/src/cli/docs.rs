//! `pipeline docs`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use lake::Lake;
use report::site::{Language, render};
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::{project::Project, report::print_json, telling};

/// Write the project's documentation: a site that opens from disk, without network.
///
/// A page for each table (contract, rules, lineage, SQL, last audit), DAG and source mapping, with a search over all of them, in French and
/// English. The last audit comes from the lake's ledger, where there is one; no row is in it:
///
///   pipeline docs --out site
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct DocsArguments {
    /// The folder to write to; made where it is missing. Pages of tables that are gone stay: begin with an empty one.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Only in this language.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Lang>,
    #[command(flatten)]
    lake: LakeArguments,
}

/// A language of the site.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

pub(super) async fn docs(common: &Common, arguments: DocsArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    if arguments.out.is_file() {
        bail!("--out {} is a file: name a folder", arguments.out.display());
    }
    let lake = Lake::open_existing(&arguments.lake.lake).ok();
    let gathered = telling::gather(&project, lake.as_ref()).await?;
    let languages = match arguments.lang {
        None => Language::ALL.to_vec(),
        Some(Lang::Fr) => vec![Language::French],
        Some(Lang::En) => vec![Language::English],
    };
    let pages = render(&gathered.site(), &languages);
    for (path, html) in &pages {
        let file = arguments.out.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(&file, html).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let first = arguments.out.join("index.html");
    match common.output() {
        Output::Json => print_json(&json!({ "pages": pages.len(), "index": first })),
        Output::Text => println!("{} pages: open {}", pages.len(), first.display()),
    }
    Ok(0)
}
