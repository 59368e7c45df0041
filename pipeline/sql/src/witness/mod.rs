//! Which rows of its inputs a row of a table was made of: the SELECT is run again for that row's key, with the key of each input row
//! carried along (why-provenance: Buneman, Khanna and Tan, "Why and Where", ICDT 2001).

mod carry;

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{Array, AsArray, StringArray},
    compute::cast,
    datatypes::DataType,
    record_batch::RecordBatch,
};
use datafusion::{
    common::ScalarValue,
    error::DataFusionError,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit},
};
use futures::TryStreamExt;
use schemas::{Contract, TableName};

use crate::{Select, Session, SqlError};
use carry::{Carrier, KeyOf, PART};

/// A key: column and value as text, in the order of the contract.
pub type Key = Vec<(String, String)>;

/// Rows of one input that took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The input.
    pub table: TableName,
    /// How many rows.
    pub rows: u64,
    /// The keys of the first of them, in the order of keys.
    pub keys: Vec<Key>,
}

/// What was found of some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witnesses {
    /// Rows of the table that have the keys asked for.
    pub found: u64,
    /// What they were made of, by input.
    pub inputs: Vec<Witness>,
    /// Where the trace is not exact, and why.
    pub notes: BTreeSet<String>,
}

impl Session {
    /// Returns which rows of its inputs the rows of a table with the given keys were made of. The session must see those inputs;
    /// `key_of` names the columns that tell the rows of an input apart.
    ///
    /// # Errors
    /// The SELECT fails, a key names a column that it does not give, or has a value that is not of the column's type.
    pub async fn witnesses(
        &self,
        contract: &Contract,
        select: &Select,
        keys: &[Key],
        key_of: KeyOf<'_>,
        limit: usize,
    ) -> Result<Witnesses, SqlError> {
        let what = contract.table.to_string();
        let run = async {
            let plan = self
                .context()
                .state()
                .create_logical_plan(select.text())
                .await?;
            let mut carrier = Carrier::new(key_of);
            let carried = carrier.carry(&plan)?;
            let filtered = LogicalPlanBuilder::from(carried.clone())
                .filter(any_of(&carried, keys)?)?
                .build()?;
            let carriers = Carrier::carried(filtered.schema());
            let plan = LogicalPlanBuilder::from(filtered)
                .project(carriers)?
                .build()?;
            let frame = self.context().execute_logical_plan(plan).await?;
            let mut stream = frame.execute_stream().await?;
            let mut gathered = Gathered::default();
            while let Some(batch) = stream.try_next().await? {
                gathered.add(&batch, &carrier)?;
            }
            Ok((gathered, carrier))
        };
        let (gathered, carrier) = run.await.map_err(SqlError::engine(&what))?;
        Ok(gathered.told(carrier.notes, key_of, limit))
    }
}

/// Returns the condition that a row has one of the keys; values are read as the columns' types.
fn any_of(plan: &LogicalPlan, keys: &[Key]) -> Result<Expr, DataFusionError> {
    let mut any: Option<Expr> = None;
    for key in keys {
        let mut all: Option<Expr> = None;
        for (name, value) in key {
            let found = plan.schema().iter().find(|(_, field)| field.name() == name);
            let Some((qualifier, field)) = found else {
                return Err(DataFusionError::Plan(format!(
                    "the SELECT gives no column {name}"
                )));
            };
            let value = ScalarValue::try_from_string(value.clone(), field.data_type())?;
            let column = Expr::Column((qualifier, field).into());
            let equal = column.eq(Expr::Literal(value, None));
            all = Some(match all {
                Some(all) => all.and(equal),
                None => equal,
            });
        }
        let all = all.unwrap_or_else(|| lit(false));
        any = Some(match any {
            Some(any) => any.or(all),
            None => all,
        });
    }
    Ok(any.unwrap_or_else(|| lit(false)))
}

/// Keys of input rows as they come out of the engine.
#[derive(Default)]
struct Gathered {
    found: u64,
    by_table: BTreeMap<TableName, BTreeSet<String>>,
}

impl Gathered {
    fn add(&mut self, batch: &RecordBatch, carrier: &Carrier<'_>) -> Result<(), DataFusionError> {
        self.found += batch.num_rows() as u64;
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            if let Some(table) = carrier.table(field.name()) {
                let known = self.by_table.entry(table.clone()).or_default();
                texts(column.as_ref(), known)?;
            }
        }
        Ok(())
    }

    fn told(self, notes: BTreeSet<String>, key_of: KeyOf<'_>, limit: usize) -> Witnesses {
        let split = |table: &TableName, text: &str| -> Key {
            let names = key_of(table).unwrap_or_default();
            names
                .into_iter()
                .zip(text.split(PART).map(str::to_owned))
                .collect()
        };
        let inputs = self.by_table.into_iter().map(|(table, keys)| Witness {
            rows: keys.len() as u64,
            keys: keys
                .iter()
                .take(limit)
                .map(|text| split(&table, text))
                .collect(),
            table,
        });
        Witnesses {
            found: self.found,
            inputs: inputs.collect(),
            notes,
        }
    }
}

/// Takes the texts out of a column: plain, or in lists of lists, as aggregates of aggregates make them.
fn texts(column: &dyn Array, out: &mut BTreeSet<String>) -> Result<(), DataFusionError> {
    match column.data_type() {
        DataType::List(_) => texts(column.as_list::<i32>().values().as_ref(), out),
        DataType::LargeList(_) => texts(column.as_list::<i64>().values().as_ref(), out),
        DataType::Null => Ok(()),
        _ => {
            let plain = cast(column, &DataType::Utf8)?;
            let plain = plain.as_any().downcast_ref::<StringArray>();
            let plain = plain.into_iter().flat_map(|texts| texts.iter().flatten());
            out.extend(plain.map(str::to_owned));
            Ok(())
        }
    }
}

/// Names a carried column as an expression.
fn named(name: &str) -> Expr {
    Expr::Column(datafusion::common::Column::from_name(name))
}
