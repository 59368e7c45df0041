//! The Lance tables of a collection: written fresh, indexed once, never changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, AsArray, FixedSizeListArray, Float32Array, RecordBatch, RecordBatchIterator, StringArray,
};
use arrow::datatypes::{DataType, Field as Column, Float32Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use futures::StreamExt;
use lance::Dataset;
use lance::dataset::builder::DatasetBuilder;
use lance::dataset::{WriteMode, WriteParams};
use lance::index::DatasetIndexExt;
use lance::index::vector::VectorIndexParams;
use lance_index::IndexType;
use lance_index::vector::ivf::IvfBuildParams;
use lance_index::vector::sq::builder::SQBuildParams;
use lance_linalg::distance::MetricType;

use crate::build::Prepared;
use crate::document::Document;
use crate::error::RetrievalError;

/// Table of the documents.
pub(crate) const DOCUMENTS: &str = "documents.lance";
/// Table of the vectors.
pub(crate) const VECTORS: &str = "vectors.lance";

/// Rows from which the vectors' table gets an index, for those who ask it through Lance; the node scans exactly.
const INDEXED_ROWS: usize = 10_000;
/// Rows of one batch.
const BATCH: usize = 8192;
/// Bytes of Lance's caches while a table is read once, in order.
const CACHE_BYTES: usize = 16 << 20;

/// Which columns of the documents to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// All, the searched texts too.
    All,
    /// What a node shows and filters by.
    Shown,
}

/// Removes `names` from `dir`, which is made if need be.
pub(crate) fn clear(dir: &Path, names: &[&str]) -> Result<(), RetrievalError> {
    std::fs::create_dir_all(dir).map_err(|source| RetrievalError::io(dir, source))?;
    for path in names.iter().map(|name| dir.join(name)) {
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
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
    let batches = (0..count).step_by(BATCH).map(move |start| {
        document_batch(&source.documents[start..count.min(start + BATCH)])
    });
    write_table(dir, DOCUMENTS, document_schema(), batches).await?;
    let Some(dimension) = prepared.dimension() else { return Ok(()) };
    let with_vector: Vec<usize> = prepared
        .vectors
        .iter()
        .flat_map(|vectors| vectors.rows.iter().enumerate())
        .filter_map(|(row, vector)| vector.is_some().then_some(row))
        .collect();
    let count = with_vector.len();
    let source = Arc::clone(&prepared);
    let batches = (0..count).step_by(BATCH).map(move |start| {
        vector_batch(&source, &with_vector[start..count.min(start + BATCH)], dimension)
    });
    let mut table = write_table(dir, VECTORS, vector_schema(dimension), batches).await?;
    if count >= INDEXED_ROWS {
        index(&mut table, count).await.map_err(|error| RetrievalError::table(VECTORS, error))?;
    }
    Ok(())
}

/// Inverted file over 8-bit scalar quantisation: a quarter of the vectors' size, little training.
async fn index(table: &mut Dataset, rows: usize) -> lance::Result<()> {
    let ivf = IvfBuildParams {
        num_partitions: Some(rows.isqrt()),
        max_iters: 10,
        sample_rate: 64,
        ..IvfBuildParams::default()
    };
    let params = VectorIndexParams::with_ivf_sq_params(MetricType::Cosine, ivf, SQBuildParams::default());
    table.create_index(&["vector"], IndexType::Vector, Some("vector".to_owned()), &params, false).await?;
    Ok(())
}

async fn write_table(
    dir: &Path,
    name: &str,
    schema: SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>> + Send + 'static,
) -> Result<Dataset, RetrievalError> {
    let params = WriteParams { mode: WriteMode::Create, ..WriteParams::default() };
    let uri = uri(&dir.join(name))?;
    Dataset::write(RecordBatchIterator::new(batches, schema), uri.as_str(), Some(params))
        .await
        .map_err(|error| RetrievalError::table(name, error))
}

/// Reads the documents in order.
pub(crate) async fn read_documents(
    dir: &Path,
    columns: Columns,
    mut visit: impl FnMut(Document) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    let mut names = vec!["tenant", "id", "title", "quality", "payload", "facets", "concepts"];
    if columns == Columns::All {
        names.push("fields");
    }
    read_table(dir, DOCUMENTS, &names, |batch| {
        let texts = |name: &str| text_column(batch, DOCUMENTS, name);
        let (tenants, ids, titles) = (texts("tenant")?, texts("id")?, texts("title")?);
        let (payloads, facets, concepts) = (texts("payload")?, texts("facets")?, texts("concepts")?);
        let fields = if columns == Columns::All { Some(texts("fields")?) } else { None };
        let quality = batch.column_by_name("quality").and_then(|column| column.as_primitive_opt::<Float32Type>());
        let quality = quality.ok_or_else(|| RetrievalError::corrupt(DOCUMENTS, "column quality is no number"))?;
        for row in 0..batch.num_rows() {
            visit(Document {
                tenant: tenants.value(row).to_owned(),
                id: ids.value(row).to_owned(),
                title: titles.value(row).to_owned(),
                fields: fields.map(|fields| json(fields.value(row))).transpose()?.unwrap_or_default(),
                facets: json(facets.value(row))?,
                concepts: json(concepts.value(row))?,
                quality: quality.value(row),
                payload: payloads.value(row).to_owned(),
            })?;
        }
        Ok(())
    })
    .await
}

/// Reads the vectors in order, as tenant, id and values.
pub(crate) async fn read_vectors(
    dir: &Path,
    mut visit: impl FnMut(&str, &str, &[f32]) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    read_table(dir, VECTORS, &["tenant", "id", "vector"], |batch| {
        let (tenants, ids) = (text_column(batch, VECTORS, "tenant")?, text_column(batch, VECTORS, "id")?);
        let lists = batch.column_by_name("vector").and_then(|column| column.as_fixed_size_list_opt());
        let damaged = || RetrievalError::corrupt(VECTORS, "column vector holds no vectors");
        let lists = lists.ok_or_else(damaged)?;
        for row in 0..batch.num_rows() {
            let list = lists.value(row);
            let values = list.as_primitive_opt::<Float32Type>().ok_or_else(damaged)?;
            visit(tenants.value(row), ids.value(row), values.values())?;
        }
        Ok(())
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
    scanner.project(columns).map_err(failed)?.scan_in_order(true);
    let mut stream = scanner.try_into_stream().await.map_err(failed)?;
    while let Some(batch) = stream.next().await {
        visit(&batch.map_err(failed)?)?;
    }
    Ok(())
}

fn uri(path: &Path) -> Result<String, RetrievalError> {
    let absolute: PathBuf = std::path::absolute(path).map_err(|source| RetrievalError::io(path, source))?;
    absolute
        .into_os_string()
        .into_string()
        .map_err(|_| RetrievalError::invalid(format!("the path {} is not UTF-8", path.display())))
}

fn document_schema() -> SchemaRef {
    let text = |name: &str| Column::new(name, DataType::Utf8, false);
    Arc::new(Schema::new(vec![
        text("tenant"),
        text("id"),
        text("title"),
        Column::new("quality", DataType::Float32, false),
        text("payload"),
        text("fields"),
        text("facets"),
        text("concepts"),
    ]))
}

fn document_batch(documents: &[Document]) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&Document) -> String| -> Arc<dyn Array> {
        Arc::new(StringArray::from_iter_values(documents.iter().map(value)))
    };
    let quality = Float32Array::from_iter_values(documents.iter().map(|document| document.quality));
    RecordBatch::try_new(
        document_schema(),
        vec![
            text(|document| document.tenant.clone()),
            text(|document| document.id.clone()),
            text(|document| document.title.clone()),
            Arc::new(quality),
            text(|document| document.payload.clone()),
            text(|document| to_json(&document.fields)),
            text(|document| to_json(&document.facets)),
            text(|document| to_json(&document.concepts)),
        ],
    )
}

fn vector_column(dimension: usize) -> (Arc<Column>, i32) {
    (Arc::new(Column::new("item", DataType::Float32, false)), dimension as i32)
}

fn vector_schema(dimension: usize) -> SchemaRef {
    let (item, size) = vector_column(dimension);
    Arc::new(Schema::new(vec![
        Column::new("tenant", DataType::Utf8, false),
        Column::new("id", DataType::Utf8, false),
        Column::new("vector", DataType::FixedSizeList(item, size), false),
    ]))
}

fn vector_batch(prepared: &Prepared, rows: &[usize], dimension: usize) -> Result<RecordBatch, ArrowError> {
    let document = |row: &usize| &prepared.documents[*row];
    let vectors = prepared.vectors.as_ref().map_or(&[][..], |vectors| &vectors.rows);
    let values = rows.iter().filter_map(|row| vectors.get(*row)?.as_ref()).flatten().copied();
    let (item, size) = vector_column(dimension);
    let values = Arc::new(Float32Array::from_iter_values(values));
    RecordBatch::try_new(
        vector_schema(dimension),
        vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| document(row).tenant.as_str()))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| document(row).id.as_str()))),
            Arc::new(FixedSizeListArray::try_new(item, size, values, None)?),
        ],
    )
}

fn text_column<'a>(batch: &'a RecordBatch, table: &str, name: &str) -> Result<&'a StringArray, RetrievalError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| RetrievalError::corrupt(table, format!("column {name} is no text")))
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lists and maps of strings and finite numbers are JSON")
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, RetrievalError> {
    serde_json::from_str(text).map_err(|error| RetrievalError::corrupt(DOCUMENTS, error.to_string()))
}
