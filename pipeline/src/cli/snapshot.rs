//! `pipeline snapshot`.

use anyhow::{Context as _, Result};
use lake::Lake;
use schemas::{Manifest, SnapshotId};
use serde_json::json;
use snapshot::{CURRENT, PIN, Reader, SnapshotError};

use super::{
    arguments::{Common, Output, SnapshotAction, SnapshotArguments},
    exit,
};
use crate::report::print_json;

pub(super) async fn snapshot(common: &Common, arguments: SnapshotArguments) -> Result<u8> {
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let reader = Reader::new(lake.store().clone());
    match arguments.action {
        SnapshotAction::List => list(&reader, common.output()).await,
        SnapshotAction::Show { id } => show(&reader, id, common.output()).await,
        SnapshotAction::Verify { id } => verify(&lake, &reader, id).await,
    }
}

async fn list(reader: &Reader, output: Output) -> Result<u8> {
    let announced = reader.pointer(CURRENT).await?.map(|pointer| pointer.id);
    let pinned = reader.pointer(PIN).await?.map(|pointer| pointer.id);
    for id in reader.ids().await? {
        let mark = match &id {
            id if Some(id) == pinned.as_ref() => "pinned",
            id if Some(id) == announced.as_ref() => "announced",
            _ => "",
        };
        let manifest = reader.manifest(&id, None).await;
        match (output, manifest) {
            (Output::Json, Ok(manifest)) => print_json(&json!({
                "id": id, "slot": manifest.slot, "parent": manifest.parent, "state": mark,
                "bytes": bytes(&manifest),
            })),
            (Output::Json, Err(error)) => {
                print_json(&json!({ "id": id, "error": error.to_string() }))
            }
            (Output::Text, Ok(manifest)) => println!(
                "{id}  slot {}  {:>8} KiB  {mark}",
                manifest.slot,
                bytes(&manifest) >> 10
            ),
            (Output::Text, Err(error)) => println!("{id}  {error}"),
        }
    }
    Ok(0)
}

async fn show(reader: &Reader, id: Option<SnapshotId>, output: Output) -> Result<u8> {
    let id = named(reader, id).await?;
    let manifest = reader.manifest(&id, None).await?;
    if output == Output::Json {
        print_json(&serde_json::to_value(&manifest)?);
        return Ok(0);
    }
    println!(
        "snapshot {id}, slot {}, {} KiB",
        manifest.slot,
        bytes(&manifest) >> 10
    );
    let parent = manifest.parent.as_ref().map_or("none", SnapshotId::as_str);
    println!("parent   {parent}\ncode     {}", manifest.code_digest);
    match &manifest.encoder {
        Some(encoder) => println!("encoder  {} ({} dimensions)", encoder.id, encoder.dimension),
        None => println!("encoder  none: the match is lexical only"),
    }
    if let Some(reranker) = &manifest.reranker {
        println!("reranker {} (weight {})", reranker.id, reranker.weight);
    }
    for (table, entry) in &manifest.tables {
        println!(
            "table    {table:24} {:>9} rows  {:.16}",
            entry.rows, entry.digest
        );
    }
    for gate in &manifest.gates {
        let state = if gate.is_passed { "passed" } else { "FAILED" };
        println!("gate     {:24} {state}  {}", gate.name, gate.detail);
    }
    Ok(0)
}

async fn verify(lake: &Lake, reader: &Reader, id: Option<SnapshotId>) -> Result<u8> {
    let id = named(reader, id).await?;
    let current = reader
        .pointer(CURRENT)
        .await?
        .filter(|pointer| pointer.id == id);
    let cache = lake.scratch()?;
    match reader.bring(&id, current.as_ref(), cache.path()).await {
        Ok(verified) => {
            let files = verified.manifest.files.len();
            println!(
                "snapshot {id} is whole: {files} files, {} bytes",
                bytes(&verified.manifest)
            );
            Ok(0)
        }
        Err(error @ SnapshotError::Refused { .. }) => {
            eprintln!("error: {error}");
            Ok(exit::DAMAGED)
        }
        Err(error) => Err(error.into()),
    }
}

async fn named(reader: &Reader, id: Option<SnapshotId>) -> Result<SnapshotId> {
    match id {
        Some(id) => Ok(id),
        None => {
            let pointer = reader.announced().await?;
            pointer
                .map(|pointer| pointer.id)
                .context("no snapshot is announced in this lake yet")
        }
    }
}

fn bytes(manifest: &Manifest) -> u64 {
    manifest.files.values().map(|file| file.bytes).sum()
}
