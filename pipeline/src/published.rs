//! Tables of a lake as the last run published them.

use anyhow::{Context as _, Result, bail};
use lake::{Lake, LakeError, LocalFile, current};
use schemas::TableName;
use serde::de::DeserializeOwned;

use crate::{
    publish::Standing,
    rows::{self, Row},
};

/// Returns the file of a table; none where no run published it.
pub(crate) async fn published(lake: &Lake, table: &TableName) -> Result<Option<LocalFile>> {
    let path = lake.own(&current(table));
    match lake.local(&path).await {
        Err(LakeError::Missing(_)) => standing(lake, table).await,
        file => Ok(Some(file.with_context(|| format!("cannot read {path}"))?)),
    }
}

/// Returns the file of a table that has no name of its own in an environment, for nothing is copied there.
async fn standing(lake: &Lake, table: &TableName) -> Result<Option<LocalFile>> {
    if lake.store().environment().is_none() {
        return Ok(None);
    }
    let standing = Standing::read(lake).await?;
    let made = standing.artefact(lake, &table.to_string()).await?;
    match made.as_ref().map(|made| made.files.as_slice()) {
        Some([file]) => Ok(Some(lake.local(file).await?)),
        _ => Ok(None),
    }
}

/// Reads every row of a table in its own way.
pub(crate) async fn read_rows<T>(
    lake: &Lake,
    table: &TableName,
    read: impl Fn(Row<'_>) -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let Some(file) = published(lake, table).await? else {
        bail!("{table} is not in this lake yet: run a DAG, such as `pipeline run nightly`");
    };
    let mut found = Vec::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            found.extend(read(row)?);
        }
    }
    Ok(found)
}

/// Reads the rows of a table that are kept, as what they deserialise to.
pub(crate) async fn read_table<T: DeserializeOwned>(
    lake: &Lake,
    table: &TableName,
    keep: impl Fn(Row<'_>) -> bool,
) -> Result<Vec<T>> {
    let read = |row: Row<'_>| match keep(row) {
        true => Ok(Some(serde_json::from_value(row.json().into())?)),
        false => Ok(None),
    };
    read_rows(lake, table, read).await
}
