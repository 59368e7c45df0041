//! Rows of a Parquet file of ours, read one by one.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use arrow::json::ReaderBuilder;
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType},
    error::ArrowError,
};
use lake::LocalFile;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};
use schemas::Contract;
use serde::Serialize;

/// Columns of silver files by which new rows are merged: where a row came from is no content there.
const PROVENANCE: [&str; 2] = ["_file", "_line"];
/// A column by which bronze is told, whose provenance is its content.
const OF_BRONZE: &str = "_file_digest";

/// Opens a Parquet file for reading in batches; of silver without the columns that say where rows came from.
pub(crate) fn open(path: &Path) -> Result<ParquetRecordBatchReader> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .with_context(|| format!("{} is not Parquet", path.display()))?;
    let fields = builder.schema().fields().iter().enumerate();
    let is_bronze = builder.schema().column_with_name(OF_BRONZE).is_some();
    let content =
        fields.filter(|(_, field)| is_bronze || !PROVENANCE.contains(&field.name().as_str()));
    let content: Vec<usize> = content.map(|(index, _)| index).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), content);
    Ok(builder
        .with_projection(mask)
        .with_batch_size(4096)
        .build()?)
}

/// Opens the files of a table, one after the other.
pub(crate) fn open_all(
    files: &[LocalFile],
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>> {
    let readers = files.iter().map(|file| open(file.path()));
    Ok(readers.collect::<Result<Vec<_>>>()?.into_iter().flatten())
}

/// Returns a day as `2026-11-21`; empty where no calendar has it.
pub(crate) fn date_text(days: i64) -> String {
    let seconds = days.saturating_mul(86_400);
    let instant = chrono::DateTime::from_timestamp(seconds, 0);
    instant.map_or_else(String::new, |instant| instant.date_naive().to_string())
}

/// Makes a batch of a table's columns from rows that serialise to objects; a field that is absent is null.
pub(crate) fn batch(contract: &Contract, rows: &[impl Serialize]) -> Result<RecordBatch> {
    let schema = Arc::new(schemas::arrow_schema(contract));
    let mut decoder = ReaderBuilder::new(Arc::clone(&schema)).build_decoder()?;
    decoder.serialize(rows)?;
    Ok(decoder
        .flush()?
        .unwrap_or_else(|| RecordBatch::new_empty(schema)))
}

/// One row of a batch; a column that is missing or null gives an empty value.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    index: usize,
}

impl<'a> Row<'a> {
    /// Returns the rows of a batch.
    pub(crate) fn all(batch: &'a RecordBatch) -> impl Iterator<Item = Self> {
        (0..batch.num_rows()).map(move |index| Self { batch, index })
    }

    fn value(self, column: &str) -> Option<&'a dyn Array> {
        let array = self.batch.column_by_name(column)?;
        array.is_valid(self.index).then_some(array.as_ref())
    }

    /// Returns a text, where there is one.
    pub(crate) fn text(self, column: &str) -> Option<&'a str> {
        Some(
            self.value(column)?
                .as_string_opt::<i32>()?
                .value(self.index),
        )
    }

    /// Returns a list of texts; nulls in it are left out.
    pub(crate) fn texts(self, column: &str) -> Vec<&'a str> {
        self.items(column).into_iter().flatten().collect()
    }

    /// Returns a list of texts in which a null is an empty text, so that parallel lists stay parallel.
    pub(crate) fn aligned_texts(self, column: &str) -> Vec<&'a str> {
        self.items(column)
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect()
    }

    fn items(self, column: &str) -> Vec<Option<&'a str>> {
        let list = |array: &'a dyn Array| {
            let list = array.as_list_opt::<i32>()?;
            let ends = list.value_offsets();
            let (start, end) = (ends[self.index], ends[self.index + 1]);
            let values = list.values().as_string_opt::<i32>()?;
            let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
            Some(
                range
                    .map(|i| values.is_valid(i).then(|| values.value(i)))
                    .collect(),
            )
        };
        self.value(column).and_then(list).unwrap_or_default()
    }

    /// Returns a list of numbers.
    pub(crate) fn numbers(self, column: &str) -> Vec<f64> {
        let list = |array: &dyn Array| {
            let list = array.as_list_opt::<i32>()?.value(self.index);
            Some(
                list.as_primitive_opt::<Float64Type>()?
                    .iter()
                    .map(Option::unwrap_or_default)
                    .collect(),
            )
        };
        self.value(column).and_then(list).unwrap_or_default()
    }

    /// Returns a number, where there is one.
    pub(crate) fn number(self, column: &str) -> Option<f64> {
        Some(
            self.value(column)?
                .as_primitive_opt::<Float64Type>()?
                .value(self.index),
        )
    }

    /// Returns a whole number, where there is one.
    pub(crate) fn integer(self, column: &str) -> Option<i64> {
        Some(
            self.value(column)?
                .as_primitive_opt::<Int64Type>()?
                .value(self.index),
        )
    }

    /// Returns a claim, where there is one.
    pub(crate) fn claim(self, column: &str) -> Option<bool> {
        Some(self.value(column)?.as_boolean_opt()?.value(self.index))
    }

    /// Returns the day of an instant, in days since 1970-01-01, where there is one.
    pub(crate) fn instant_day(self, column: &str) -> Option<i64> {
        Some(self.instant_seconds(column)?.div_euclid(86_400))
    }

    /// Returns an instant in whole seconds since 1970-01-01, where there is one.
    pub(crate) fn instant_seconds(self, column: &str) -> Option<i64> {
        let micros = self.value(column)?;
        let micros = micros.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(micros.value(self.index).div_euclid(1_000_000))
    }

    /// Returns a day in days since 1970-01-01, where there is one.
    pub(crate) fn day(self, column: &str) -> Option<i64> {
        let days = self.value(column)?.as_primitive_opt::<Date32Type>()?;
        Some(i64::from(days.value(self.index)))
    }

    /// Returns the row as a JSON object of its plain columns (texts, numbers, lists of either, days, instants), nulls left out.
    pub(crate) fn json(self) -> serde_json::Map<String, serde_json::Value> {
        let mut object = serde_json::Map::new();
        for (field, array) in self
            .batch
            .schema_ref()
            .fields()
            .iter()
            .zip(self.batch.columns())
        {
            if array.is_null(self.index) {
                continue;
            }
            let value: serde_json::Value = match field.data_type() {
                DataType::Utf8 => self.text(field.name()).into(),
                DataType::Int64 => array.as_primitive::<Int64Type>().value(self.index).into(),
                DataType::Float64 => array.as_primitive::<Float64Type>().value(self.index).into(),
                DataType::Boolean => array.as_boolean().value(self.index).into(),
                DataType::List(item) if item.data_type() == &DataType::Float64 => {
                    self.numbers(field.name()).into()
                }
                DataType::List(_) => self.texts(field.name()).into(),
                DataType::Date32 => {
                    let days = array.as_primitive::<Date32Type>().value(self.index);
                    date_text(i64::from(days)).into()
                }
                DataType::Timestamp(..) => {
                    let micros = array
                        .as_primitive::<TimestampMicrosecondType>()
                        .value(self.index);
                    let instant = chrono::DateTime::from_timestamp_micros(micros);
                    let millis = chrono::SecondsFormat::Millis;
                    instant.map(|i| i.to_rfc3339_opts(millis, true)).into()
                }
                _ => continue,
            };
            object.insert(field.name().clone(), value);
        }
        object
    }
}
