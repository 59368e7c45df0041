//! Parquet files written chunk by chunk, and visible under their name only when they are whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    sync::PoisonError,
};

use polars::{
    io::parquet::write::BatchedWriter,
    prelude::{
        DataFrame, ParquetCompression, ParquetWriter, PolarsError, Schema, StatisticsOptions,
    },
};
use schemas::ColumnKind;

use super::columns::{Builder, Storage};
use crate::{BronzeError, typing::Typed};

/// Rows of a row group.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;
/// Bytes after which a row group is written although it has fewer rows.
const CHUNK_BYTES: usize = 64 << 20;
/// Bytes of a text that go into the statistics.
const STATISTICS_BYTES: u64 = 64;

/// A Parquet file being written.
pub(crate) struct ParquetFile {
    path: PathBuf,
    /// Where the file lies until it is whole; removed when it never becomes so.
    partial: PathBuf,
    writer: BatchedWriter<BufWriter<File>>,
    fields: Vec<(String, Storage)>,
    columns: Vec<Builder>,
    rows: usize,
    bytes: usize,
}

impl ParquetFile {
    /// Begins a file of the given columns.
    pub(crate) fn create<'n>(
        path: &Path,
        columns: impl IntoIterator<Item = (&'n str, ColumnKind)>,
    ) -> Result<Self, BronzeError> {
        let stored = columns
            .into_iter()
            .map(|(name, kind)| (name, Storage::Kind(kind)));
        Self::create_stored(path, stored.collect())
    }

    /// Begins a file of the given columns, the last of which, `bytes`, is binary.
    pub(super) fn create_with_bytes<'n>(
        path: &Path,
        columns: impl IntoIterator<Item = (&'n str, ColumnKind)>,
        bytes: &'n str,
    ) -> Result<Self, BronzeError> {
        let stored = columns
            .into_iter()
            .map(|(name, kind)| (name, Storage::Kind(kind)));
        Self::create_stored(path, stored.chain([(bytes, Storage::Bytes)]).collect())
    }

    fn create_stored(path: &Path, columns: Vec<(&str, Storage)>) -> Result<Self, BronzeError> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(BronzeError::io("create", &partial))?;
        let schema: Schema = columns
            .iter()
            .map(|(name, storage)| storage.field(name))
            .collect();
        let statistics = StatisticsOptions {
            binary_statistics_truncate_length: Some(STATISTICS_BYTES),
            ..StatisticsOptions::default()
        };
        let writer = ParquetWriter::new(BufWriter::new(file))
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(statistics)
            .batched(&schema)
            .map_err(|error| failed(&partial, error))?;
        let fields: Vec<_> = columns
            .into_iter()
            .map(|(name, storage)| (name.to_owned(), storage))
            .collect();
        Ok(Self {
            path: path.to_owned(),
            columns: builders(&fields),
            partial,
            writer,
            fields,
            rows: 0,
            bytes: 0,
        })
    }

    /// Adds a row: a value per column, in their order.
    pub(crate) fn push<'v>(
        &mut self,
        row: impl IntoIterator<Item = &'v Typed<'v>>,
    ) -> Result<(), BronzeError> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            self.bytes += column.push(value);
        }
        self.rows += 1;
        if self.rows >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), BronzeError> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows == 0 {
            return Ok(());
        }
        let columns = std::mem::replace(&mut self.columns, builders(&self.fields));
        let columns = columns.into_iter().map(Builder::finish).collect();
        DataFrame::new(rows, columns)
            .and_then(|frame| self.writer.write_batch(&frame))
            .map_err(|error| failed(&self.partial, error))
    }

    /// Writes what is left and the footer; the file is whole, but not yet under its name. Polars' own Arrow schema stays out of
    /// the footer: readers then derive the types of the contract, and not views or large lists.
    pub(crate) fn close(&mut self) -> Result<(), BronzeError> {
        self.flush()?;
        let mut writer = self
            .writer
            .get_writer()
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        writer
            .end(Some(Vec::new()))
            .map(|_| ())
            .map_err(|error| failed(&self.partial, error))
    }

    /// Gives the closed file its name.
    pub(crate) fn publish(&mut self) -> Result<(), BronzeError> {
        fs::rename(&self.partial, &self.path).map_err(BronzeError::io("rename", &self.partial))
    }
}

impl Drop for ParquetFile {
    fn drop(&mut self) {
        // Published files are no longer there: nothing to remove, and nothing to say about it.
        let _ = fs::remove_file(&self.partial);
    }
}

fn builders(fields: &[(String, Storage)]) -> Vec<Builder> {
    fields
        .iter()
        .map(|(name, storage)| Builder::new(name, *storage))
        .collect()
}

fn failed(path: &Path, error: PolarsError) -> BronzeError {
    BronzeError::io("write", path)(match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        other => io::Error::other(other),
    })
}
