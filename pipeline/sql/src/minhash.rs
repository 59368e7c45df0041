//! `minhash_buckets`: lists of like words share a bucket.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, ListBuilder, StringBuilder},
    datatypes::{DataType, Field},
};
use datafusion::{
    common::cast::{as_int64_array, as_list_array, as_string_array},
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
};
use text::MinHash;

/// `minhash_buckets(words, bands, rows)`: one bucket a band, by [`MinHash`]. An empty list has none.
pub(crate) fn minhash_buckets() -> ScalarUDF {
    let item = Arc::new(Field::new("item", DataType::Utf8, true));
    let list = DataType::List(item);
    let fun = |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let lists = as_list_array(&arrays[0])?;
        let (bands, rows) = (as_int64_array(&arrays[1])?, as_int64_array(&arrays[2])?);
        let mut buckets = ListBuilder::new(StringBuilder::new());
        for index in 0..lists.len() {
            if lists.is_null(index) {
                buckets.append(false);
                continue;
            }
            let words = lists.value(index);
            let words: Vec<&str> = as_string_array(&words)?.iter().flatten().collect();
            let shape = MinHash {
                bands: u64::try_from(bands.value(index)).unwrap_or(0),
                rows: u64::try_from(rows.value(index)).unwrap_or(0),
            };
            for (band, bucket) in shape.buckets(&words).into_iter().enumerate() {
                buckets
                    .values()
                    .append_value(format!("{band}:{bucket:016x}"));
            }
            buckets.append(true);
        }
        Ok(ColumnarValue::Array(Arc::new(buckets.finish()) as ArrayRef))
    };
    let takes = vec![list.clone(), DataType::Int64, DataType::Int64];
    create_udf(
        "minhash_buckets",
        takes,
        list,
        Volatility::Immutable,
        Arc::new(fun),
    )
}
