//! Making a snapshot and its gold tables the ones that readers see.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use lake::{Lake, LakeError, Version, current, current_files};
use schemas::{Layer, Pointer, TableName};
use snapshot::CURRENT;

use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    environments, failpoint,
    publish::Standing,
};

/// The announced snapshot as it was when a publication began, which it is audited against.
pub(crate) struct Announced {
    /// Its pointer; none also where it is damaged, so that it is written again.
    pub(crate) pointer: Option<Pointer>,
    version: Version,
}

impl Announced {
    /// Reads the pointer.
    pub(crate) async fn read(context: &Context) -> Result<Self> {
        let (bytes, version) = context
            .lake
            .read_version(&context.lake.own(CURRENT))
            .await?;
        let pointer = match bytes
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose()
        {
            Ok(pointer) => pointer,
            Err(error) => {
                context.reporter.note(&format!(
                    "note  {CURRENT} is damaged and will be written again: {error}"
                ));
                None
            }
        };
        Ok(Self { pointer, version })
    }

    /// Moves the pointer to a snapshot that passed its audit.
    ///
    /// # Errors
    /// The store failed; or another publisher moved the pointer since it was read, to another snapshot: this one was audited against
    /// what is announced no more.
    pub(crate) async fn announce(&self, context: &Context, pointer: &Pointer) -> Result<()> {
        failpoint::point("publish.before_announce");
        context.cancel.check()?;
        let path = context.lake.own(CURRENT);
        let mut bytes = serde_json::to_vec_pretty(pointer)?;
        bytes.push(b'\n');
        let swapped = context.lake.swap(&path, &self.version, bytes).await?;
        if swapped.is_none() {
            bail!(LakeError::Overtaken(path));
        }
        failpoint::point("publish.after_announce");
        Ok(())
    }
}

/// Gives silver and gold tables the names that BI tools read, each replaced whole (a silver table of several files has a list of them
/// instead); and removes from `bronze/` and
/// `quarantine/` the files that belong to no current table. Those of `others`, which other DAGs make, stay as they are.
pub(crate) async fn publish_tables(
    lake: &Lake,
    made: &Inputs,
    others: &BTreeSet<String>,
) -> Result<()> {
    publish_names(lake, made).await?;
    // What an environment leaves behind goes with the next run of the lake itself.
    if lake.store().environment().is_some() {
        return Ok(());
    }
    let files = |one: &Artefact| [one.files.clone(), one.quarantine.clone()].concat();
    let mut kept: BTreeSet<String> = made.values().flat_map(files).collect();
    for environment in environments::every(lake).await?.iter().skip(1) {
        let standing = Standing::read(environment).await?;
        for layer in ["bronze", "silver", "gold"] {
            kept.extend(standing.files(environment, layer).await?);
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

/// Gives silver and gold tables the names that BI tools read: those of the lake, or those of its environment.
pub(crate) async fn publish_names(lake: &Lake, made: &Inputs) -> Result<()> {
    // A bucket has no second name for an object, and an environment copies nothing: there it has its tables by `pipeline query` alone.
    if lake.store().environment().is_some() && lake.store().folder().is_none() {
        return Ok(());
    }
    for (name, artefact) in made {
        if let Ok(table) = name.parse::<TableName>()
            && matches!(table.layer, Layer::Silver | Layer::Gold)
        {
            publish_table(lake, &table, artefact).await?;
        }
    }
    Ok(())
}

async fn publish_table(lake: &Lake, table: &TableName, artefact: &Artefact) -> Result<()> {
    let (marker, name) = (lake.own(&current_files(table)), lake.own(&current(table)));
    let files = artefact.files.join("\n");
    let named = lake.read(&marker).await?;
    let is_named = named.is_some_and(|now| now == files.as_bytes());
    let is_one = artefact.files.len() == 1;
    if is_named && is_one == lake.exists(&name).await? {
        return Ok(());
    }
    if is_one {
        lake.copy(&files, &name).await?;
    }
    lake.write(&marker, files.into_bytes()).await?;
    if !is_one {
        lake.delete(&name).await?;
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
