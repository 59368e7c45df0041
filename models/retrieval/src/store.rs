//! The Lance tables of a collection: written fresh, never changed. Searches have indexes of their own beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchIterator};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use futures::StreamExt;
use lance::Dataset;
use lance::dataset::builder::DatasetBuilder;
use lance::dataset::{WriteMode, WriteParams};

use crate::batches::{
    document_batch, document_schema, each_document, each_key, each_vector, vector_batch,
    vector_schema,
};
use crate::build::Prepared;
use crate::document::Document;
use crate::error::RetrievalError;

/// Table of the documents.
pub(crate) const DOCUMENTS: &str = "documents.lance";
/// Table of the vectors.
pub(crate) const VECTORS: &str = "vectors.lance";

/// Rows of one batch.
const BATCH: usize = 8192;
/// Bytes of Lance's caches while a table is read once, in order.
const CACHE_BYTES: usize = 16 << 20;

/// Removes `names` from `dir`, which is made if need be.
pub(crate) fn clear(dir: &Path, names: &[&str]) -> Result<(), RetrievalError> {
    std::fs::create_dir_all(dir).map_err(|source| RetrievalError::io(dir, source))?;
    for path in names.iter().map(|name| dir.join(name)) {
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(RetrievalError::io(&path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes both tables.
pub(crate) async fn write(dir: &Path, prepared: Prepared) -> Result<(), RetrievalError> {
    let prepared = Arc::new(prepared);
    let count = prepared.documents.len();
    let source = Arc::clone(&prepared);
    let batches = (0..count)
        .step_by(BATCH)
        .map(move |start| document_batch(&source.documents[start..count.min(start + BATCH)]));
    write_table(dir, DOCUMENTS, document_schema(), batches).await?;
    let Some(dimension) = prepared.dimension() else {
        return Ok(());
    };
    let with_vector: Vec<usize> = prepared
        .vectors
        .iter()
        .flat_map(|vectors| vectors.rows.iter().enumerate())
        .filter_map(|(row, vector)| vector.is_some().then_some(row))
        .collect();
    let count = with_vector.len();
    let source = Arc::clone(&prepared);
    let batches = (0..count).step_by(BATCH).map(move |start| {
        vector_batch(
            &source,
            &with_vector[start..count.min(start + BATCH)],
            dimension,
        )
    });
    write_table(dir, VECTORS, vector_schema(dimension), batches).await
}

async fn write_table(
    dir: &Path,
    name: &str,
    schema: SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>> + Send + 'static,
) -> Result<(), RetrievalError> {
    let params = WriteParams {
        mode: WriteMode::Create,
        ..WriteParams::default()
    };
    let uri = uri(&dir.join(name))?;
    Dataset::write(
        RecordBatchIterator::new(batches, schema),
        uri.as_str(),
        Some(params),
    )
    .await
    .map_err(|error| RetrievalError::table(name, error))?;
    Ok(())
}

/// Reads `columns` of the documents, in order.
pub(crate) async fn read_documents(
    dir: &Path,
    columns: &[&str],
    mut visit: impl FnMut(Document) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    read_table(dir, DOCUMENTS, columns, |batch| {
        each_document(batch, &mut visit)
    })
    .await
}

/// Reads the unit vectors of the collection that [`build`](crate::build()) wrote into `dir`, one by one: tenant, id and
/// values, by tenant and id. The collection must have vectors.
///
/// # Errors
/// `Corrupt` where the table is not what was written, `Table` where it cannot be read, and what `visit` returns.
pub async fn read_vectors(
    dir: &Path,
    mut visit: impl FnMut(&str, &str, &[f32]) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    read_table(dir, VECTORS, &["tenant", "id", "vector"], |batch| {
        each_vector(batch, &mut visit)
    })
    .await
}

/// Reads which documents the collection that [`build`](crate::build()) wrote into `dir` has, one by one: tenant and id, in order.
///
/// # Errors
/// `Corrupt` where the table is not what was written, `Table` where it cannot be read.
pub async fn read_keys(
    dir: &Path,
    mut visit: impl FnMut(&str, &str),
) -> Result<(), RetrievalError> {
    read_table(dir, DOCUMENTS, &["tenant", "id"], |batch| {
        each_key(batch, &mut visit)
    })
    .await
}

async fn read_table(
    dir: &Path,
    name: &str,
    columns: &[&str],
    mut visit: impl FnMut(&RecordBatch) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    let failed = |error: lance::Error| RetrievalError::table(name, error);
    let table = DatasetBuilder::from_uri(uri(&dir.join(name))?)
        .with_index_cache_size_bytes(CACHE_BYTES)
        .with_metadata_cache_size_bytes(CACHE_BYTES)
        .load()
        .await
        .map_err(failed)?;
    let mut scanner = table.scan();
    scanner
        .project(columns)
        .map_err(failed)?
        .scan_in_order(true);
    let mut stream = scanner.try_into_stream().await.map_err(failed)?;
    while let Some(batch) = stream.next().await {
        visit(&batch.map_err(failed)?)?;
    }
    Ok(())
}

fn uri(path: &Path) -> Result<String, RetrievalError> {
    let absolute: PathBuf =
        std::path::absolute(path).map_err(|source| RetrievalError::io(path, source))?;
    absolute
        .into_os_string()
        .into_string()
        .map_err(|_| RetrievalError::invalid(format!("the path {} is not UTF-8", path.display())))
}
