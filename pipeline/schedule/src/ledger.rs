//! The ledger of slots: append-only objects on the lake.
//!
//! `schedule/slots/<dag>/<year>-<month>/<due>/<sequence>.json` is one [`SlotRecord`], made only where no object of that name exists:
//! of two schedulers that would move a slot on from the same record, one does. `schedule/since/<dag>/<instant>.json` says since when the
//! DAG is scheduled; slots before are nobody's.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};
use lake::{Lake, LakeError};

use crate::SlotRecord;

const SLOTS: &str = "schedule/slots";
const SINCE: &str = "schedule/since";
const INSTANT: &str = "%Y%m%dT%H%M%SZ";
/// How far ahead a clock may have been for slots under way to be known once it is set back; those farther ahead wait for their time.
const MOST_AHEAD: Days = Days::new(35);

/// What is known of a DAG's slots.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Since when the DAG is scheduled.
    pub since: DateTime<Utc>,
    /// The newest record of each slot, by when it was due: all since some slot that was closed or recorded long ago.
    pub slots: BTreeMap<DateTime<Utc>, SlotRecord>,
}

/// The slots of a lake.
#[derive(Debug)]
pub struct SlotLedger {
    lake: Lake,
    /// Since when DAGs are scheduled, as far as it was asked.
    since: HashMap<String, DateTime<Utc>>,
    /// The latest instant that anybody asked about.
    farthest: DateTime<Utc>,
    /// Records by path: an object never changes, so none is read twice.
    known: HashMap<String, HashMap<String, SlotRecord>>,
}

impl SlotLedger {
    /// Opens the ledger of slots of a lake.
    #[must_use]
    pub fn new(lake: Lake) -> Self {
        Self {
            lake,
            since: HashMap::new(),
            farthest: DateTime::UNIX_EPOCH,
            known: HashMap::new(),
        }
    }

    /// Appends a record; says whether this call did, or another scheduler had moved the slot on.
    ///
    /// # Errors
    /// The store failed.
    pub async fn append(&mut self, record: &SlotRecord) -> Result<bool, LakeError> {
        let path = format!(
            "{}/{}/{:04}.json",
            month(&record.dag, record.due.date_naive()),
            record.due.format(INSTANT),
            record.sequence
        );
        self.lake.create_json(&path, record).await
    }

    /// Returns since when a DAG is scheduled, which is `now` the first time that somebody asks. The earliest answer counts, so that one
    /// given while the clock was ahead is mended by the first that is not.
    ///
    /// # Errors
    /// The store failed.
    pub async fn since(
        &mut self,
        dag: &str,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, LakeError> {
        let known = self.since.get(dag).copied().filter(|since| *since <= now);
        if let Some(since) = known {
            return Ok(since);
        }
        let found = self.scheduled_since(dag).await?;
        let since = match found.filter(|since| *since <= now) {
            Some(since) => since,
            None => {
                let path = format!("{SINCE}/{dag}/{}.json", now.format(INSTANT));
                self.lake.create_json(&path, &now).await?;
                now
            }
        };
        self.since.insert(dag.to_owned(), since);
        Ok(since)
    }

    /// Returns since when a DAG is scheduled; none where no scheduler has seen it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn scheduled_since(&self, dag: &str) -> Result<Option<DateTime<Utc>>, LakeError> {
        let entries = self.lake.list(&format!("{SINCE}/{dag}")).await?;
        let instants = entries.iter().filter_map(|entry| {
            let name = entry.path.rsplit('/').next()?;
            instant(name.strip_suffix(".json")?)
        });
        Ok(instants.min())
    }

    /// Returns what is known of a DAG's slots: those of the newest month up to `now` that has any, of the month before it, and of all
    /// months since. A slot that has been open for longer than that is forgotten.
    ///
    /// # Errors
    /// The store failed, or a record is not what it should be.
    pub async fn history(
        &mut self,
        dag: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<History, LakeError> {
        let mut known = self.known.remove(dag).unwrap_or_default();
        let mut kept = HashMap::new();
        let mut history = History {
            since,
            ..History::default()
        };
        let first = first_of_month(since.date_naive());
        // Where the clock was set back, what was under way has not gone.
        self.farthest = self.farthest.max(now);
        let newest = self.farthest.min(now + MOST_AHEAD);
        let mut at = first_of_month(newest.date_naive());
        loop {
            let slots = self.month(dag, at, &mut known, &mut kept).await?;
            let was_found = history.slots.keys().any(|due| *due <= now);
            history.slots.extend(slots);
            if was_found || at <= first {
                break;
            }
            at = first_of_month(at - Days::new(1));
        }
        self.known.insert(dag.to_owned(), kept);
        Ok(history)
    }

    /// Returns the newest record of each slot of a month.
    async fn month(
        &self,
        dag: &str,
        day: NaiveDate,
        known: &mut HashMap<String, SlotRecord>,
        kept: &mut HashMap<String, SlotRecord>,
    ) -> Result<BTreeMap<DateTime<Utc>, SlotRecord>, LakeError> {
        // Paths are sorted: the last of a slot is its newest.
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for entry in self.lake.list(&month(dag, day)).await? {
            if let Some((slot, _)) = entry.path.rsplit_once('/') {
                newest.insert(slot.to_owned(), entry.path.clone());
            }
        }
        let mut slots = BTreeMap::new();
        for path in newest.into_values() {
            let record = match known.remove(&path) {
                Some(record) => record,
                None => self.read(&path).await?,
            };
            kept.insert(path, record.clone());
            slots.insert(record.due, record);
        }
        Ok(slots)
    }

    /// Returns every record of a slot, oldest first: how it came to stand where it does.
    ///
    /// # Errors
    /// The store failed, or a record is not what it should be.
    pub async fn records(
        &self,
        dag: &str,
        due: DateTime<Utc>,
    ) -> Result<Vec<SlotRecord>, LakeError> {
        let folder = format!("{}/{}", month(dag, due.date_naive()), due.format(INSTANT));
        let mut records = Vec::new();
        for entry in self.lake.list(&folder).await? {
            records.push(self.read(&entry.path).await?);
        }
        Ok(records)
    }

    async fn read(&self, path: &str) -> Result<SlotRecord, LakeError> {
        let record = self.lake.read_json(path).await?;
        record.ok_or_else(|| LakeError::Missing(path.to_owned()))
    }
}

fn month(dag: &str, day: NaiveDate) -> String {
    format!("{SLOTS}/{dag}/{}", day.format("%Y-%m"))
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let naive = NaiveDateTime::parse_from_str(text, INSTANT).ok()?;
    Some(naive.and_utc())
}
