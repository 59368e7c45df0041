//! Tables of a lake as the last run published them.

use anyhow::{Context as _, Result, bail};
use lake::{Lake, LocalFile, current};
use schemas::TableName;
use serde::de::DeserializeOwned;

use crate::{
    publish::Standing,
    rows::{self, Row},
};

/// Returns the paths of a published table's files, relative to the lake, in the order of its key; none where no run published it. A
/// table of one file is at the path where BI tools find it; one of several, and one of an environment that made nothing of its own, is
/// read where its versions are.
pub(crate) async fn published_paths(lake: &Lake, table: &TableName) -> Result<Option<Vec<String>>> {
    let name = lake.own(&current(table));
    if lake.exists(&name).await? {
        return Ok(Some(vec![name]));
    }
    let standing = Standing::read(lake).await?;
    let made = standing.artefact(lake, &table.to_string()).await?;
    Ok(made.map(|made| made.files))
}

/// Returns the files of a published table; none where no run published it.
pub(crate) async fn published(lake: &Lake, table: &TableName) -> Result<Option<Vec<LocalFile>>> {
    let Some(paths) = published_paths(lake, table).await? else {
        return Ok(None);
    };
    let mut files = Vec::new();
    for path in paths {
        let file = lake.local(&path).await;
        files.push(file.with_context(|| format!("cannot read {table}"))?);
    }
    Ok(Some(files))
}

/// Reads every row of a table in its own way.
pub(crate) async fn read_rows<T>(
    lake: &Lake,
    table: &TableName,
    read: impl Fn(Row<'_>) -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let Some(files) = published(lake, table).await? else {
        bail!("{table} is not in this lake yet: run a DAG, such as `pipeline run nightly`");
    };
    let mut found = Vec::new();
    for file in files {
        for batch in rows::open(file.path())? {
            for row in Row::all(&batch?) {
                found.extend(read(row)?);
            }
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
