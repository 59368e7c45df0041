//! Column builders: typed values in, polars series out.

use polars::prelude::{
    BinaryChunkedBuilder, BooleanChunkedBuilder, BooleanType, ChunkedBuilder, Column, DataType,
    Field, Float64Type, Int32Type, Int64Type, IntoSeries, ListBuilderTrait,
    ListPrimitiveChunkedBuilder, ListStringChunkedBuilder, PrimitiveChunkedBuilder,
    StringChunkedBuilder, TimeUnit, TimeZone,
};
use schemas::ColumnKind;

use crate::typing::Typed;

/// How a column's values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// As the contract's type says.
    Kind(ColumnKind),
    /// As bytes.
    Bytes,
}

impl Storage {
    pub(super) fn field(self, name: &str) -> Field {
        let kind = match self {
            Self::Bytes => DataType::Binary,
            Self::Kind(ColumnKind::String | ColumnKind::Json) => DataType::String,
            Self::Kind(ColumnKind::Int | ColumnKind::Cents) => DataType::Int64,
            Self::Kind(ColumnKind::Float) => DataType::Float64,
            Self::Kind(ColumnKind::Bool) => DataType::Boolean,
            Self::Kind(ColumnKind::Date) => DataType::Date,
            Self::Kind(ColumnKind::Timestamp) => {
                DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
            }
            Self::Kind(ColumnKind::Strings) => DataType::List(Box::new(DataType::String)),
            Self::Kind(ColumnKind::Floats) => DataType::List(Box::new(DataType::Float64)),
        };
        Field::new(name.into(), kind)
    }
}

/// Gathers the values of one column.
pub(super) enum Builder {
    Text(StringChunkedBuilder),
    Int(PrimitiveChunkedBuilder<Int64Type>),
    Float(PrimitiveChunkedBuilder<Float64Type>),
    Bool(BooleanChunkedBuilder),
    Day(PrimitiveChunkedBuilder<Int32Type>),
    Instant(PrimitiveChunkedBuilder<Int64Type>),
    Texts(ListStringChunkedBuilder),
    Floats(ListPrimitiveChunkedBuilder<Float64Type>),
    Bytes(BinaryChunkedBuilder),
}

impl Builder {
    pub(super) fn new(name: &str, storage: Storage) -> Self {
        let name = name.into();
        match storage {
            Storage::Bytes => Self::Bytes(BinaryChunkedBuilder::new(name, 0)),
            Storage::Kind(kind) => match kind {
                ColumnKind::String | ColumnKind::Json => {
                    Self::Text(StringChunkedBuilder::new(name, 0))
                }
                ColumnKind::Int | ColumnKind::Cents => {
                    Self::Int(PrimitiveChunkedBuilder::new(name, 0))
                }
                ColumnKind::Float => Self::Float(PrimitiveChunkedBuilder::new(name, 0)),
                ColumnKind::Bool => Self::Bool(BooleanChunkedBuilder::new(name, 0)),
                ColumnKind::Date => Self::Day(PrimitiveChunkedBuilder::new(name, 0)),
                ColumnKind::Timestamp => Self::Instant(PrimitiveChunkedBuilder::new(name, 0)),
                ColumnKind::Strings => Self::Texts(ListStringChunkedBuilder::new(name, 0, 0)),
                ColumnKind::Floats => {
                    let item = DataType::Float64;
                    Self::Floats(ListPrimitiveChunkedBuilder::new(name, 0, 0, item))
                }
            },
        }
    }

    /// Adds a value, and returns about how many bytes it takes.
    pub(super) fn push(&mut self, value: &Typed<'_>) -> usize {
        match (self, value) {
            (Self::Text(column), Typed::Text(text)) => {
                column.append_value(text);
                return 16 + text.len();
            }
            (Self::Bytes(column), Typed::Bytes(bytes)) => {
                column.append_value(bytes);
                return 16 + bytes.len();
            }
            (Self::Texts(column), Typed::Texts(items)) => {
                column.append_values_iter(items.iter().map(AsRef::as_ref));
                return 8 + items.iter().map(|item| 16 + item.len()).sum::<usize>();
            }
            (Self::Floats(column), Typed::Floats(items)) => {
                column.append_slice(items);
                return 8 + 8 * items.len();
            }
            (Self::Int(column), Typed::Int(value)) => column.append_value(*value),
            (Self::Float(column), Typed::Float(value)) => column.append_value(*value),
            (Self::Bool(column), Typed::Bool(value)) => {
                ChunkedBuilder::<bool, BooleanType>::append_value(column, *value);
            }
            (Self::Day(column), Typed::Day(value)) => column.append_value(*value),
            (Self::Instant(column), Typed::Instant(value)) => column.append_value(*value),
            // Typing gives a column's own variant or a null, nothing else.
            (column, _) => column.push_null(),
        }
        8
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(column) => column.append_null(),
            Self::Int(column) | Self::Instant(column) => column.append_null(),
            Self::Float(column) => column.append_null(),
            Self::Bool(column) => ChunkedBuilder::<bool, BooleanType>::append_null(column),
            Self::Day(column) => column.append_null(),
            Self::Texts(column) => column.append_null(),
            Self::Floats(column) => column.append_null(),
            Self::Bytes(column) => column.append_null(),
        }
    }

    pub(super) fn finish(self) -> Column {
        let series = match self {
            Self::Text(column) => column.finish().into_series(),
            Self::Int(column) => column.finish().into_series(),
            Self::Float(column) => column.finish().into_series(),
            Self::Bool(column) => column.finish().into_series(),
            Self::Day(column) => column.finish().into_series().into_date(),
            Self::Instant(column) => {
                let zone = Some(TimeZone::UTC);
                let instants = column.finish().into_series();
                instants.into_datetime(TimeUnit::Microseconds, zone)
            }
            Self::Texts(mut column) => column.finish().into_series(),
            Self::Floats(mut column) => column.finish().into_series(),
            Self::Bytes(column) => column.finish().into_series(),
        };
        series.into()
    }
}
