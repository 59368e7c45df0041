//! A table's files: each holds so many rows, is written beside its final name, then renamed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::DemoError;
use crate::record::Record;
use crate::tables::Table;
use crate::writers::encode;
use crate::writers::parquet::ParquetPart;
use crate::writers::sink::{Format, Sink};

/// Where a row was written; `line` counts as the provenance column `_line` does.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: Arc<str>,
    pub(crate) line: u64,
}

/// Writes the rows of one table into files `<folder>/<stem>-00001.<suffix>` and so on.
pub(crate) struct TableWriter {
    landing: PathBuf,
    table: &'static Table,
    stem: String,
    format: Format,
    rows_per_file: u64,
    /// How many rows come before those that go elsewhere, and where that is.
    move_after: Option<(u64, PathBuf)>,
    counts_only: bool,
    pub(crate) rows: u64,
    part: Option<Part>,
    /// Files that are complete, relative to the landing root.
    pub(crate) files: Vec<String>,
    pub(crate) bytes: u64,
    buffer: String,
}

struct Part {
    file: Arc<str>,
    path: PathBuf,
    encoder: Encoder,
    rows: u64,
    next_line: u64,
}

enum Encoder {
    Text(Box<Sink>),
    Parquet(Box<ParquetPart>),
}

impl TableWriter {
    /// `stem` is relative to the landing root, for example `companies/etablissements`.
    pub(crate) fn new(
        landing: &Path,
        table: &'static Table,
        (stem, format): (&str, Format),
        rows_per_file: u64,
    ) -> Self {
        Self {
            landing: landing.to_owned(),
            table,
            stem: stem.to_owned(),
            format,
            rows_per_file,
            move_after: None,
            counts_only: false,
            rows: 0,
            part: None,
            files: Vec::new(),
            bytes: 0,
            buffer: String::new(),
        }
    }

    /// Writes the rows after the first `rows` to another landing area.
    pub(crate) fn move_after(&mut self, rows: u64, landing: &Path) {
        self.move_after = Some((rows, landing.to_owned()));
    }

    /// Writes nothing from now on, and counts rows.
    pub(crate) fn count_only(&mut self) {
        self.counts_only = true;
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn write(&mut self, record: &Record) -> Result<Place, DemoError> {
        let mut text = std::mem::take(&mut self.buffer);
        text.clear();
        match self.format {
            Format::Parquet => {}
            Format::Csv | Format::CsvGz => encode::csv_row(record, &mut text),
            Format::JsonArray => encode::json_object(self.table, record, &mut text),
            _ => {
                encode::json_object(self.table, record, &mut text);
                text.push('\n');
            }
        }
        let place = self.write_row(text.as_bytes(), Some(record));
        self.buffer = text;
        place
    }

    /// Writes a row given as bytes, line end included (a planted fault).
    pub(crate) fn write_raw(&mut self, bytes: &[u8]) -> Result<Place, DemoError> {
        self.write_row(bytes, None)
    }

    /// Completes the last file; a table without rows gets no file.
    pub(crate) fn finish(&mut self) -> Result<(), DemoError> {
        let Some(part) = self.part.take() else {
            return Ok(());
        };
        let target = self.landing.join(part.file.as_ref());
        let format = self.format;
        let completed = match part.encoder {
            Encoder::Parquet(parquet) => parquet.finish(),
            Encoder::Text(mut sink) => {
                let closed = match format {
                    Format::JsonArray => sink.write_all(b"\n]\n"),
                    _ => Ok(()),
                };
                closed.and_then(|()| sink.finish())
            }
        };
        let bytes = completed
            .and_then(|()| fs::rename(&part.path, &target))
            .and_then(|()| fs::metadata(&target))
            .map_err(DemoError::io(&target))?
            .len();
        self.bytes += bytes;
        self.files.push(part.file.to_string());
        Ok(())
    }

    fn write_row(&mut self, bytes: &[u8], record: Option<&Record>) -> Result<Place, DemoError> {
        if self
            .part
            .as_ref()
            .is_some_and(|part| part.rows >= self.rows_per_file)
        {
            self.finish()?;
        }
        if let Some((_, landing)) = self.move_after.take_if(|(rows, _)| *rows <= self.rows) {
            self.finish()?;
            self.landing = landing;
        }
        self.rows += 1;
        if self.counts_only {
            return Ok(Place {
                file: Arc::from(""),
                line: 0,
            });
        }
        let mut part = match self.part.take() {
            Some(part) => part,
            None => self.open()?,
        };
        let place = Place {
            file: part.file.clone(),
            line: part.next_line,
        };
        let separator: &[u8] = match self.format {
            Format::JsonArray if part.rows > 0 => b",\n",
            _ => b"",
        };
        let written = match &mut part.encoder {
            Encoder::Text(sink) => sink
                .write_all(separator)
                .and_then(|()| sink.write_all(bytes)),
            Encoder::Parquet(parquet) => record.map_or(Ok(()), |record| parquet.write(record)),
        };
        written.map_err(DemoError::io(&part.path))?;
        part.rows += 1;
        part.next_line += match self.format {
            Format::Parquet | Format::JsonArray => 1,
            _ => bytes.iter().filter(|byte| **byte == b'\n').count() as u64,
        };
        self.part = Some(part);
        Ok(place)
    }

    fn open(&self) -> Result<Part, DemoError> {
        let number = self.files.len() + 1;
        let file = format!("{}-{number:05}.{}", self.stem, self.format.suffix());
        let target = self.landing.join(&file);
        let path = PathBuf::from(format!("{}.part", target.display()));
        let encoder = self.create(&path).map_err(DemoError::io(&path))?;
        let next_line = if self.format.is_csv() { 2 } else { 1 };
        Ok(Part {
            file: file.into(),
            path,
            encoder,
            rows: 0,
            next_line,
        })
    }

    fn create(&self, path: &Path) -> io::Result<Encoder> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if self.format == Format::Parquet {
            return Ok(Encoder::Parquet(Box::new(ParquetPart::create(
                path, self.table,
            )?)));
        }
        let mut sink = Sink::create(path, self.format)?;
        match self.format {
            Format::JsonArray => sink.write_all(b"[\n")?,
            format if format.is_csv() => {
                let mut header = String::new();
                encode::csv_header(self.table, &mut header);
                sink.write_all(header.as_bytes())?;
            }
            _ => {}
        }
        Ok(Encoder::Text(Box::new(sink)))
    }
}
