//! Parquet files: a few thousand rows are held at a time.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Float64Builder, Int64Array, ListBuilder, StringArray,
    StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::calendar;
use crate::record::{Record, Value};
use crate::tables::{Kind, Table};

const BATCH_ROWS: usize = 8192;

/// A Parquet file being written.
pub(crate) struct ParquetPart {
    table: &'static Table,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    rows: Vec<Vec<Value>>,
}

impl ParquetPart {
    pub(crate) fn create(path: &Path, table: &'static Table) -> io::Result<Self> {
        let fields: Vec<Field> = table
            .columns
            .iter()
            .map(|(name, kind)| Field::new(*name, data_type(*kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("marketlounge demo".to_owned())
            .build();
        let writer = ArrowWriter::try_new(File::create(path)?, schema.clone(), Some(properties))
            .map_err(io::Error::other)?;
        Ok(Self {
            table,
            schema,
            writer,
            rows: Vec::with_capacity(BATCH_ROWS),
        })
    }

    pub(crate) fn write(&mut self, record: &Record) -> io::Result<()> {
        if let Record::Cells(cells) = record {
            self.rows.push(cells.clone());
        }
        if self.rows.len() == BATCH_ROWS {
            self.write_batch()
        } else {
            Ok(())
        }
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.write_batch()?;
        self.writer.close().map(drop).map_err(io::Error::other)
    }

    fn write_batch(&mut self) -> io::Result<()> {
        let columns: Vec<ArrayRef> = self
            .table
            .columns
            .iter()
            .enumerate()
            .map(|(place, (_, kind))| column(*kind, self.rows.iter().map(|row| &row[place])))
            .collect();
        self.rows.clear();
        RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(io::Error::other)
            .and_then(|batch| self.writer.write(&batch).map_err(io::Error::other))
    }
}

fn data_type(kind: Kind) -> DataType {
    let list = |item| DataType::List(Arc::new(Field::new_list_field(item, true)));
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Int => DataType::Int64,
        Kind::Float => DataType::Float64,
        Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Day => DataType::Date32,
        Kind::Texts => list(DataType::Utf8),
        Kind::Floats => list(DataType::Float64),
    }
}

fn column<'a>(kind: Kind, values: impl Iterator<Item = &'a Value>) -> ArrayRef {
    match kind {
        Kind::Text => Arc::new(StringArray::from_iter(values.map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }))),
        Kind::Int => Arc::new(Int64Array::from_iter(values.map(|value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }))),
        Kind::Float => Arc::new(Float64Array::from_iter(values.map(|value| match value {
            Value::Float(number) => Some(*number),
            _ => None,
        }))),
        Kind::Moment => {
            let micros = values.map(|value| match value {
                Value::Moment(moment) => Some(moment * 1_000_000),
                _ => None,
            });
            Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
        }
        Kind::Day => Arc::new(Date32Array::from_iter(values.map(|value| match value {
            Value::Day(day) => Some((calendar::midnight(*day) / calendar::DAY) as i32),
            _ => None,
        }))),
        Kind::Texts => {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for value in values {
                builder.append_option(match value {
                    Value::Texts(texts) => Some(texts.iter().map(Some)),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
        Kind::Floats => {
            let mut builder = ListBuilder::new(Float64Builder::new());
            for value in values {
                builder.append_option(match value {
                    Value::Floats(numbers) => Some(numbers.iter().copied().map(Some)),
                    _ => None,
                });
            }
            Arc::new(builder.finish())
        }
    }
}
