//! Writing a table: Parquet on one side; on the other, in the same pass, the digest of its logical content and its profile.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::ArrayRef,
    compute::cast,
    datatypes::{DataType, Field, FieldRef, Schema, SchemaRef},
    error::ArrowError,
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

use crate::{
    SqlError,
    keys::{Keys, ends_segment},
};

/// A run of a table's rows in the order of the key, in a file of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its Parquet file: a local path where it was just written, else relative to the store.
    pub file: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Digest of its content, in hexadecimal.
    pub digest: String,
    /// What it looks like.
    pub profile: Profile,
    /// The key of its last row, as bytes that sort as keys do; empty where it has no rows, or the table is one file.
    pub last_key: Vec<u8>,
}

/// Where a table's rows go.
pub(crate) enum Place<'a> {
    /// One file.
    File(&'a Path),
    /// A folder of segments, with provenance beside the contract's columns.
    Segments {
        folder: &'a Path,
        /// Rows of a segment, on average.
        average_rows: u64,
    },
}

/// Writes rows, already in the order of the contract's key, as Parquet and digests them.
pub(crate) struct Output<'a> {
    contract: &'a Contract,
    place: Place<'a>,
    schema: SchemaRef,
    converter: RowConverter,
    keys: Keys,
    open: Option<Open>,
    segments: Vec<Segment>,
}

/// The segment being written.
struct Open {
    file: PathBuf,
    writer: ArrowWriter<File>,
    digest: Digest,
    profiler: Profiler,
    rows: u64,
    last_key: Vec<u8>,
}

/// The digest of rows: of each its length, then its bytes. They are hashed many at a time, which is several times faster.
#[derive(Default)]
struct Digest {
    hasher: blake3::Hasher,
    waiting: Vec<u8>,
}

impl Digest {
    const BLOCK: usize = 1 << 17;

    fn add(&mut self, row: &[u8]) {
        self.waiting
            .extend_from_slice(&(row.len() as u64).to_le_bytes());
        self.waiting.extend_from_slice(row);
        if self.waiting.len() >= Self::BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.hasher.update(&self.waiting);
        self.waiting.clear();
    }

    /// Returns it in hexadecimal.
    fn finish(mut self) -> String {
        self.flush();
        self.hasher.finalize().to_hex().to_string()
    }
}

impl<'a> Output<'a> {
    pub(crate) fn create(contract: &'a Contract, place: Place<'a>) -> Result<Self, SqlError> {
        let promised = arrow_schema(contract);
        let fields = promised
            .fields()
            .iter()
            .map(|field| SortField::new(field.data_type().clone()));
        let converter =
            RowConverter::new(fields.collect()).map_err(|error| engine(contract, error.into()))?;
        let schema = match place {
            Place::File(_) => promised,
            Place::Segments { .. } => with_provenance(&promised),
        };
        Ok(Self {
            contract,
            place,
            schema: Arc::new(schema),
            converter,
            keys: Keys::of(contract)?,
            open: None,
            segments: Vec::new(),
        })
    }

    /// Adds rows; columns are found by name and brought to the contract's types, others are left out.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SqlError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = conform(self.contract, &self.schema, batch)?;
        let Place::Segments { average_rows, .. } = self.place else {
            return self.append(&batch, Vec::new());
        };
        let keys = self.keys.rows(self.contract, &batch)?;
        let mut from = 0;
        for row in 0..batch.num_rows() {
            let key = keys.row(row);
            let (is_end, is_last) = (
                ends_segment(key.data(), average_rows),
                row + 1 == batch.num_rows(),
            );
            if is_end || is_last {
                self.append(&batch.slice(from, row + 1 - from), key.data().to_vec())?;
                from = row + 1;
            }
            if is_end {
                self.close()?;
            }
        }
        Ok(())
    }

    /// Adds rows to the open segment.
    fn append(&mut self, batch: &RecordBatch, last_key: Vec<u8>) -> Result<(), SqlError> {
        let failed = |error: ArrowError| engine(self.contract, error.into());
        let promised = &batch.columns()[..self.contract.columns.len()];
        let rows = self.converter.convert_columns(promised).map_err(failed)?;
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        rows.iter().for_each(|row| open.digest.add(row.data()));
        open.rows += batch.num_rows() as u64;
        open.profiler.add(promised);
        open.last_key = last_key;
        open.writer
            .write(batch)
            .map_err(|error| engine(self.contract, error.into()))?;
        self.open = Some(open);
        Ok(())
    }

    fn begin(&self) -> Result<Open, SqlError> {
        let path = match self.place {
            Place::File(path) => path.to_owned(),
            Place::Segments { folder, .. } => folder.join(format!("{:05}", self.segments.len())),
        };
        let file = File::create(&path).map_err(|source| SqlError::File {
            path: path.clone(),
            source,
        })?;
        let sorting = self.contract.key.iter().filter_map(|key| {
            let index = self.schema.index_of(key).ok()?;
            Some(SortingColumn {
                column_idx: i32::try_from(index).ok()?,
                descending: false,
                nulls_first: false,
            })
        });
        let properties = parquet_properties(Some(sorting.collect()));
        let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties))
            .map_err(|error| engine(self.contract, error.into()))?;
        Ok(Open {
            file: path,
            writer,
            digest: Digest::default(),
            profiler: Profiler::new(self.contract),
            rows: 0,
            last_key: Vec::new(),
        })
    }

    fn close(&mut self) -> Result<(), SqlError> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        open.writer
            .close()
            .map_err(|error| engine(self.contract, error.into()))?;
        self.segments.push(Segment {
            file: open.file,
            rows: open.rows,
            digest: open.digest.finish(),
            profile: open.profiler.finish(),
            last_key: open.last_key,
        });
        Ok(())
    }

    /// Ends the table; returns its segments in the order of the key. A table without rows has one, which is empty.
    pub(crate) fn finish(mut self) -> Result<Written, SqlError> {
        if self.open.is_none() && self.segments.is_empty() {
            self.open = Some(self.begin()?);
        }
        self.close()?;
        Ok(Written::of(self.contract, self.segments))
    }
}

/// A table as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Its segments, in the order of the key.
    pub segments: Vec<Segment>,
    /// Its rows.
    pub rows: u64,
    /// The digest of its content, in hexadecimal.
    pub digest: String,
    /// What it looks like.
    pub profile: Profile,
}

impl Written {
    /// Puts segments, in the order of the key, together to a table.
    pub(crate) fn of(contract: &Contract, segments: Vec<Segment>) -> Self {
        let mut profile = Profile::default();
        segments
            .iter()
            .for_each(|segment| profile.merge(&segment.profile));
        Self {
            rows: segments.iter().map(|segment| segment.rows).sum(),
            digest: table_digest(contract, &segments),
            profile,
            segments,
        }
    }
}

/// Returns the digest of a table's content, in hexadecimal, from its segments in the order of the key.
fn table_digest(contract: &Contract, segments: &[Segment]) -> String {
    let mut hasher = blake3::Hasher::new();
    for column in &contract.columns {
        hasher.update(format!("{}:{:?}\n", column.name, column.kind).as_bytes());
    }
    for segment in segments {
        hasher.update(&segment.rows.to_le_bytes());
        hasher.update(segment.digest.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Brings rows to a schema: columns are found by name and cast, others are left out.
pub(crate) fn conform(
    contract: &Contract,
    schema: &SchemaRef,
    batch: &RecordBatch,
) -> Result<RecordBatch, SqlError> {
    let column = |field: &FieldRef| {
        let mismatch = |reason| SqlError::Mismatch {
            table: contract.table.clone(),
            reason,
        };
        let name = field.name();
        let found = batch.column_by_name(name).ok_or_else(|| {
            mismatch(format!(
                "the SELECT gives no column {name}, which the contract promises"
            ))
        })?;
        cast(found, field.data_type()).map_err(|error| mismatch(format!("column {name}: {error}")))
    };
    let columns = schema.fields().iter().map(column);
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|error| engine(contract, error.into()))
}

/// Returns a table's schema with what tells which of two rows of a key came later, after the contract's columns.
pub(crate) fn with_provenance(promised: &Schema) -> Schema {
    let provenance = [
        Field::new("_file", DataType::Utf8, true),
        Field::new("_line", DataType::Int64, true),
    ];
    let fields = promised.fields().iter().cloned();
    Schema::new(fields.chain(provenance.map(Arc::new)).collect::<Vec<_>>())
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
    let mut output = Output::create(contract, Place::File(path))?;
    output.write(rows)?;
    output.finish()
}
