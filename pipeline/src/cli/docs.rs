//! `pipeline docs`.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use lake::Lake;
use report::site::{Language, Page, render};
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::{project::Project, report::print_json, telling};

/// Where a site's folder notes which pages were written.
const PAGES: &str = "pages.json";

/// Write the project's documentation: a site that opens from disk, without network.
///
/// A page for each table (contract, rules, lineage, SQL, last audit), DAG and source mapping, with a search over all of them, in French and
/// English. The last audit comes from the lake's ledger, where there is one; no row is in it:
///
///   pipeline docs --out site
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct DocsArguments {
    /// The folder to write to; made where it is missing. Pages that an earlier run wrote there of tables that are gone are removed; what is not a page of ours stays.
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
    let removed = forget(&arguments.out, &pages, &languages)?;
    let first = arguments.out.join("index.html");
    match common.output() {
        Output::Json => {
            print_json(&json!({ "pages": pages.len(), "removed": removed, "index": first }));
        }
        Output::Text => {
            removed.iter().for_each(|page| println!("{page} is gone"));
            println!("{} pages: open {}", pages.len(), first.display());
        }
    }
    Ok(0)
}

/// Removes pages of these languages that an earlier run wrote and this one did not, and notes what is there now.
fn forget(out: &Path, pages: &[Page], languages: &[Language]) -> Result<Vec<String>> {
    let note = out.join(PAGES);
    let noted = std::fs::read(&note).ok();
    // A note that nobody can read names no page.
    let noted: BTreeSet<String> = noted
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let is_plain = |path: &str| {
        Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
    };
    let is_of_these = |path: &str| {
        let mut languages = languages.iter();
        languages.any(|language| path.starts_with(&format!("{}/", language.code())))
    };
    let mut now: BTreeSet<String> = pages.iter().map(|(path, _)| path.clone()).collect();
    let mut removed = Vec::new();
    for path in noted {
        if now.contains(&path) || !is_plain(&path) || !path.ends_with(".html") {
            continue;
        }
        if !is_of_these(&path) {
            now.insert(path);
            continue;
        }
        let file = out.join(&path);
        if file.exists() {
            std::fs::remove_file(&file)
                .with_context(|| format!("cannot remove {}", file.display()))?;
            removed.push(path);
        }
    }
    let bytes = serde_json::to_vec(&now)?;
    std::fs::write(&note, bytes).with_context(|| format!("cannot write {}", note.display()))?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(out: &Path, paths: &[&str], languages: &[Language]) -> Vec<String> {
        let page = |path: &&str| ((*path).to_owned(), String::new());
        let pages: Vec<Page> = paths.iter().map(page).collect();
        for (path, html) in &pages {
            let file = out.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, html).unwrap();
        }
        forget(out, &pages, languages).unwrap()
    }

    #[test]
    fn a_page_of_a_table_that_is_gone_goes_and_nothing_else_does() {
        let (folder, all) = (tempfile::tempdir().unwrap(), Language::ALL);
        let out = folder.path();
        let first = [
            "index.html",
            "en/tables/a.html",
            "en/tables/b.html",
            "fr/tables/a.html",
            "fr/tables/b.html",
        ];
        assert!(write(out, &first, &all).is_empty());
        std::fs::write(out.join("en/tables/mine.html"), "").unwrap();
        // Only English is written: the French pages stay, and are known to the next run.
        let second = ["index.html", "en/tables/a.html"];
        assert_eq!(
            write(out, &second, &[Language::English]),
            ["en/tables/b.html"]
        );
        let third = ["index.html", "en/tables/a.html", "fr/tables/a.html"];
        assert_eq!(write(out, &third, &all), ["fr/tables/b.html"]);
        assert!(out.join("en/tables/mine.html").exists());
        assert!(write(out, &third, &all).is_empty());
    }

    #[test]
    fn a_note_that_names_other_places_removes_nothing_there() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        std::fs::create_dir(&out).unwrap();
        let other = folder.path().join("other.html");
        std::fs::write(&other, "").unwrap();
        let note = serde_json::to_vec(&["en/../../other.html", "../other.html"]).unwrap();
        std::fs::write(out.join(PAGES), note).unwrap();
        assert!(write(&out, &["index.html"], &Language::ALL).is_empty());
        assert!(other.exists());
    }
}
