//! The Arrow schema of a contract.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::{ColumnKind, Contract};

/// Returns the Arrow schema that a table's Parquet files have when read.
#[must_use]
pub fn arrow_schema(contract: &Contract) -> Schema {
    Schema::new(
        contract
            .columns
            .iter()
            .map(|column| Field::new(&column.name, column.kind.data_type(), true))
            .collect::<Vec<_>>(),
    )
}

impl ColumnKind {
    /// Returns the Arrow type of the column's values.
    #[must_use]
    pub fn data_type(self) -> DataType {
        let list = |item| DataType::List(Arc::new(Field::new("item", item, true)));
        match self {
            Self::String | Self::Json => DataType::Utf8,
            Self::Int | Self::Cents => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Strings => list(DataType::Utf8),
            Self::Floats => list(DataType::Float64),
        }
    }
}
