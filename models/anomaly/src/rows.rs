//! Rows of numbers side by side, as they are read and as they are drawn.

use ndarray::{ArrayBase, CowArray, Data, Ix2};
use rayon::prelude::*;
use tabular::TabularError;

/// Rows that are looked at together; their values stay in the innermost cache.
const BLOCK_VALUES: usize = 2048;

/// Returns rows as one slice, copied where they are not that in memory already.
pub(crate) fn contiguous<D: Data<Elem = f64>>(rows: &ArrayBase<D, Ix2>) -> CowArray<'_, f64, Ix2> {
    rows.as_standard_layout()
}

/// Returns how many rows of `width` make a block.
pub(crate) fn block(width: usize) -> usize {
    (BLOCK_VALUES / width.max(1)).clamp(16, 1024)
}

/// Refuses infinite values. `values` is (rows × columns), row after row.
///
/// # Errors
/// `Invalid`, with the column and the first row of it that is infinite.
pub(crate) fn refuse_infinite(values: &[f64], columns: &[String]) -> Result<(), TabularError> {
    let found = values
        .par_chunks(1 << 16)
        .enumerate()
        .find_map_first(|(chunk, values)| {
            let at = values.iter().position(|value| value.is_infinite())?;
            Some((chunk << 16) + at)
        });
    let Some(at) = found else { return Ok(()) };
    let (row, column) = (at / columns.len(), at % columns.len());
    let reason = format!("the value of row {row}, counted from 0, is infinite");
    Err(TabularError::invalid(&columns[column], reason))
}

/// Rows drawn for a tree: values row after row.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) values: Vec<f64>,
    pub(crate) width: usize,
}

impl Sample {
    pub(crate) fn value(&self, row: u32, column: usize) -> f64 {
        self.values[row as usize * self.width + column]
    }

    /// Returns the least and the greatest value of a column among `rows`, if they differ; missing ones do not count.
    pub(crate) fn range(&self, rows: &[u32], column: usize) -> Option<(f64, f64)> {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let values = rows.iter().map(|row| self.value(*row, column));
        let (low, high) = values.fold(ends, |(low, high), x| (low.min(x), high.max(x)));
        (low < high).then_some((low, high))
    }
}
