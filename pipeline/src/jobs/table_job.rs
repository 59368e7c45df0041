//! The frame of jobs that write one gold table from rows that they work out themselves.

use std::collections::BTreeMap;

use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;
use schemas::{Contract, Layer, TableName};

use super::{Declared, Job, commit_table};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

/// What differs from one such job to the next.
pub(super) trait Rows: Send + Sync {
    /// The table's name in gold.
    const TABLE: &'static str;

    /// Returns the names of the artefacts that it reads.
    fn reads(&self) -> Vec<String>;

    /// Returns what columns are made of, as far as the job says.
    fn columns(&self) -> Vec<Declared> {
        Vec::new()
    }

    /// Returns what its rows depend on besides its inputs and the contract.
    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>>;

    /// Works out the rows, in the order of the key.
    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>>;
}

/// A job that writes one gold table.
pub(super) struct TableJob<R>(pub(super) R);

fn table<R: Rows>() -> TableName {
    TableName::new(Layer::Gold, R::TABLE)
}

/// Returns the contract of the table.
pub(super) fn contract<R: Rows>(context: &Context) -> Result<Contract> {
    context.contract(&table::<R>())
}

impl<R: Rows> Job for TableJob<R> {
    fn name(&self) -> String {
        table::<R>().to_string()
    }

    fn reads(&self) -> Vec<String> {
        self.0.reads()
    }

    fn writes(&self) -> String {
        self.name()
    }

    fn columns(&self) -> Vec<Declared> {
        self.0.columns()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let mut parts = self.0.depends_on(context)?;
        parts.insert("contract".to_owned(), contract::<R>(context)?.digest());
        Ok(parts)
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let rows = self.0.rows(context, inputs).await?;
            commit_table(context, &table::<R>(), &rows, fingerprint).await
        })
    }
}
