//! Tables of files that must be there: one that is gone is an error, where a listing would find a smaller table.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    datasource::listing::ListingTable,
    error::{DataFusionError, Result},
    logical_expr::{Expr, TableProviderFilterPushDown, TableType},
    physical_plan::ExecutionPlan,
};
use futures::{StreamExt, TryStreamExt, stream};
use snapshot::Store;

/// Files that are looked for at one time.
const AT_ONCE: usize = 16;

/// A table of files, looked for whenever it is scanned.
#[derive(Debug)]
pub(crate) struct PresentFiles {
    table: ListingTable,
    store: Store,
    files: Vec<String>,
}

impl PresentFiles {
    pub(crate) fn new(table: ListingTable, store: &Store, files: &[String]) -> Self {
        Self {
            table,
            store: store.clone(),
            files: files.to_vec(),
        }
    }

    async fn check(&self) -> Result<()> {
        let looked = self.files.iter().cloned().map(|file| {
            let store = self.store.clone();
            async move {
                let is_there = store.exists(&file).await;
                match is_there.map_err(|error| DataFusionError::External(Box::new(error)))? {
                    true => Ok(()),
                    false => Err(DataFusionError::Configuration(format!(
                        "{file} is not in the lake"
                    ))),
                }
            }
        });
        let looked: Vec<_> = looked.collect();
        stream::iter(looked)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

#[async_trait]
impl TableProvider for PresentFiles {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        self.table.table_type()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.check().await?;
        self.table.scan(state, projection, filters, limit).await
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        self.table.supports_filters_pushdown(filters)
    }
}
