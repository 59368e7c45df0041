//! Making a snapshot and its gold tables the ones that readers see.

use std::collections::BTreeSet;

use anyhow::Result;
use lake::{Lake, current, current_files};
use schemas::{Layer, Pointer, TableName};
use snapshot::CURRENT;

use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    failpoint,
};

/// Moves the pointer to a snapshot that passed its audit.
pub(crate) async fn announce(context: &Context, pointer: &Pointer) -> Result<()> {
    failpoint::point("publish.before_announce");
    context.lake.write_json(CURRENT, pointer).await?;
    failpoint::point("publish.after_announce");
    Ok(())
}

/// Gives silver and gold tables the names that BI tools read, each replaced whole (a silver table of several files has a list of them
/// instead); and removes from `bronze/` and
/// `quarantine/` the files that belong to no current table. Those of `others`, which other DAGs make, stay as they are.
pub(crate) async fn publish_tables(
    lake: &Lake,
    made: &Inputs,
    others: &BTreeSet<String>,
) -> Result<()> {
    let mut kept = BTreeSet::new();
    for (name, artefact) in made {
        let Ok(table) = name.parse::<TableName>() else {
            continue;
        };
        kept.extend(artefact.files.iter().chain(&artefact.quarantine).cloned());
        if matches!(table.layer, Layer::Silver | Layer::Gold) {
            publish_table(lake, &table, artefact).await?;
        }
    }
    for folder in ["bronze", "quarantine"] {
        for entry in lake.list(folder).await? {
            let is_record = entry.path.starts_with("bronze/_");
            let is_anothers = table_of(&entry.path).is_some_and(|table| others.contains(&table));
            if !is_record && !is_anothers && !kept.contains(&entry.path) {
                lake.delete(&entry.path).await?;
                forget(lake, &entry.path).await?;
            }
        }
    }
    Ok(())
}

/// Returns the table of a file of `bronze/<table>/` or `quarantine/<layer>/<table>/`.
fn table_of(path: &str) -> Option<String> {
    let (table, _) = path
        .strip_prefix("quarantine/")
        .unwrap_or(path)
        .rsplit_once('/')?;
    Some(table.replacen('/', ".", 1))
}

async fn publish_table(lake: &Lake, table: &TableName, artefact: &Artefact) -> Result<()> {
    let (marker, files) = (current_files(table), artefact.files.join("\n"));
    let named = lake.read(&marker).await?;
    let is_named = named.is_some_and(|now| now == files.as_bytes());
    let is_one = artefact.files.len() == 1;
    if is_named && is_one == lake.exists(&current(table)).await? {
        return Ok(());
    }
    if is_one {
        lake.copy(&files, &current(table)).await?;
    }
    lake.write(&marker, files.into_bytes()).await?;
    if !is_one {
        lake.delete(&current(table)).await?;
    }
    Ok(())
}

/// Forgets that a landing file was ingested, once its bronze rows are gone.
async fn forget(lake: &Lake, path: &str) -> Result<()> {
    if let Some(key) = path
        .strip_prefix("bronze/")
        .and_then(|p| p.strip_suffix(".parquet"))
    {
        lake.delete(&format!("bronze/_files/{key}.json")).await?;
    }
    Ok(())
}
