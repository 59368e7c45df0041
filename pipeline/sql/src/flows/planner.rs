//! Logical plans over contracts alone: no table need be there.

use std::{collections::BTreeMap, sync::Arc};

use arrow::datatypes::Schema;
use datafusion::{
    catalog::{MemTable, MemorySchemaProvider},
    prelude::{SessionConfig, SessionContext},
    sql::TableReference,
};
use lineage::{Flow, Maker, TableLineage};
use schemas::{Contract, Layer, TableName};

use super::plan::Tracer;
use crate::{Select, SqlError, functions};

/// Plans SELECTs over tables of which only the columns are known.
pub struct Planner {
    context: SessionContext,
}

impl Planner {
    /// Opens a planner that knows the columns of the given contracts; landing ones stand for bronze, too.
    ///
    /// # Errors
    /// A table cannot be registered.
    pub fn new<'a>(contracts: impl IntoIterator<Item = &'a Contract>) -> Result<Self, SqlError> {
        let context = SessionContext::new_with_config(SessionConfig::new());
        for function in functions::all() {
            context.register_udf(function);
        }
        let catalog = context.catalog("datafusion");
        let catalog = catalog.expect("the default catalog is there unless it is switched off");
        for layer in Layer::ALL {
            catalog
                .register_schema(layer.as_str(), Arc::new(MemorySchemaProvider::new()))
                .map_err(SqlError::engine(format!("layer {layer}")))?;
        }
        let planner = Self { context };
        for contract in contracts {
            planner.register(&contract.table, schemas::arrow_schema(contract))?;
            if contract.table.layer == Layer::Landing {
                let bronze = contract.with_provenance();
                planner.register(&bronze.table, schemas::arrow_schema(&bronze))?;
            }
        }
        Ok(planner)
    }

    fn register(&self, table: &TableName, schema: Schema) -> Result<(), SqlError> {
        let reference = TableReference::partial(table.layer.as_str(), table.name.as_str());
        let empty =
            MemTable::try_new(Arc::new(schema), vec![vec![]]).map_err(SqlError::engine(table))?;
        self.context
            .register_table(reference, Arc::new(empty))
            .map_err(SqlError::engine(table))?;
        Ok(())
    }

    /// Returns what each column of a table's SELECT is made of; those that the contract does not have are left out, unless they are
    /// provenance.
    ///
    /// # Errors
    /// The SELECT names what is not there, or uses what no lineage is known through.
    pub async fn lineage(
        &self,
        contract: &Contract,
        select: &Select,
    ) -> Result<TableLineage, SqlError> {
        let table = contract.table.to_string();
        let trace = async {
            let plan = self
                .context
                .state()
                .create_logical_plan(select.text())
                .await?;
            let names = plan.schema().fields().iter();
            let names: Vec<String> = names.map(|field| field.name().clone()).collect();
            Ok((names, Tracer::default().plan(&plan, None)?))
        };
        let (names, traced) = trace.await.map_err(SqlError::engine(&table))?;
        let mut columns: BTreeMap<String, Flow> = names.into_iter().zip(traced.columns).collect();
        let is_kept = |name: &str| contract.column(name).is_some() || name.starts_with('_');
        columns.retain(|name, _| is_kept(name));
        let mut made = TableLineage::new(table, Maker::Sql);
        made.reads = select.reads().iter().map(ToString::to_string).collect();
        made.columns = Some(columns);
        made.shapes = traced.shapes;
        made.declared = contract
            .columns
            .iter()
            .map(|one| one.name.clone())
            .collect();
        Ok(made)
    }
}
