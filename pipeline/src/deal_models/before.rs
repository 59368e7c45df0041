//! The models that were announced before the slot: what a fit has to stand against.

use anyhow::{Context as _, Result, bail};
use deals::DealModels;
use schemas::{Manifest, Section};
use snapshot::snapshot_path;

use crate::context::Context;

/// Reads the models of the snapshot that was announced before the slot; empty where there was none, or it has none.
pub(crate) async fn before(context: &Context) -> Result<DealModels> {
    let Some(manifest) = &context.before else {
        return Ok(DealModels::default());
    };
    let files = files(manifest);
    if files.is_empty() {
        return Ok(DealModels::default());
    }
    let scratch = context.lake.scratch()?;
    for file in files {
        let path = format!("{}/{file}", snapshot_path(&manifest.id));
        let bytes = context.lake.read(&path).await?;
        let bytes =
            bytes.with_context(|| format!("{path} is missing: announce another snapshot"))?;
        if blake3::hash(&bytes).to_hex().as_str() != manifest.files[&file].blake3 {
            bail!("{path} is damaged: announce another snapshot");
        }
        let name = file.rsplit('/').next().unwrap_or(&file);
        std::fs::write(scratch.path().join(name), &bytes)?;
    }
    let folder = scratch.path().to_owned();
    Ok(tokio::task::spawn_blocking(move || DealModels::open(&folder)).await??)
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
