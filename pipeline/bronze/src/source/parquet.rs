//! Parquet files, a batch of rows at a time, each row shown as the JSON object that it is.
//!
//! They are decoded by arrow-rs: one flipped byte in a page makes polars' decoder ask for more memory than there is, which ends the
//! process, and with it the files that are sound.

use std::{
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatchReader, make_array},
    compute::cast,
    datatypes::{DataType, Field, Float32Type, Float64Type, Schema},
    error::ArrowError,
    json::{WriterBuilder, writer::LineDelimited},
    record_batch::RecordBatch,
};
use encoding_rs::UTF_8;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use serde_json::Value;

use super::{Source, json_lines::object, malformed};
use crate::record::{Raw, Record};

const BATCH_ROWS: usize = 1_024;

/// A Parquet file.
pub(super) struct ParquetSource {
    reader: ParquetRecordBatchReader,
    header: Vec<String>,
    /// The batch as JSON lines, and where the next one begins.
    lines: Vec<u8>,
    next: usize,
    row: u64,
    value: Value,
}

impl ParquetSource {
    /// Reads the footer; the types are those of Parquet itself, not those that the writer's own library noted.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let reader = guarded(|| {
            ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?
                .with_batch_size(BATCH_ROWS)
                .build()
        })?;
        let schema = reader.schema();
        let header = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        Ok(Self {
            header,
            reader,
            lines: Vec::new(),
            next: 0,
            row: 0,
            value: Value::Null,
        })
    }

    /// Decodes the next batch, or returns false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(batch) = guarded(|| self.reader.next().transpose())? else {
            return Ok(false);
        };
        self.lines.clear();
        self.next = 0;
        let lines = &mut self.lines;
        guarded(|| {
            let batch = plain(&batch)?;
            let mut writer = WriterBuilder::new()
                .with_explicit_nulls(true)
                .build::<_, LineDelimited>(lines);
            writer.write(&batch)?;
            writer.finish()
        })?;
        Ok(true)
    }
}

/// Decodes bytes of unknown origin: errors, and the panics that damaged files still provoke, mean a bad file.
fn guarded<T, E: std::fmt::Display>(decode: impl FnOnce() -> Result<T, E>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(malformed(format!("not a readable Parquet file: {error}"))),
        Err(_) => Err(malformed("damaged Parquet file")),
    }
}

impl Source for ParquetSource {
    fn header(&self) -> Option<&[String]> {
        Some(&self.header)
    }

    fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        while self.next >= self.lines.len() {
            if !self.advance()? {
                return Ok(None);
            }
        }
        let rest = &self.lines[self.next..];
        let length = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..length.unwrap_or(rest.len())];
        self.next += line.len() + 1;
        self.row += 1;
        Ok(Some(Record {
            line: self.row,
            offset: None,
            raw: Raw::new(line, UTF_8),
            body: object(line, &mut self.value),
        }))
    }
}

/// Makes a batch whose JSON loses nothing: instants without time zone names (they are UTC), and floats that JSON has no number for as
/// text, which typing then refuses.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(plain_column)
        .collect::<Result<_, _>>()?;
    let schema = batch.schema();
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .zip(&columns)
        .map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true))
        .collect();
    let options =
        arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

fn plain_column(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let has_infinity = match column.data_type() {
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            values.iter().flatten().any(f64::is_infinite)
        }
        DataType::Float32 => {
            let values = column.as_primitive::<Float32Type>();
            values.iter().flatten().any(f32::is_infinite)
        }
        DataType::Timestamp(unit, Some(_)) => {
            let data = column.to_data().into_builder();
            let data = data.data_type(DataType::Timestamp(*unit, None)).build()?;
            return Ok(make_array(data));
        }
        _ => false,
    };
    match has_infinity {
        true => cast(column, &DataType::Utf8),
        false => Ok(Arc::clone(column)),
    }
}
