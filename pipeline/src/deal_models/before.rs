//! What was announced before the slot: the models that a fit has to stand against, and the tables beside them.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use deals::DealModels;
use schemas::{Manifest, Section};
use serde::de::DeserializeOwned;
use snapshot::snapshot_path;

use crate::context::Context;

/// Reads the models of the snapshot that was announced before the slot; empty where there was none, or it has none.
pub(crate) async fn before(context: &Context) -> Result<DealModels> {
    let Some(manifest) = &context.before else {
        return Ok(DealModels::default());
    };
    let files = files(manifest);
    if !files.iter().any(|file| file.ends_with(deals::CARDS_FILE)) {
        return Ok(DealModels::default());
    }
    let scratch = context.lake.scratch()?;
    for file in files {
        let bytes = read(context, manifest, &file).await?;
        let name = file.rsplit('/').next().unwrap_or(&file);
        std::fs::write(scratch.path().join(name), &bytes)?;
    }
    let folder = scratch.path().to_owned();
    Ok(tokio::task::spawn_blocking(move || DealModels::open(&folder)).await??)
}

/// Reads the rows of a table that stands beside the models as JSON lines; none where nothing was announced, or without it.
pub(crate) async fn before_lines<T: DeserializeOwned>(
    context: &Context,
    table: &str,
) -> Result<Vec<T>> {
    let name = table.rsplit('.').next().unwrap_or(table);
    let file = format!("{}/{name}.jsonl", Section::Models.as_str());
    let manifest = context.before.as_ref();
    let Some(manifest) = manifest.filter(|manifest| manifest.files.contains_key(&file)) else {
        return Ok(Vec::new());
    };
    let bytes = read(context, manifest, &file).await?;
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let rows = lines.map(serde_json::from_slice).collect::<Result<_, _>>();
    rows.with_context(|| format!("{file} of snapshot {} is malformed", manifest.id))
}

/// Names what a table announced before was, so that what reads it depends on it.
pub(crate) fn before_table(context: &Context, table: &str) -> String {
    let entry = context
        .before
        .as_ref()
        .and_then(|manifest| manifest.tables.get(table));
    entry.map_or_else(|| "none".to_owned(), |entry| entry.digest.clone())
}

/// Names what the models announced before are, so that a fit depends on them.
pub(crate) fn before_digest(context: &Context) -> String {
    let Some(manifest) = &context.before else {
        return "none".to_owned();
    };
    let tables = manifest
        .tables
        .iter()
        .filter(|(name, _)| name.starts_with(MODEL_ENTRY));
    let said: Vec<String> = tables
        .map(|(name, entry)| format!("{name} {}", entry.digest))
        .collect();
    said.join(", ")
}

/// How a model is named among a manifest's tables.
pub(crate) const MODEL_ENTRY: &str = "models.";

fn files(manifest: &Manifest) -> Vec<String> {
    let folder = format!("{}/", Section::Models.as_str());
    let files = manifest
        .files
        .keys()
        .filter(|file| file.starts_with(&folder));
    files.cloned().collect()
}

/// Reads a file of the snapshot; its bytes are checked against the manifest.
async fn read(context: &Context, manifest: &Manifest, file: &str) -> Result<Bytes> {
    let path = format!("{}/{file}", snapshot_path(&manifest.id));
    let bytes = context.lake.read(&path).await?;
    let bytes = bytes.with_context(|| format!("{path} is missing: announce another snapshot"))?;
    if blake3::hash(&bytes).to_hex().as_str() != manifest.files[file].blake3 {
        bail!("{path} is damaged: announce another snapshot");
    }
    Ok(bytes)
}
