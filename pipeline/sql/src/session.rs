//! A session: tables of the lake under their layer's name, and queries over them.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    datatypes::{Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    catalog::{MemTable, MemorySchemaProvider, TableProvider},
    common::config::TableParquetOptions,
    datasource::{
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream, runtime_env::RuntimeEnv, session_state::SessionStateBuilder,
    },
    logical_expr::LogicalPlan,
    prelude::{SessionConfig, SessionContext},
    sql::TableReference,
};
use futures::TryStreamExt;
use schemas::{Layer, TableName};
use snapshot::Store;
use url::Url;

use crate::{SqlError, compact::CompactBeforeSorts, functions, present::PresentFiles, quarantine};

/// A table of the lake: its name, its Parquet files relative to the store, and its schema.
#[derive(Debug, Clone)]
pub struct Source {
    /// The table.
    pub table: TableName,
    /// Its files; none is an empty table.
    pub files: Vec<String>,
    /// Its columns.
    pub schema: Schema,
}

/// A session over a fixed set of tables.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
}

impl Session {
    pub(crate) fn open(
        config: SessionConfig,
        runtime: Arc<RuntimeEnv>,
        store: &Store,
        sources: &[Source],
    ) -> Result<Self, SqlError> {
        let state = SessionContext::new_with_config_rt(config, runtime).state();
        let state = SessionStateBuilder::new_from_existing(state)
            .with_physical_optimizer_rule(Arc::new(CompactBeforeSorts))
            .build();
        let context = SessionContext::new_with_state(state);
        if store.folder().is_none() {
            context.register_object_store(store.url(), Arc::clone(store.objects()));
        }
        functions::all()
            .into_iter()
            .for_each(|function| context.register_udf(function));
        let catalog = context
            .catalog("datafusion")
            .expect("the default catalog is made by the config");
        for layer in Layer::ALL {
            let schema = Arc::new(MemorySchemaProvider::new());
            catalog
                .register_schema(layer.as_str(), schema)
                .map_err(SqlError::engine(format!("layer {layer}")))?;
        }
        let session = Self { context };
        for source in sources {
            let schema = Arc::new(source.schema.clone());
            let provider = provider(store, &source.files, schema, Pushdown::Off)
                .map_err(SqlError::engine(&source.table))?;
            session.register(&source.table, provider)?;
        }
        Ok(session)
    }

    /// Returns the engine's own session.
    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Runs a query and returns all its rows.
    ///
    /// # Errors
    /// The query is refused or fails.
    pub async fn rows(&self, query: &str) -> Result<Vec<RecordBatch>, SqlError> {
        self.stream(query, "the query")
            .await?
            .try_collect()
            .await
            .map_err(SqlError::engine("the query"))
    }

    /// Runs a query, or SHOW, DESCRIBE or EXPLAIN, and returns at most `limit` of its rows, in its order.
    ///
    /// # Errors
    /// The query is refused or fails.
    pub async fn first_rows(
        &self,
        query: &str,
        limit: usize,
    ) -> Result<Vec<RecordBatch>, SqlError> {
        let run = async {
            let options = datafusion::prelude::SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false);
            let rows = self.context.sql_with_options(query, options).await?;
            match rows.logical_plan() {
                LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => rows.collect().await,
                _ => rows.limit(0, Some(limit))?.collect().await,
            }
        };
        run.await.map_err(SqlError::engine("the query"))
    }

    /// Runs a query and returns its rows as they come; `what` names it in errors.
    ///
    /// # Errors
    /// The query is refused.
    pub async fn stream(
        &self,
        query: &str,
        what: impl ToString,
    ) -> Result<SendableRecordBatchStream, SqlError> {
        let run = async {
            let options = datafusion::prelude::SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false);
            self.context
                .sql_with_options(query, options)
                .await?
                .execute_stream()
                .await
        };
        run.await.map_err(SqlError::engine(what))
    }

    /// Registers rows that are already in memory as a table of the default schema.
    pub(crate) fn register_rows(
        &self,
        name: &str,
        schema: SchemaRef,
        rows: Vec<RecordBatch>,
    ) -> Result<(), DataFusionError> {
        let table = MemTable::try_new(schema, vec![rows])?;
        self.register_default(name, Arc::new(table))
    }

    /// Registers a table of the default schema, in place of one of that name.
    pub(crate) fn register_default(
        &self,
        name: &str,
        table: Arc<dyn TableProvider>,
    ) -> Result<(), DataFusionError> {
        self.replace(TableReference::bare(name), table)
    }

    /// Registers a table in place of one of that name.
    pub(crate) fn replace(
        &self,
        name: TableReference,
        table: Arc<dyn TableProvider>,
    ) -> Result<(), DataFusionError> {
        self.context.deregister_table(name.clone())?;
        self.context.register_table(name, table).map(|_| ())
    }

    /// Returns a query as a table.
    pub(crate) async fn view(
        &self,
        query: &str,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        Ok(self.context.sql(query).await?.into_view())
    }

    /// Returns the logical plan of a query, as written.
    pub(crate) async fn plan(&self, query: &str) -> Result<LogicalPlan, SqlError> {
        let plan = self.context.state().create_logical_plan(query).await;
        plan.map_err(SqlError::engine("the query"))
    }

    /// Registers the refused rows of each table, bronze's and silver's together, as `quarantine.<table>`, and all of them
    /// as `quarantine.all`.
    ///
    /// # Errors
    /// The schema cannot be registered.
    pub fn register_quarantine(
        &self,
        store: &Store,
        files: BTreeMap<String, Vec<String>>,
    ) -> Result<(), SqlError> {
        let failed = || SqlError::engine("the quarantine");
        let catalog = self
            .context
            .catalog("datafusion")
            .expect("the config makes the catalog");
        catalog
            .register_schema("quarantine", Arc::new(MemorySchemaProvider::new()))
            .map_err(failed())?;
        let schema = Arc::new(quarantine::schema());
        let all = files.values().flatten().cloned().collect();
        for (table, files) in files.into_iter().chain([("all".to_owned(), all)]) {
            let provider =
                provider(store, &files, Arc::clone(&schema), Pushdown::Off).map_err(failed())?;
            let reference = TableReference::partial("quarantine", table);
            self.context
                .register_table(reference, provider)
                .map_err(failed())?;
        }
        Ok(())
    }

    fn register(
        &self,
        table: &TableName,
        provider: Arc<dyn TableProvider>,
    ) -> Result<(), SqlError> {
        let reference = TableReference::partial(table.layer.as_str(), table.name.as_str());
        self.context
            .register_table(reference, provider)
            .map_err(SqlError::engine(table))?;
        Ok(())
    }
}

/// Whether a scan reads the columns of its filters first, and others only where they hold: worth it where few rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushdown {
    On,
    Off,
}

pub(crate) fn provider(
    store: &Store,
    files: &[String],
    schema: SchemaRef,
    pushdown: Pushdown,
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    if files.is_empty() {
        return Ok(Arc::new(MemTable::try_new(schema, vec![vec![]])?));
    }
    let urls = files
        .iter()
        .map(|file| ListingTableUrl::try_new(url(store, file)?, None));
    let mut parquet = TableParquetOptions::default();
    parquet.global.pushdown_filters = pushdown == Pushdown::On;
    let format = ParquetFormat::default().with_options(parquet);
    let options = ListingOptions::new(Arc::new(format))
        .with_file_extension(".parquet")
        .with_collect_stat(true);
    let config = ListingTableConfig::new_with_multi_paths(urls.collect::<Result<_, _>>()?)
        .with_listing_options(options)
        .with_schema(schema);
    let table = ListingTable::try_new(config)?;
    Ok(Arc::new(PresentFiles::new(table, store, files)))
}

fn url(store: &Store, file: &str) -> Result<Url, DataFusionError> {
    let refuse = || DataFusionError::Configuration(format!("{file} is not a path of the lake"));
    match store.folder() {
        Some(folder) => Url::from_file_path(Path::new(folder).join(file)).map_err(|()| refuse()),
        None => {
            let mut url = store.url().clone();
            url.set_path(store.full_path(file).as_ref());
            Ok(url)
        }
    }
}
