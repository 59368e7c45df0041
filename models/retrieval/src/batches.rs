//! Documents and vectors as Arrow batches: the columns of the Lance tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, FixedSizeListArray, Float32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as Column, FieldRef, Float32Type, Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::build::Prepared;
use crate::document::Document;
use crate::error::RetrievalError;
use crate::store::{DOCUMENTS, VECTORS};

/// Columns that a node ranks and filters by.
pub(crate) const RANKED: &[&str] = &["tenant", "id", "quality", "facets", "concepts"];
/// All columns, the searched texts too.
pub(crate) const ALL: &[&str] = &[
    "tenant", "id", "title", "quality", "payload", "facets", "concepts", "fields",
];

/// Columns of the documents; lists and maps are JSON text.
pub(crate) fn document_schema() -> SchemaRef {
    let column = |name: &&str| {
        let kind = if *name == "quality" {
            DataType::Float32
        } else {
            DataType::Utf8
        };
        Column::new(*name, kind, false)
    };
    Arc::new(Schema::new(ALL.iter().map(column).collect::<Vec<_>>()))
}

/// Rows of `documents`.
pub(crate) fn document_batch(documents: &[Document]) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&Document) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(documents.iter().map(value)))
    };
    let quality = Float32Array::from_iter_values(documents.iter().map(|document| document.quality));
    let columns = vec![
        text(|document| document.tenant.clone()),
        text(|document| document.id.clone()),
        text(|document| document.title.clone()),
        Arc::new(quality),
        text(|document| document.payload.clone()),
        text(|document| to_json(&document.facets)),
        text(|document| to_json(&document.concepts)),
        text(|document| to_json(&document.fields)),
    ];
    RecordBatch::try_new(document_schema(), columns)
}

/// Documents of a batch; without the texts that were not read.
pub(crate) fn each_document(
    batch: &RecordBatch,
    visit: &mut impl FnMut(Document) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    let text = |name: &str| text_column(batch, DOCUMENTS, name);
    let (tenants, ids) = (text("tenant")?, text("id")?);
    let (facets, concepts) = (text("facets")?, text("concepts")?);
    let (titles, payloads) = (text("title").ok(), text("payload").ok());
    let fields = text("fields").ok();
    let quality = batch
        .column_by_name("quality")
        .and_then(|column| column.as_primitive_opt());
    let quality: &Float32Array =
        quality.ok_or_else(|| RetrievalError::corrupt(DOCUMENTS, "column quality is no number"))?;
    for row in 0..batch.num_rows() {
        visit(Document {
            tenant: tenants.value(row).to_owned(),
            id: ids.value(row).to_owned(),
            title: titles.map_or_else(String::new, |titles| titles.value(row).to_owned()),
            quality: quality.value(row),
            payload: payloads.map_or_else(String::new, |payloads| payloads.value(row).to_owned()),
            facets: json(facets.value(row))?,
            concepts: json(concepts.value(row))?,
            fields: fields.map_or_else(|| Ok(Vec::new()), |fields| json(fields.value(row)))?,
        })?;
    }
    Ok(())
}

/// Tenant and id of the documents of a batch.
pub(crate) fn each_key(
    batch: &RecordBatch,
    visit: &mut impl FnMut(&str, &str),
) -> Result<(), RetrievalError> {
    let tenants = text_column(batch, DOCUMENTS, "tenant")?;
    let ids = text_column(batch, DOCUMENTS, "id")?;
    (0..batch.num_rows()).for_each(|row| visit(tenants.value(row), ids.value(row)));
    Ok(())
}

/// Columns of the vectors: tenant, id and `dimension` values.
pub(crate) fn vector_schema(dimension: usize) -> SchemaRef {
    let (item, size) = vector_item(dimension);
    Arc::new(Schema::new(vec![
        Column::new("tenant", DataType::Utf8, false),
        Column::new("id", DataType::Utf8, false),
        Column::new("vector", DataType::FixedSizeList(item, size), false),
    ]))
}

fn vector_item(dimension: usize) -> (FieldRef, i32) {
    (
        Arc::new(Column::new("item", DataType::Float32, false)),
        dimension as i32,
    )
}

/// Rows of the documents number `rows`, which have vectors.
pub(crate) fn vector_batch(
    prepared: &Prepared,
    rows: &[usize],
    dimension: usize,
) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&Document) -> &str| -> ArrayRef {
        let documents = rows.iter().map(|row| value(&prepared.documents[*row]));
        Arc::new(StringArray::from_iter_values(documents))
    };
    let vectors = prepared
        .vectors
        .as_ref()
        .map_or(&[][..], |vectors| &vectors.rows);
    let values = rows
        .iter()
        .filter_map(|row| vectors.get(*row)?.as_ref())
        .flatten()
        .copied();
    let values = Arc::new(Float32Array::from_iter_values(values));
    let (item, size) = vector_item(dimension);
    let columns = vec![
        text(|document| &document.tenant),
        text(|document| &document.id),
        Arc::new(FixedSizeListArray::try_new(item, size, values, None)?),
    ];
    RecordBatch::try_new(vector_schema(dimension), columns)
}

/// Vectors of a batch, as tenant, id and values.
pub(crate) fn each_vector(
    batch: &RecordBatch,
    visit: &mut impl FnMut(&str, &str, &[f32]) -> Result<(), RetrievalError>,
) -> Result<(), RetrievalError> {
    let damaged = || RetrievalError::corrupt(VECTORS, "column vector holds no vectors");
    let tenants = text_column(batch, VECTORS, "tenant")?;
    let ids = text_column(batch, VECTORS, "id")?;
    let lists = batch
        .column_by_name("vector")
        .and_then(|column| column.as_fixed_size_list_opt());
    let lists = lists.ok_or_else(damaged)?;
    for row in 0..batch.num_rows() {
        let list = lists.value(row);
        let values = list.as_primitive_opt::<Float32Type>().ok_or_else(damaged)?;
        visit(tenants.value(row), ids.value(row), values.values())?;
    }
    Ok(())
}

fn text_column<'a>(
    batch: &'a RecordBatch,
    table: &str,
    name: &str,
) -> Result<&'a StringArray, RetrievalError> {
    let column = batch
        .column_by_name(name)
        .and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| RetrievalError::corrupt(table, format!("column {name} is no text")))
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lists and maps of strings and finite numbers are JSON")
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, RetrievalError> {
    let parsed = serde_json::from_str(text);
    parsed.map_err(|error| RetrievalError::corrupt(DOCUMENTS, error.to_string()))
}
