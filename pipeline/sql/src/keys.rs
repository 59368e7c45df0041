//! Keys of rows as bytes that sort as keys do, and where segments of a table end.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    error::ArrowError,
    record_batch::RecordBatch,
    row::{OwnedRow, RowConverter, Rows, SortField},
};
use schemas::{Contract, arrow_schema};

use crate::SqlError;

/// Turns the key columns of a table's rows into bytes.
pub(crate) struct Keys {
    converter: RowConverter,
}

impl Keys {
    pub(crate) fn of(contract: &Contract) -> Result<Self, SqlError> {
        let schema = arrow_schema(contract);
        let fields = contract.key.iter().map(|key| {
            let field = schema.field_with_name(key)?;
            Ok(SortField::new(field.data_type().clone()))
        });
        let converter = fields
            .collect::<Result<Vec<_>, _>>()
            .and_then(RowConverter::new);
        Ok(Self {
            converter: converter.map_err(failed(contract))?,
        })
    }

    /// Returns the keys of rows that are of the contract's types.
    pub(crate) fn rows(&self, contract: &Contract, batch: &RecordBatch) -> Result<Rows, SqlError> {
        let column = |key: &String| {
            let index = batch.schema().index_of(key)?;
            Ok::<_, ArrowError>(batch.column(index).clone())
        };
        let columns = contract
            .key
            .iter()
            .map(column)
            .collect::<Result<Vec<_>, _>>();
        columns
            .and_then(|columns| self.converter.convert_columns(&columns))
            .map_err(failed(contract))
    }
}

/// Tells where keys change in rows that come in the order of the key, whatever the types of its columns are yet.
pub(crate) struct KeyRuns {
    key: Vec<String>,
    converter: Option<RowConverter>,
    last: Option<OwnedRow>,
}

impl KeyRuns {
    pub(crate) fn of(contract: &Contract) -> Self {
        Self {
            key: contract.key.clone(),
            converter: None,
            last: None,
        }
    }

    /// Says of each row whether the row before it, which may be the last of the batch before, has the same key.
    pub(crate) fn repeats(&mut self, batch: &RecordBatch) -> Result<Vec<bool>, ArrowError> {
        let columns: Vec<ArrayRef> = self
            .key
            .iter()
            .map(|key| Ok(Arc::clone(batch.column(batch.schema().index_of(key)?))))
            .collect::<Result<_, ArrowError>>()?;
        let converter = match &mut self.converter {
            Some(converter) => converter,
            None => {
                let fields = columns
                    .iter()
                    .map(|c| SortField::new(c.data_type().clone()));
                self.converter.insert(RowConverter::new(fields.collect())?)
            }
        };
        let rows = converter.convert_columns(&columns)?;
        let mut repeats = Vec::with_capacity(rows.num_rows());
        for (index, row) in rows.iter().enumerate() {
            repeats.push(match index {
                0 => self.last.as_ref().is_some_and(|last| last.row() == row),
                _ => rows.row(index - 1) == row,
            });
        }
        if let Some(last) = rows.num_rows().checked_sub(1) {
            self.last = Some(rows.row(last).owned());
        }
        Ok(repeats)
    }
}

fn failed(contract: &Contract) -> impl Fn(ArrowError) -> SqlError {
    |error| SqlError::engine(format!("keys of {}", contract.table))(error.into())
}

/// Says whether a segment ends after the row of a key. The key alone decides, whatever its neighbours are and whenever it came: so
/// equal tables are cut alike, and a row that comes later changes only the segment that it falls into.
pub(crate) fn ends_segment(key: &[u8], average_rows: u64) -> bool {
    mix(fnv_1a(key)) < u64::MAX / average_rows.max(1)
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finaliser of MurmurHash3: neighbouring keys give unlike numbers.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_have_about_the_rows_that_are_asked_for() {
        let ends = (0..100_000_u32).filter(|id| {
            let key = format!("tenant_demo/{id:08}");
            ends_segment(key.as_bytes(), 100)
        });
        let ends = ends.count();
        assert!((900..1_100).contains(&ends), "{ends}");
        assert!((0..100_u8).all(|id| ends_segment(&[id], 1) == (mix(fnv_1a(&[id])) < u64::MAX)));
    }
}
