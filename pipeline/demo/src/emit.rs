//! The way of a row from its maker to its file, with planted bad rows between the good ones.

use crate::bad_rows::{BadRow, Flaw};
use crate::error::DemoError;
use crate::record::{Record, Value};
use crate::report::{Progress, TableReport};
use crate::truth::{Truth, TruthWriter};
use crate::writers::{Place, TableWriter, encode_fault};

const PROGRESS_EVERY: u64 = 4096;

/// Takes the rows of one stream.
pub(crate) struct Emitter<'a> {
    pub(crate) writer: TableWriter,
    pub(crate) truth: &'a mut TruthWriter,
    pub(crate) report: &'a mut TableReport,
    progress: &'a mut dyn FnMut(&Progress<'_>),
    bad_rows: &'static [BadRow],
    /// Bad rows to plant in all, `bad_rows` in turn.
    bad_total: u64,
    planted: u64,
    good: u64,
    expected: u64,
}

/// How many rows of which quality a stream will hold.
pub(crate) struct Plan {
    pub(crate) expected: u64,
    pub(crate) bad_rows: &'static [BadRow],
    pub(crate) copies: u64,
}

impl Plan {
    fn bad_total(&self) -> u64 {
        self.bad_rows.len() as u64 * self.copies
    }
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(
        writer: TableWriter,
        plan: Plan,
        (truth, report): (&'a mut TruthWriter, &'a mut TableReport),
        progress: &'a mut dyn FnMut(&Progress<'_>),
    ) -> Self {
        Self {
            writer,
            truth,
            report,
            progress,
            bad_rows: plan.bad_rows,
            bad_total: plan.bad_total(),
            planted: 0,
            good: 0,
            expected: plan.expected,
        }
    }

    /// Writes a good row given as cells.
    pub(crate) fn cells(&mut self, cells: Vec<Value>) -> Result<(), DemoError> {
        debug_assert_eq!(cells.len(), self.writer.table().columns.len());
        self.row(Record::Cells(cells))
    }

    /// Writes a good row, then the bad rows due here.
    pub(crate) fn row(&mut self, record: Record) -> Result<(), DemoError> {
        self.writer.write(&record)?;
        self.good += 1;
        self.report.rows += 1;
        // Spread evenly; the last one is due before the last expected row.
        let last = self.expected.saturating_sub(1).max(1);
        let due = self.good.min(last) * self.bad_total / last;
        while self.planted < due.min(self.bad_total) {
            self.plant(&record)?;
        }
        if self.good.is_multiple_of(PROGRESS_EVERY) {
            self.tell(false);
        }
        Ok(())
    }

    /// Tells the truth file that a key was sent twice.
    pub(crate) fn superseded(&mut self, key: Vec<String>, kept: String) -> Result<(), DemoError> {
        self.report.superseded += 1;
        let table = self.writer.table().name.to_owned();
        self.truth.write(&Truth::Superseded {
            table,
            key,
            kept_updated_at: kept,
        })
    }

    /// Completes the files and names them.
    pub(crate) fn finish(mut self) -> Result<Vec<String>, DemoError> {
        if self.planted < self.bad_total {
            let reason = format!(
                "table {} is too small for its {} planted bad rows",
                self.writer.table().name,
                self.bad_total
            );
            return Err(DemoError::settings(reason));
        }
        self.writer.finish()?;
        self.report.files += self.writer.files.len() as u64;
        self.report.bytes += self.writer.bytes;
        self.tell(true);
        Ok(self.writer.files)
    }

    fn plant(&mut self, good: &Record) -> Result<(), DemoError> {
        let kind = self.bad_rows[(self.planted % self.bad_rows.len() as u64) as usize];
        self.planted += 1;
        let table = self.writer.table();
        let record = kind.spoil(table, good, self.planted);
        let Place { file, line } = match kind.flaw {
            Flaw::Bytes(fault) => {
                let is_csv = self.writer.format().is_csv();
                self.writer
                    .write_raw(&encode_fault(table, &record, fault, is_csv))?
            }
            _ => self.writer.write(&record)?,
        };
        self.report.rows += 1;
        match kind.layer {
            "bronze" => self.report.bad_bronze += 1,
            _ => self.report.bad_silver += 1,
        }
        let key = table
            .key
            .iter()
            .map(|column| text_of(table.position(column), &record, column));
        let truth = Truth::BadRow {
            table: table.name.to_owned(),
            file: file.to_string(),
            line,
            key: key.collect(),
            layer: kind.layer.to_owned(),
            rule: kind.rule.to_owned(),
        };
        self.truth.write(&truth)
    }

    fn tell(&mut self, is_done: bool) {
        let table = self.writer.table().name;
        let (rows, expected) = (self.good + self.planted, self.expected + self.bad_total);
        (self.progress)(&Progress {
            table,
            rows,
            expected,
            is_done,
        });
    }
}

fn text_of(place: Option<usize>, record: &Record, column: &str) -> String {
    match (record, place) {
        (Record::Cells(cells), Some(place)) => match &cells[place] {
            Value::Text(text) => text.clone(),
            _ => String::new(),
        },
        (Record::Nested(object), _) => object[column].as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}
