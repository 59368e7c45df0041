//! Which slots a backfill runs, and how far it came.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{Lake, Ledger, RunRecord, RunState};
use schemas::Slot;
use serde::{Deserialize, Serialize};

use crate::{artefact::fingerprint, environments, publish::Standing, run::RunSettings};

/// How many runs an estimate is of.
const RECENT: usize = 10;

/// One slot of a backfill.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Listed {
    pub(crate) slot: Slot,
    /// Whether it is run.
    pub(crate) runs: bool,
    pub(crate) why: String,
    /// What the longest of the last runs of the DAG took.
    pub(crate) estimated_ms: Option<u64>,
    /// What readers would see of it.
    pub(crate) announces: String,
}

/// A backfill that was begun, as its record says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Begun {
    dag: String,
    from: Slot,
    to: Slot,
    /// How many times the same was begun before and came to its end.
    number: u32,
}

/// A backfill of one DAG with the same settings over the same days: the same again goes on where it stopped.
pub(crate) struct Backfill {
    lake: Lake,
    folder: String,
    begun: Begun,
    is_only_missing: bool,
    /// Slots that it has done already.
    done: Vec<Slot>,
}

impl Backfill {
    /// Finds the one that is under way, or begins another.
    pub(crate) async fn open(
        lake: &Lake,
        settings: &RunSettings,
        [from, to]: [Slot; 2],
        is_only_missing: bool,
    ) -> Result<Self> {
        let parts = BTreeMap::from([
            ("dag".to_owned(), settings.dag.clone()),
            (
                "days".to_owned(),
                format!("{from}–{to}, missing only: {is_only_missing}"),
            ),
            ("choice".to_owned(), format!("{:?}", settings.choice)),
            (
                "told".to_owned(),
                format!(
                    "{:?} {:?} {:?}",
                    settings.landing, settings.model, settings.reranker
                ),
            ),
        ]);
        let key = &fingerprint(&parts)[..16];
        let root = lake.own(&format!("runs/_backfills/{key}"));
        let mut number = 0;
        while lake.exists(&format!("{root}/{number:04}/end.json")).await? {
            number += 1;
        }
        let folder = format!("{root}/{number:04}");
        let mut done = Vec::new();
        for entry in lake.list(&folder).await? {
            let file = entry.path.rsplit('/').next().unwrap_or_default();
            done.extend(
                file.strip_suffix(".done.json")
                    .and_then(|day| day.parse::<Slot>().ok()),
            );
        }
        let dag = settings.dag.clone();
        Ok(Self {
            lake: lake.clone(),
            folder,
            begun: Begun {
                dag,
                from,
                to,
                number,
            },
            is_only_missing,
            done,
        })
    }

    /// Says of each slot whether it is run, why, how long it takes and what it announces.
    pub(crate) async fn list(&self, slots: &[Slot]) -> Result<Vec<Listed>> {
        let ledger = Ledger::new(self.lake.clone());
        let mut succeeded: BTreeMap<Slot, RunRecord> = BTreeMap::new();
        let mut ended: BTreeMap<Slot, RunRecord> = BTreeMap::new();
        let mut times = Vec::new();
        for run in ledger.runs().await? {
            let Some(record) = ledger.run(&run).await? else {
                continue;
            };
            if record.dag != self.begun.dag || !record.beginning.asked.jobs.is_empty() {
                continue;
            }
            if record.state == RunState::Succeeded {
                if record.beginning.promotes.is_none() {
                    times.push(record.elapsed_ms);
                }
                succeeded.insert(record.slot, record.clone());
            }
            ended.insert(record.slot, record);
        }
        // A run in which everything was skipped says little of one that has something to do.
        let estimated_ms = times.iter().rev().take(RECENT).max().copied();
        let announced = environments::announced_slot(&self.lake).await?;
        let mut newest = announced.max(Standing::read(&self.lake).await?.newest_slot());
        let mut listed = Vec::new();
        for &slot in slots {
            let (runs, why) = match (succeeded.get(&slot), ended.get(&slot)) {
                _ if self.done.contains(&slot) => (false, "this backfill has done it".to_owned()),
                (Some(run), _) if self.is_only_missing => {
                    (false, format!("run {} succeeded", run.run))
                }
                (Some(run), _) => (true, format!("again: run {} succeeded", run.run)),
                (None, Some(run)) => (true, format!("run {} did not succeed", run.run)),
                (None, None) => (true, "no run is recorded".to_owned()),
            };
            let announces = match newest {
                Some(newest) if newest > slot => {
                    format!("recorded, not announced: slot {newest} is newer")
                }
                _ => "announced where its gates let it pass".to_owned(),
            };
            if runs {
                newest = newest.max(Some(slot));
            }
            listed.push(Listed {
                slot,
                runs,
                why,
                estimated_ms,
                announces,
            });
        }
        Ok(listed)
    }

    /// Records that it is under way.
    pub(crate) async fn begin(&self) -> Result<()> {
        let path = format!("{}/start.json", self.folder);
        Ok(self
            .lake
            .create_json(&path, &self.begun)
            .await
            .map(|_| ())?)
    }

    /// Records that a slot is done.
    pub(crate) async fn done(&mut self, slot: Slot) -> Result<()> {
        let path = format!("{}/{slot}.done.json", self.folder);
        self.lake.write_json(&path, &slot).await?;
        self.done.push(slot);
        Ok(())
    }

    /// Records that all are: the same command then begins another.
    pub(crate) async fn end(&self) -> Result<()> {
        let path = format!("{}/end.json", self.folder);
        Ok(self.lake.write_json(&path, &self.begun).await?)
    }
}
