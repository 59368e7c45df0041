//! `pipeline gc`.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Args;
use schemas::SnapshotId;
use serde_json::json;
use snapshot::Reader;

use super::arguments::{Common, LakeArguments, Output};
use crate::{report::print_json, snapshots::Snapshots, sweep::Sweep};

/// Remove what nothing needs any more: old snapshots, and what of tables and models neither readers nor later runs need.
///
/// Snapshots stay that are announced, pinned, or among the last that were announced (`--keep`). Of tables and models stays what readers find; what
/// the newest run of each job left, and what new rows are merged into; and what runs of the last days (`--days`) or of a snapshot that stays
/// made: so failed runs of that time can be taken up, and snapshots that stay be compared row by row. All that for the lake itself and
/// for each environment. Landing files, the ledger, the registry of models and the vectors of texts stay.
///
/// No run may be at work meanwhile. Interrupted, the same command goes on where it stopped.
///
///   pipeline gc --dry-run
///   pipeline gc --keep 14 --days 30
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct GcArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// So many of the snapshots that were announced last stay. With fewer than two, a night that is run again has nothing to be compared with.
    #[arg(long, default_value_t = 7, value_name = "N")]
    keep: usize,
    /// All stays that runs of so many days before the newest one made.
    #[arg(long, default_value_t = 14, value_name = "DAYS")]
    days: u64,
    /// Only say what would be removed.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn gc(common: &Common, arguments: GcArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let is_dry = arguments.dry_run;
    // Nothing is made or moved while it is decided what nobody needs.
    let _lock = match is_dry {
        true => None,
        false => Some(lake.lock().await?),
    };
    let there = Reader::new(lake.store().clone()).ids().await?;
    let snapshots = Snapshots::new(&lake);
    let gone: BTreeSet<SnapshotId> = snapshots
        .collect(arguments.keep, is_dry)
        .await?
        .into_iter()
        .collect();
    let kept = there.into_iter().filter(|id| !gone.contains(id)).collect();
    let sweep = Sweep::plan(&lake, &kept, arguments.days).await?;
    if !is_dry {
        sweep.remove().await?;
    }
    let tables = sweep.tables();
    let (objects, bytes) = tables.iter().fold((0, 0), |(objects, bytes), one| {
        (objects + one.objects, bytes + one.bytes)
    });
    let state = if is_dry { "would go" } else { "removed" };
    if common.output() == Output::Json {
        for id in &gone {
            print_json(&json!({ "snapshot": id, "state": state }));
        }
        for one in &tables {
            print_json(
                &json!({ "table": one.table, "objects": one.objects, "bytes": one.bytes, "state": state }),
            );
        }
        print_json(
            &json!({ "snapshots": gone.len(), "objects": objects, "bytes": bytes, "state": state }),
        );
        return Ok(0);
    }
    for id in &gone {
        println!("{state}  snapshot {id}");
    }
    for one in &tables {
        println!(
            "{state}  {:28} {:>6} objects {:>10} KiB",
            one.table,
            one.objects,
            one.bytes >> 10
        );
    }
    match gone.is_empty() && tables.is_empty() {
        true => println!("nothing is old enough to go"),
        false => println!(
            "{} snapshots, and {objects} objects of {} tables, {} MiB, {state}",
            gone.len(),
            tables.len(),
            bytes >> 20
        ),
    }
    Ok(0)
}
