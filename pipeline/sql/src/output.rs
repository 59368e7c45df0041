//! Writing a table: Parquet on one side; on the other, in the same pass, the digest of its logical content and its profile.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::ArrayRef,
    compute::cast,
    datatypes::SchemaRef,
    record_batch::RecordBatch,
    row::{RowConverter, SortField},
};
use datafusion::error::DataFusionError;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::{metadata::SortingColumn, properties::WriterProperties},
};
use quality::{Profile, Profiler};
use schemas::{Contract, arrow_schema};

use crate::SqlError;

/// Writes rows, already in the order of the contract's key, as one Parquet file and digests them.
pub(crate) struct Output<'a> {
    contract: &'a Contract,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    converter: RowConverter,
    hasher: blake3::Hasher,
    profiler: Profiler,
    rows: u64,
}

/// A table as it was written.
#[derive(Debug)]
pub struct Written {
    /// Its rows.
    pub rows: u64,
    /// The digest of its content, in hexadecimal.
    pub digest: String,
    /// What it looks like.
    pub profile: Profile,
}

impl<'a> Output<'a> {
    pub(crate) fn create(contract: &'a Contract, path: &Path) -> Result<Self, SqlError> {
        let schema = Arc::new(arrow_schema(contract));
        let file = File::create(path).map_err(|source| SqlError::File {
            path: path.to_owned(),
            source,
        })?;
        let fields = schema
            .fields()
            .iter()
            .map(|field| SortField::new(field.data_type().clone()));
        let converter =
            RowConverter::new(fields.collect()).map_err(|error| engine(contract, error.into()))?;
        let sorting = contract.key.iter().filter_map(|key| {
            let index = schema
                .index_of(key)
                .ok()
                .and_then(|i| i32::try_from(i).ok())?;
            Some(SortingColumn {
                column_idx: index,
                descending: false,
                nulls_first: false,
            })
        });
        let properties = parquet_properties(Some(sorting.collect()));
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))
            .map_err(|error| engine(contract, error.into()))?;
        let mut hasher = blake3::Hasher::new();
        for column in &contract.columns {
            hasher.update(format!("{}:{:?}\n", column.name, column.kind).as_bytes());
        }
        Ok(Self {
            contract,
            schema,
            writer,
            converter,
            hasher,
            profiler: Profiler::new(contract),
            rows: 0,
        })
    }

    /// Adds rows; columns are found by name and brought to the contract's types, others are left out.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SqlError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = self
            .schema
            .fields()
            .iter()
            .map(|field| self.column(batch, field));
        let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
        let rows = self
            .converter
            .convert_columns(&columns)
            .map_err(|error| engine(self.contract, error.into()))?;
        for row in &rows {
            self.hasher.update(&(row.data().len() as u64).to_le_bytes());
            self.hasher.update(row.data());
        }
        self.rows += batch.num_rows() as u64;
        self.profiler.add(&columns);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| engine(self.contract, error.into()))?;
        self.writer
            .write(&batch)
            .map_err(|error| engine(self.contract, error.into()))
    }

    fn column(
        &self,
        batch: &RecordBatch,
        field: &arrow::datatypes::FieldRef,
    ) -> Result<ArrayRef, SqlError> {
        let found = batch
            .column_by_name(field.name())
            .ok_or_else(|| SqlError::Mismatch {
                table: self.contract.table.clone(),
                reason: format!(
                    "the SELECT gives no column {}, which the contract promises",
                    field.name()
                ),
            })?;
        cast(found, field.data_type()).map_err(|error| SqlError::Mismatch {
            table: self.contract.table.clone(),
            reason: format!("column {}: {error}", field.name()),
        })
    }

    /// Ends the file; returns what was written.
    pub(crate) fn finish(self) -> Result<Written, SqlError> {
        self.writer
            .close()
            .map_err(|error| engine(self.contract, error.into()))?;
        Ok(Written {
            rows: self.rows,
            digest: self.hasher.finalize().to_hex().to_string(),
            profile: self.profiler.finish(),
        })
    }
}

/// Returns how every Parquet file of the pipeline is written: zstd, statistics, and nothing that varies between runs.
pub(crate) fn parquet_properties(sorting: Option<Vec<SortingColumn>>) -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(256 * 1024))
        .set_sorting_columns(sorting)
        .set_created_by("MarketLounge".to_owned())
        .build()
}

fn engine(contract: &Contract, source: DataFusionError) -> SqlError {
    SqlError::engine(&contract.table)(source)
}

/// Writes rows that a job made, already in the order of the contract's key, as a table.
///
/// # Errors
/// The rows do not fit the contract, or the file cannot be written.
pub fn write_table(
    contract: &Contract,
    rows: &RecordBatch,
    path: &Path,
) -> Result<Written, SqlError> {
    let mut output = Output::create(contract, path)?;
    output.write(rows)?;
    output.finish()
}
