//! The writer's side: open files by table, rotated by size and age.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use super::{CollectorSettings, counts::Counters, file::OpenFile, recovery::recover};

/// Lines of one table, each ended by a line feed.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u64,
}

/// Writes lines to the files of one node.
#[derive(Debug)]
pub(super) struct Writer {
    settings: CollectorSettings,
    clock: fn() -> DateTime<Utc>,
    open: BTreeMap<&'static str, OpenFile>,
    sequence: u64,
    is_failing: bool,
}

impl Writer {
    /// Makes the writer and recovers what an earlier one left of the tables.
    pub(super) fn new(
        settings: CollectorSettings,
        clock: fn() -> DateTime<Utc>,
        tables: &[&'static str],
    ) -> io::Result<Self> {
        let writer = Self {
            settings,
            clock,
            open: BTreeMap::new(),
            sequence: 0,
            is_failing: false,
        };
        for table in tables {
            recover(&writer.dir(table))?;
        }
        Ok(writer)
    }

    /// Appends lines; a failure is tried once more in a new file, then the lines are lost and counted.
    pub(super) fn append(&mut self, table: &'static str, lines: &Lines, counters: &Counters) {
        let written = self
            .try_append(table, lines)
            .or_else(|_| self.try_append(table, lines));
        match written {
            Ok(()) => {
                counters.write(lines.count);
                if std::mem::take(&mut self.is_failing) {
                    tracing::info!(table, "the landing area takes lines again");
                }
            }
            Err(error) => {
                counters.drop_lines(lines.count);
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(table, %error, "the landing area refuses lines: they are lost");
                }
            }
        }
    }

    /// Brings the open files of tables to disk and gives them their final names.
    pub(super) fn seal(&mut self, tables: &[&'static str]) {
        for table in tables {
            if let Some(file) = self.open.remove(table) {
                seal(table, file);
            }
        }
    }

    /// Returns the tables that have an open file.
    pub(super) fn open_tables(&self) -> Vec<&'static str> {
        self.open.keys().copied().collect()
    }

    /// Returns the tables whose open file is due for rotation by age.
    pub(super) fn old_tables(&self) -> Vec<&'static str> {
        let is_old = |file: &OpenFile| file.since().elapsed() >= self.settings.rotate_after;
        self.open
            .iter()
            .filter(|(_, file)| is_old(file))
            .map(|(table, _)| *table)
            .collect()
    }

    /// Returns how long it takes until a file gets too old.
    pub(super) fn until_due(&self) -> Duration {
        let due = self
            .open
            .values()
            .map(|file| file.since() + self.settings.rotate_after)
            .min();
        due.map_or(self.settings.rotate_after, |due| {
            due.saturating_duration_since(Instant::now())
        })
    }

    fn try_append(&mut self, table: &'static str, lines: &Lines) -> io::Result<()> {
        let mut file = match self.open.remove(table) {
            Some(file) => file,
            None => OpenFile::create(&self.dir(table), (self.clock)(), &mut self.sequence)?,
        };
        if let Err(error) = file.append(&lines.bytes) {
            seal(table, file);
            return Err(error);
        }
        if file.bytes() >= self.settings.rotate_bytes {
            seal(table, file);
        } else {
            self.open.insert(table, file);
        }
        Ok(())
    }

    fn dir(&self, table: &str) -> PathBuf {
        self.settings
            .landing
            .join(table)
            .join(format!("node={}", self.settings.node))
    }
}

/// Seals a file; one that cannot be sealed keeps its lines under its open name, for the next start to recover.
fn seal(table: &str, file: OpenFile) {
    match file.seal() {
        Ok(path) => tracing::debug!(table, path = %path.display(), "sealed a log file"),
        Err(error) => {
            tracing::error!(table, %error, "a log file stays open until the next start");
        }
    }
}
