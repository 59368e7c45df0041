//! Removing what nothing needs any more: versions of tables and models, what was decoded and what was refused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::Days;
use lake::{Entry, Lake, LakeError, Ledger, RunRecord};
use schemas::SnapshotId;
use serde::Serialize;

use crate::{artefact::Artefact, environments, failpoint, publish::Standing};

/// The layers that have versions.
const LAYERS: [&str; 5] = ["bronze", "silver", "gold", "models", "snapshots"];

/// What of one table goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Swept {
    /// The table, or what else jobs write.
    pub(crate) table: String,
    pub(crate) objects: usize,
    pub(crate) bytes: u64,
}

/// What a lake must keep.
#[derive(Debug, Default)]
struct Needed {
    /// Fingerprints of artefacts.
    fingerprints: BTreeSet<String>,
    /// Files, whatever artefact they are of.
    files: BTreeSet<String>,
}

/// What a lake holds that may go, records before the files that they name.
pub(crate) struct Sweep<'a> {
    lake: &'a Lake,
    gone: Vec<Entry>,
}

impl<'a> Sweep<'a> {
    /// Finds what may go: all but the versions that stand or are published, in the lake itself and in each environment; that runs of the last
    /// `days` days made or found, or runs of a snapshot that is `kept`; that the newest run of a job left; and that new rows are merged into.
    /// Days are counted back from the newest run of each ledger.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn plan(
        lake: &'a Lake,
        kept: &BTreeSet<SnapshotId>,
        days: u64,
    ) -> Result<Self> {
        let mut found = Vec::new();
        for layer in LAYERS {
            found.extend(lake.list(&format!("{layer}/_versions")).await?);
        }
        let versions = found.len();
        for folder in ["bronze", "quarantine", "models"] {
            let entries = lake.list(folder).await?.into_iter();
            found.extend(entries.filter(|entry| is_of_jobs(&entry.path)));
        }
        let mut needed = Needed::default();
        for one in environments::every(lake).await? {
            needed.stand(&one).await?;
            needed.of_runs(&one, kept, days).await?;
        }
        needed.merged_into(lake, &found[..versions]).await?;
        needed.of_records(lake, &found[..versions]).await?;
        let there: BTreeSet<String> = found.iter().map(|entry| entry.path.clone()).collect();
        let mut gone: Vec<Entry> = found
            .into_iter()
            .filter(|entry| !needed.has(&entry.path, &there))
            .collect();
        gone.sort_by_key(|entry| (!entry.path.ends_with(".json"), entry.path.clone()));
        Ok(Self { lake, gone })
    }

    /// Returns what goes by table, the largest first.
    pub(crate) fn tables(&self) -> Vec<Swept> {
        let mut tables: BTreeMap<String, Swept> = BTreeMap::new();
        for entry in &self.gone {
            let table = table_of(&entry.path);
            let swept = tables.entry(table.clone()).or_default();
            swept.table = table;
            swept.objects += 1;
            swept.bytes += entry.bytes;
        }
        let mut tables: Vec<Swept> = tables.into_values().collect();
        tables.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.table.cmp(&b.table)));
        tables
    }

    /// Removes it. The lake's lock must be held. A file whose record is gone is nobody's, so that a sweep that is killed leaves nothing that a
    /// run might take for whole; the next one removes the rest.
    ///
    /// # Errors
    /// The store failed, or the lock was lost.
    pub(crate) async fn remove(&self) -> Result<()> {
        for entry in &self.gone {
            self.lake.delete(&entry.path).await?;
            failpoint::point("gc.after_delete");
        }
        Ok(())
    }
}

impl Needed {
    /// What readers of a lake or an environment find, and what an environment was made from.
    async fn stand(&mut self, lake: &Lake) -> Result<()> {
        let standing = Standing::read(lake).await?.artefacts.into_values();
        self.fingerprints
            .extend(standing.map(|one| one.fingerprint));
        let base = environments::base_fingerprints(lake).await?;
        self.fingerprints.extend(base);
        for layer in LAYERS {
            for entry in lake.list(&lake.own(&format!("{layer}/_versions"))).await? {
                if entry.path.ends_with("/CURRENT")
                    && let Some(files) = lake.read(&entry.path).await?
                {
                    let files = String::from_utf8_lossy(&files).into_owned();
                    self.files.extend(files.lines().map(str::to_owned));
                }
            }
        }
        Ok(())
    }

    /// What the newest run of each job left, and all that runs left which are recent or of a snapshot that is kept.
    async fn of_runs(&mut self, lake: &Lake, kept: &BTreeSet<SnapshotId>, days: u64) -> Result<()> {
        let ledger = Ledger::new(lake.clone());
        let last = ledger.last_jobs().await?.into_values();
        let mut jobs: Vec<_> = last.map(|(_, record)| record).collect();
        let mut runs: Vec<RunRecord> = Vec::new();
        for run in ledger.runs().await? {
            runs.extend(ledger.run(&run).await?);
        }
        let slot = runs.iter().map(|run| run.slot.day()).max();
        let start = runs.iter().filter_map(|run| run.beginning.started_at).max();
        let slot = slot.and_then(|newest| newest.checked_sub_days(Days::new(days)));
        let start = start.and_then(|newest| newest.checked_sub_days(Days::new(days)));
        for run in runs {
            let is_recent = slot.is_none_or(|oldest| run.slot.day() >= oldest)
                || start.is_some_and(|oldest| run.beginning.started_at >= Some(oldest));
            let snapshot = run.snapshot.iter().chain(&run.recorded);
            if is_recent || snapshot.into_iter().any(|id| kept.contains(id)) {
                jobs.extend(ledger.jobs(&run.run).await?.into_values());
            }
        }
        for job in jobs {
            self.fingerprints
                .extend(job.carried_over.map(|over| over.fingerprint));
            self.fingerprints.insert(job.fingerprint);
        }
        Ok(())
    }

    /// What a later run merges new rows into.
    async fn merged_into(&mut self, lake: &Lake, versions: &[Entry]) -> Result<()> {
        for entry in versions.iter().filter(|one| one.path.ends_with("/LAST")) {
            let last = lake.read(&entry.path).await?.unwrap_or_default();
            let last = String::from_utf8_lossy(&last);
            self.fingerprints.extend(last.lines().map(str::to_owned));
        }
        Ok(())
    }

    /// The files of all artefacts that are needed.
    async fn of_records(&mut self, lake: &Lake, versions: &[Entry]) -> Result<()> {
        for entry in versions {
            if !self.is_record(&entry.path) {
                continue;
            }
            let made = match lake.read_json::<Artefact>(&entry.path).await {
                // What was cut short is made again, as if it were not there.
                Err(LakeError::Malformed { .. }) => None,
                made => made?,
            };
            if let Some(made) = made {
                self.files.extend(made.files);
                self.files.extend(made.quarantine);
            }
        }
        Ok(())
    }

    /// Says whether a path is the record of an artefact that is needed.
    fn is_record(&self, path: &str) -> bool {
        let name = path
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".json"));
        name.is_some_and(|fingerprint| self.fingerprints.contains(fingerprint))
    }

    /// Says whether an object stays, beside those that are `there`.
    fn has(&self, path: &str, there: &BTreeSet<String>) -> bool {
        if let Some(key) = path.strip_prefix("bronze/_files/") {
            // What became of a landing file goes with its rows; of one that was refused whole there are none.
            let rows = key
                .strip_suffix(".json")
                .map(|key| format!("bronze/{key}.parquet"));
            return rows.is_none_or(|rows| self.files.contains(&rows) || !there.contains(&rows));
        }
        let is_note = ["CURRENT", "LAST"].contains(&path.rsplit('/').next().unwrap_or_default());
        is_note || self.files.contains(path) || self.is_record(path)
    }
}

/// Says whether an object beside the versions is one that jobs write and name in their records. Models are, in folders named by fingerprints; the
/// registry and the vectors of texts, which are kept for ever, are not.
fn is_of_jobs(path: &str) -> bool {
    let is_fingerprint =
        |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["models", _, fingerprint, _, ..] => is_fingerprint(fingerprint),
        ["bronze", "_versions", ..] | ["models", ..] => false,
        _ => true,
    }
}

/// Returns what an object is of: `silver.offers` for `silver/_versions/offers/1.parquet`, `bronze/offers/1.parquet` and the like.
fn table_of(path: &str) -> String {
    let path = path.strip_prefix("quarantine/").unwrap_or(path);
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.starts_with('_'))
        .collect();
    match parts[..] {
        [layer, table, ..] => format!("{layer}.{table}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_told_by_the_table_that_they_are_of() {
        let cases = [
            ("silver/_versions/offers/1-00000.parquet", "silver.offers"),
            ("bronze/_files/offers/1.json", "bronze.offers"),
            ("bronze/offers/1.parquet", "bronze.offers"),
            ("quarantine/silver/offers/1.parquet", "silver.offers"),
        ];
        for (path, table) in cases {
            assert_eq!(table_of(path), table);
        }
    }

    #[test]
    fn of_models_only_what_jobs_made_may_go() {
        let fit = format!("models/prices/{}/price.model", "0a".repeat(16));
        assert!(is_of_jobs(&fit) && is_of_jobs("bronze/offers/1.parquet"));
        for kept in [
            "models/registry/price_booking/409e0f7af9113be3/card.json",
            "models/text_vectors/minilm/1.parquet",
            "models/weights.json",
        ] {
            assert!(!is_of_jobs(kept), "{kept}");
        }
    }

    #[test]
    fn records_notes_and_files_stay_that_are_needed_and_no_others() {
        let needed = Needed {
            fingerprints: BTreeSet::from(["a".to_owned()]),
            files: BTreeSet::from(["bronze/t/k.parquet".to_owned()]),
        };
        let there = ["k", "l"].map(|key| format!("bronze/t/{key}.parquet"));
        let there = BTreeSet::from(there);
        for path in [
            "silver/_versions/t/a.json",
            "silver/_versions/t/LAST",
            "gold/_versions/t/CURRENT",
            "bronze/t/k.parquet",
            "bronze/_files/t/k.json",
            "bronze/_files/t/refused.json",
        ] {
            assert!(needed.has(path, &there), "{path}");
        }
        for path in [
            "silver/_versions/t/b.json",
            "silver/_versions/t/a.parquet",
            "bronze/t/l.parquet",
            "bronze/_files/t/l.json",
        ] {
            assert!(!needed.has(path, &there), "{path}");
        }
    }
}
