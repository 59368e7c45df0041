//! `pipeline backup` and `pipeline restore`.

use anyhow::Result;
use backup::{Amount, BackupError, RestoreSettings, back_up, list, restore as bring_back};
use clap::Args;
use lake::Lake;
use serde_json::json;

use super::{
    arguments::{Common, LakeArguments, Output},
    exit,
};
use crate::report::print_json;

/// Keep the lake a second time, in a folder or a bucket: landing files, tables, snapshots, models, ledger.
///
/// What the place has already is not copied again. Each backup is whole by itself: one that was killed leaves those before as they
/// were, and the same command goes on. Every snapshot is compared with its manifest, byte for byte, before the backup counts. No run
/// may be at work meanwhile.
///
///   pipeline backup --to s3://backups/market
///   pipeline backup --to s3://backups/market --list
///   pipeline restore --from s3://backups/market --lake data
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Where backups are kept.
    #[arg(long, env = "MARKETLOUNGE_BACKUP", value_name = "PATH_OR_URL")]
    to: String,
    /// Tell which backups there are, and take none.
    #[arg(long)]
    list: bool,
}

/// Make the lake what it was when a backup was taken.
///
/// Only what the lake lacks, or has damaged, is copied. The pointer is moved last, after the snapshot was verified. What landed since
/// stays. Where the lake announces a snapshot that the backup does not hold, nothing is done unless forced.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Where backups are kept.
    #[arg(long, env = "MARKETLOUNGE_BACKUP", value_name = "PATH_OR_URL")]
    from: String,
    /// Which backup; the newest unless said.
    #[arg(long, value_name = "NUMBER")]
    backup: Option<u64>,
    /// Go back behind what is announced now.
    #[arg(long)]
    force: bool,
}

pub(super) async fn backup(common: &Common, arguments: BackupArguments) -> Result<u8> {
    if arguments.list {
        return tell(common.output(), &Lake::open_existing(&arguments.to)?).await;
    }
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let taken = match back_up(&lake, &Lake::open(&arguments.to)?).await {
        Err(error) if error.is_damage() => return Ok(damaged(&error)),
        taken => taken.map_err(plain)?,
    };
    if common.output() == Output::Json {
        print_json(&json!(taken));
        return Ok(0);
    }
    println!(
        "backup {} of {} objects, {} MiB: {} were not there yet, {} MiB",
        taken.number,
        taken.holds.objects,
        taken.holds.bytes >> 20,
        taken.copied.objects,
        taken.copied.bytes >> 20
    );
    match taken.announced {
        Some(id) => println!("it announces snapshot {id}"),
        None => println!("no snapshot is announced in it"),
    }
    Ok(0)
}

pub(super) async fn restore(common: &Common, arguments: RestoreArguments) -> Result<u8> {
    let store = Lake::open_existing(&arguments.from)?;
    let lake = Lake::open(&arguments.lake.lake)?;
    let settings = RestoreSettings {
        number: arguments.backup,
        is_forced: arguments.force,
    };
    let restored = match bring_back(&store, &lake, settings).await {
        Err(error) if error.is_damage() => return Ok(damaged(&error)),
        restored => restored.map_err(plain)?,
    };
    if common.output() == Output::Json {
        print_json(&json!(restored));
        return Ok(0);
    }
    println!(
        "backup {} of {} objects is restored in {}: {} were copied, {} MiB; {} newer files were removed",
        restored.number,
        restored.holds.objects,
        arguments.lake.lake,
        restored.copied.objects,
        restored.copied.bytes >> 20,
        restored.removed
    );
    if let Some(id) = restored.announced {
        println!("snapshot {id} is announced");
    }
    Ok(0)
}

async fn tell(output: Output, store: &Lake) -> Result<u8> {
    for index in list(store).await.map_err(plain)? {
        let Amount { objects, bytes } = index.holds();
        if output == Output::Json {
            print_json(&json!({
                "number": index.number, "announced": index.announced, "snapshots": index.snapshots,
                "objects": objects, "bytes": bytes,
            }));
            continue;
        }
        let announced = index
            .announced
            .map_or_else(|| "none".to_owned(), |id| id.to_string());
        println!(
            "{:>6}  snapshot {announced}  {objects} objects, {} MiB",
            index.number,
            bytes >> 20
        );
    }
    Ok(0)
}

/// The lake's own failures as they come from everywhere else: exit codes tell them apart.
fn plain(error: BackupError) -> anyhow::Error {
    match error {
        BackupError::Lake(error) => error.into(),
        error => error.into(),
    }
}

fn damaged(error: &BackupError) -> u8 {
    eprintln!("error: {error}");
    exit::DAMAGED
}
