//! The embedded DataFusion engine.

use std::{path::PathBuf, sync::Arc};

use datafusion::{
    execution::{
        memory_pool::FairSpillPool,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    prelude::SessionConfig,
};
use snapshot::Store;

use crate::{Session, Source, SqlError};

/// What an operator may change of the engine.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Memory that sorts, joins and aggregates may hold before they spill to disk, in bytes.
    pub memory_bytes: usize,
    /// Threads, and so partitions, of a query.
    pub threads: usize,
    /// Where spilled data goes; the system's folder where none is given.
    pub spill_folder: Option<PathBuf>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            memory_bytes: 6 << 30,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            spill_folder: None,
        }
    }
}

/// Makes sessions that share one memory budget.
#[derive(Debug, Clone)]
pub struct Engine {
    runtime: Arc<RuntimeEnv>,
    config: SessionConfig,
}

impl Engine {
    /// Starts the engine.
    ///
    /// # Errors
    /// The spill folder cannot be used.
    pub fn new(settings: &EngineSettings) -> Result<Self, SqlError> {
        let pool = Arc::new(FairSpillPool::new(settings.memory_bytes));
        let mut builder = RuntimeEnvBuilder::new().with_memory_pool(pool);
        if let Some(folder) = &settings.spill_folder {
            // The builder makes a missing folder too, but fails where another process makes it at the same time.
            std::fs::create_dir_all(folder).map_err(|error| {
                SqlError::engine("the spill folder cannot be made")(error.into())
            })?;
            builder = builder.with_temp_file_path(folder);
        }
        let runtime = builder
            .build_arc()
            .map_err(SqlError::engine("the engine cannot start"))?;
        let config = SessionConfig::new()
            .with_target_partitions(settings.threads)
            // `unnest` multiplies whole batches: small ones bound its memory.
            .with_batch_size(4096)
            .with_create_default_catalog_and_schema(true)
            .with_information_schema(true);
        Ok(Self { runtime, config })
    }

    /// Opens a session that sees the given tables of a store.
    ///
    /// # Errors
    /// A table cannot be registered.
    pub fn session(&self, store: &Store, sources: &[Source]) -> Result<Session, SqlError> {
        Session::open(
            self.config.clone(),
            Arc::clone(&self.runtime),
            store,
            sources,
        )
    }
}
