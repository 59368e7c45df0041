//! The sections that a node reads whole: the index of suggestions, and tables as JSON lines.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use lake::LocalFile;
use schemas::{Section, TableEntry};
use suggest::{Entry, Kind};

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// The table that suggestions are read from.
const SUGGESTIONS: &str = "gold.suggestions";
/// Tables that a node reads as JSON lines, one object per row without its nulls: section, table.
const LINES: [(Section, &str); 19] = [
    (Section::Glossary, "gold.glossary"),
    (Section::Market, "gold.concept_supply"),
    (Section::Market, "gold.market_signals"),
    (Section::Kpis, "gold.marketplace_kpis"),
    (Section::Deals, "gold.project_features"),
    (Section::Deals, "gold.comparables"),
    (Section::Deals, "gold.project_bids"),
    (Section::Deals, "gold.open_slots"),
    (Section::Deals, "gold.intro_features"),
    (Section::Deals, "gold.known_people"),
    (Section::Deals, "gold.known_clients"),
    (Section::Deals, "gold.known_providers"),
    (Section::Abuse, "gold.abuse_cases"),
    (Section::Abuse, "gold.abuse_signals"),
    (Section::Abuse, "gold.collusion_pairs"),
    (Section::Abuse, "gold.collusion_rings"),
    (Section::Abuse, "gold.entities"),
    (Section::Models, "gold.model_versions"),
    (Section::Models, "silver.model_decisions"),
];

/// The tables that these sections are made of.
pub(crate) fn reference_tables() -> impl Iterator<Item = &'static str> {
    std::iter::once(SUGGESTIONS).chain(LINES.map(|(_, table)| table))
}

/// Writes the sections below `dir`; returns what they hold.
pub(crate) async fn write_reference(
    context: &Context,
    inputs: &Inputs,
    dir: &Path,
) -> Result<BTreeMap<String, TableEntry>> {
    let mut tables = BTreeMap::new();
    let section = Section::Autocomplete.as_str();
    let folder = dir.join(section);
    std::fs::create_dir_all(&folder)?;
    let stats = suggest::build(&folder, entries(context, inputs).await?)?;
    let entry = TableEntry {
        rows: stats.entries,
        digest: stats.digest,
    };
    tables.insert(section.to_owned(), entry);
    for (section, table) in LINES {
        let folder = dir.join(section.as_str());
        std::fs::create_dir_all(&folder)?;
        let (_, name) = table.split_once('.').context("a table has a layer")?;
        let source = context.input_files(inputs, table).await?;
        write_lines(&source, &folder.join(format!("{name}.jsonl")))?;
        let made = context.input(inputs, table)?;
        let entry = TableEntry {
            rows: made.count("rows"),
            digest: made.digest.clone(),
        };
        tables.insert(table.to_owned(), entry);
    }
    Ok(tables)
}

async fn entries(context: &Context, inputs: &Inputs) -> Result<Vec<Entry>> {
    let file = context.input_file(inputs, SUGGESTIONS).await?;
    let mut entries = Vec::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            entries.push(entry(row)?);
        }
    }
    Ok(entries)
}

fn entry(row: Row<'_>) -> Result<Entry> {
    let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
    let kind = text("kind");
    Ok(Entry {
        tenant: text("tenant"),
        kind: Kind::of(&kind).with_context(|| format!("{SUGGESTIONS} has a kind {kind}"))?,
        id: text("id"),
        text: text("text"),
        label: text("label"),
        path: row.texts("path").into_iter().map(str::to_owned).collect(),
        weight: row
            .integer("weight")
            .and_then(|weight| u32::try_from(weight).ok())
            .unwrap_or(0),
    })
}

fn write_lines(table: &[LocalFile], target: &Path) -> Result<()> {
    let mut lines = BufWriter::new(File::create(target)?);
    for batch in rows::open_all(table)? {
        for row in Row::all(&batch?) {
            serde_json::to_writer(&mut lines, &row.json())?;
            lines.write_all(b"\n")?;
        }
    }
    Ok(lines.flush()?)
}
