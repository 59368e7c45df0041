//! `pipeline snapshot`.

mod canary;

use anyhow::{Context as _, Result};
use lake::Lake;
use schemas::{Canary, Manifest, SnapshotId};
use serde_json::json;
use snapshot::{CURRENT, PIN, Reader, SnapshotError};

use self::canary::CanaryArguments;

use clap::{Args, Subcommand};

use super::{
    arguments::{Common, LakeArguments, Output, share},
    exit,
};
use crate::{
    project::Project,
    report::print_json,
    snapshots::{Change, Snapshots},
};

/// What to do with snapshots.
///
/// A snapshot is never changed. Nodes serve the announced one, or the pinned one while there is a pin; a pin or its removal reaches them at their next look,
/// within seconds:
///
///   pipeline snapshot list
///   pipeline snapshot diff              # what the last night changed
///   pipeline snapshot rollback          # serve the one before, until unpinned
///   pipeline snapshot unpin
///   pipeline snapshot canary --help     # a new one to some nodes first
///   pipeline snapshot gc --keep 14
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SnapshotArguments {
    #[command(flatten)]
    lake: LakeArguments,
    #[command(subcommand)]
    action: SnapshotAction,
}

/// Actions on snapshots.
#[derive(Debug, Subcommand)]
enum SnapshotAction {
    /// List the snapshots, the announced one marked.
    List,
    /// Show a snapshot's manifest: what it holds, from what, and what the gates said.
    Show {
        /// The snapshot; the announced one unless named.
        id: Option<SnapshotId>,
    },
    /// Check every byte of a snapshot against its manifest.
    Verify {
        /// The snapshot; the announced one unless named.
        id: Option<SnapshotId>,
    },
    /// Tell how two snapshots differ: tables, and rows added, removed and changed by key, with examples.
    Diff {
        /// The older one; the one announced before unless named.
        before: Option<SnapshotId>,
        /// The newer one; the announced one unless named.
        after: Option<SnapshotId>,
    },
    /// Serve a snapshot, whatever is announced, until it is unpinned.
    Pin {
        /// The snapshot.
        id: SnapshotId,
    },
    /// Take the pin out: the announced snapshot is served again.
    Unpin,
    /// Serve the snapshot that was announced before the one that is served: pins it, so that the next night does not undo it.
    Rollback,
    // Its help is that of its arguments.
    Canary(CanaryArguments),
    /// Remove old snapshots: all but the announced one, the pinned one, the canary, and those that were announced last.
    Gc {
        /// So many of those that were announced last stay.
        #[arg(long, default_value_t = 7, value_name = "N")]
        keep: usize,
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) async fn snapshot(common: &Common, arguments: SnapshotArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let reader = Reader::new(lake.store().clone());
    match arguments.action {
        SnapshotAction::List => list(&reader, common.output()).await,
        SnapshotAction::Show { id } => show(&reader, id, common.output()).await,
        SnapshotAction::Verify { id } => verify(&lake, &reader, id).await,
        SnapshotAction::Canary(action) => canary::canary(common.output(), &lake, action).await,
        action => keep(common, &Snapshots::new(&lake), &reader, action).await,
    }
}

/// Moves pins, tells differences, removes what is old.
async fn keep(
    common: &Common,
    snapshots: &Snapshots<'_>,
    reader: &Reader,
    action: SnapshotAction,
) -> Result<u8> {
    let output = common.output();
    match action {
        SnapshotAction::Diff { before, after } => {
            let project = Project::open(common.project.as_deref())?;
            let before = match before {
                Some(before) => before,
                None => snapshots.before().await?,
            };
            let after = named(reader, after).await?;
            diff(output, snapshots, &project, [&before, &after]).await?;
        }
        SnapshotAction::Pin { id } => {
            snapshots.pin(&id).await?;
            said(
                output,
                "pinned",
                &id,
                "it is served until `pipeline snapshot unpin`",
            );
        }
        SnapshotAction::Unpin => {
            let id = snapshots.unpin().await?;
            said(
                output,
                "unpinned",
                &id,
                "the announced snapshot is served again",
            );
        }
        SnapshotAction::Rollback => {
            let id = snapshots.before().await?;
            snapshots.pin(&id).await?;
            said(
                output,
                "pinned",
                &id,
                "nodes go back to it, until `pipeline snapshot unpin`",
            );
        }
        SnapshotAction::Gc { keep, dry_run } => {
            let gone = snapshots.collect(keep, dry_run).await?;
            let state = if dry_run { "would go" } else { "removed" };
            for id in &gone {
                said(output, state, id, "");
            }
            if gone.is_empty() && output == Output::Text {
                println!("nothing is old enough to go");
            }
        }
        SnapshotAction::List
        | SnapshotAction::Show { .. }
        | SnapshotAction::Verify { .. }
        | SnapshotAction::Canary(_) => {}
    }
    Ok(0)
}

fn said(output: Output, state: &str, id: &SnapshotId, more: &str) {
    match output {
        Output::Json => print_json(&json!({ "id": id, "state": state })),
        Output::Text if more.is_empty() => println!("{state}  {id}"),
        Output::Text => println!("snapshot {id} is {state}: {more}"),
    }
}

async fn diff(
    output: Output,
    snapshots: &Snapshots<'_>,
    project: &Project,
    between: [&SnapshotId; 2],
) -> Result<()> {
    let found = snapshots.diff(project, between).await?;
    if output == Output::Json {
        for one in &found {
            print_json(&json!(one));
        }
        return Ok(());
    }
    let [before, after] = between;
    println!("from {before}\nto   {after}");
    if found.is_empty() {
        println!("they hold the same");
    }
    for one in &found {
        let [old, new] = one
            .rows
            .map(|rows| rows.map_or_else(|| "none".to_owned(), |rows| rows.to_string()));
        println!("{:26} {old:>9} → {new:>9} rows", one.table);
        let Some(by_key) = &one.by_key else {
            continue;
        };
        let changes = [
            ("added", &by_key.added),
            ("removed", &by_key.removed),
            ("changed", &by_key.changed),
        ];
        for (what, Change { rows, examples }) in changes.into_iter().filter(|(_, one)| one.rows > 0)
        {
            println!("  {what:8} {rows:>9}  such as {}", examples.join(", "));
        }
    }
    Ok(())
}

async fn list(reader: &Reader, output: Output) -> Result<u8> {
    let announced = reader.pointer(CURRENT).await?.map(|pointer| pointer.id);
    let pinned = reader.pointer(PIN).await?.map(|pointer| pointer.id);
    let canary = canary_of(reader).await?;
    for id in reader.ids().await? {
        let mark = match &id {
            id if Some(id) == pinned.as_ref() => "pinned",
            id if Some(id) == announced.as_ref() => "announced",
            id if canary.as_ref().is_some_and(|one| one.id == *id) => "canary",
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

/// Returns the canary that nodes serve; none also where there is one that they do not.
async fn canary_of(reader: &Reader) -> Result<Option<Canary>> {
    let announcement = reader.announcement().await?;
    Ok(announcement.and_then(|announcement| announcement.canary))
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
    if let Some(canary) = canary_of(reader).await?.filter(|canary| canary.id == id) {
        println!("canary   of {} % of the nodes", 100.0 * canary.share);
    }
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
    for (name, why) in &manifest.held {
        println!("held     {name:24} {why}");
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
    let cache = lake.copies()?;
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
