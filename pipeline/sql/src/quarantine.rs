//! Rows that a silver contract refuses, written with the bronze row they came from.

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, BinaryArray, Date32Array, Int64Array, StringArray},
    compute::{SortColumn, cast, concat_batches, lexsort_to_indices, take_record_batch},
    datatypes::{DataType, Field, Schema},
    json::{LineDelimitedWriter, WriterBuilder, writer::LineDelimited},
    record_batch::RecordBatch,
};
use datafusion::{
    common::cast::{as_date32_array, as_string_array},
    error::DataFusionError,
};
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;
use schemas::{Contract, QUARANTINE_COLUMNS, TableName};

use crate::{Session, SqlError, output::parquet_properties, rules::ident};

/// One refused row: where it came from and the rule it breaks first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refused {
    pub(crate) file: String,
    pub(crate) line: i64,
    pub(crate) file_digest: String,
    pub(crate) rule: String,
    pub(crate) column: String,
    pub(crate) value: Option<String>,
    pub(crate) reason: String,
}

/// Returns refused rows, in the order of file and line, with their bronze rows as JSON.
pub(crate) async fn rows(
    session: &Session,
    bronze: &Contract,
    mut refused: Vec<Refused>,
) -> Result<RecordBatch, SqlError> {
    refused.sort();
    let raw = raw_rows(session, bronze, &refused).await?;
    let failed = SqlError::engine(format!("quarantine of {}", bronze.table));
    batch(&bronze.table, &refused, &raw).map_err(failed)
}

/// Writes refused rows in the order of file and line; returns how many there are by rule.
pub(crate) fn write(
    bronze: &Contract,
    refused: &[RecordBatch],
    path: &Path,
) -> Result<BTreeMap<String, u64>, SqlError> {
    let write = || {
        let schema = Arc::new(schema());
        let all = concat_batches(&schema, refused)?;
        let by = ["file", "line"].map(|name| SortColumn {
            values: all.column_by_name(name).expect("the schema has it").clone(),
            options: None,
        });
        let order = lexsort_to_indices(&by, None)?;
        let sorted = take_record_batch(&all, &order)?;
        let mut writer =
            ArrowWriter::try_new(File::create(path)?, schema, Some(parquet_properties(None)))?;
        writer.write(&sorted)?;
        writer.close()?;
        let rules = cast(
            sorted.column_by_name("rule").expect("the schema has it"),
            &DataType::Utf8,
        )?;
        let mut by_rule = BTreeMap::new();
        for rule in as_string_array(&rules)?.iter().flatten() {
            *by_rule.entry(rule.to_owned()).or_default() += 1;
        }
        Ok(by_rule)
    };
    write().map_err(SqlError::engine(format!("quarantine of {}", bronze.table)))
}

/// The bronze rows of refused rows, in order: each as JSON, and the slot of the run that ingested it.
#[derive(Default)]
struct Raw {
    json: Vec<String>,
    slots: Vec<Option<i32>>,
}

async fn raw_rows(
    session: &Session,
    bronze: &Contract,
    refused: &[Refused],
) -> Result<Raw, SqlError> {
    if refused.is_empty() {
        return Ok(Raw::default());
    }
    let what = format!("raw rows of {}", bronze.table);
    let keys = RecordBatch::try_from_iter([
        (
            "_file",
            Arc::new(
                refused
                    .iter()
                    .map(|r| Some(&r.file))
                    .collect::<StringArray>(),
            ) as ArrayRef,
        ),
        (
            "_line",
            Arc::new(refused.iter().map(|r| r.line).collect::<Int64Array>()) as ArrayRef,
        ),
    ])
    .map_err(|error| SqlError::engine(&what)(error.into()))?;
    session
        .register_rows("_refused", keys.schema(), vec![keys])
        .map_err(SqlError::engine(&what))?;
    let columns: Vec<_> = bronze
        .columns
        .iter()
        .filter(|column| !column.name.starts_with('_'))
        .map(|column| format!("b.{}", ident(&column.name)))
        .collect();
    let query = format!(
        "SELECT {}, b._slot FROM {} AS b JOIN _refused AS r ON b._file = r._file AND b._line = r._line
         ORDER BY b._file, b._line",
        columns.join(", "),
        bronze.table
    );
    let mut stream = session.stream(&query, &what).await?;
    let mut found = Raw::default();
    while let Some(mut batch) = stream.try_next().await.map_err(SqlError::engine(&what))? {
        let slots = batch.remove_column(batch.num_columns() - 1);
        let slots = as_date32_array(&slots).map_err(SqlError::engine(&what))?;
        found.slots.extend(slots);
        let mut writer: LineDelimitedWriter<Vec<u8>> = WriterBuilder::new()
            .with_explicit_nulls(true)
            .build::<_, LineDelimited>(Vec::new());
        writer
            .write(&batch)
            .map_err(|error| SqlError::engine(&what)(error.into()))?;
        let bytes = writer.into_inner();
        let lines = String::from_utf8_lossy(&bytes);
        found.json.extend(lines.lines().map(str::to_owned));
    }
    Ok(found)
}

fn batch(
    bronze: &TableName,
    refused: &[Refused],
    raw: &Raw,
) -> Result<RecordBatch, DataFusionError> {
    if raw.json.len() != refused.len() {
        let (raw, refused) = (raw.json.len(), refused.len());
        let message = format!("{refused} refused rows but {raw} bronze rows of {bronze}");
        return Err(DataFusionError::Internal(message));
    }
    let texts = |f: &dyn Fn(&Refused) -> Option<String>| -> ArrayRef {
        Arc::new(refused.iter().map(f).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        texts(&|_| Some(bronze.name.clone())),
        texts(&|_| Some("silver".to_owned())),
        texts(&|row| Some(row.rule.clone())),
        texts(&|row| Some(row.column.clone())),
        texts(&|row| row.value.clone()),
        texts(&|row| Some(row.reason.clone())),
        texts(&|row| Some(row.file.clone())),
        texts(&|row| Some(row.file_digest.clone())),
        Arc::new(refused.iter().map(|row| row.line).collect::<Int64Array>()),
        Arc::new(refused.iter().map(|_| None).collect::<Int64Array>()),
        Arc::new(raw.json.iter().map(Some).collect::<StringArray>()),
        Arc::new(Date32Array::from(raw.slots.clone())),
        Arc::new(BinaryArray::from(vec![None; refused.len()])),
    ];
    Ok(RecordBatch::try_new(Arc::new(schema()), columns)?)
}

/// Returns the schema of a quarantine table.
pub(crate) fn schema() -> Schema {
    let named = QUARANTINE_COLUMNS
        .iter()
        .map(|(name, kind)| Field::new(*name, kind.data_type(), true));
    let raw_bytes = Field::new("raw_bytes", DataType::Binary, true);
    Schema::new(named.chain([raw_bytes]).collect::<Vec<_>>())
}

/// Returns a column's values as text, for the `value` of a refused row.
pub(crate) fn as_texts(array: &ArrayRef) -> Result<StringArray, DataFusionError> {
    let plain = match array.data_type() {
        DataType::List(_) | DataType::LargeList(_) | DataType::ListView(_) => {
            let lists = (0..array.len())
                .map(|row| arrow::util::display::array_value_to_string(array, row).map(Some));
            return Ok(lists.collect::<Result<StringArray, _>>()?);
        }
        _ => cast(array, &DataType::Utf8)?,
    };
    Ok(as_string_array(&plain)?.clone())
}
