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

/// `minhash_buckets(words, bands, rows)`: one bucket a band, each the `rows` least hashes of the words under as many hash
/// functions. Two lists of resemblance r (Jaccard) share a bucket with a chance of 1 − (1 − r^rows)^bands (Broder 1997;
/// banding: Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4). An empty list has none.
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
            let shape = Shape {
                bands: u64::try_from(bands.value(index)).unwrap_or(0),
                rows: u64::try_from(rows.value(index)).unwrap_or(0),
            };
            for bucket in shape.buckets(&words) {
                buckets.values().append_value(bucket);
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

/// How many bands, of how many hashes each.
#[derive(Debug, Clone, Copy)]
struct Shape {
    bands: u64,
    rows: u64,
}

impl Shape {
    fn buckets(self, words: &[&str]) -> Vec<String> {
        let hashes: Vec<u64> = words.iter().map(|word| fnv1a(word)).collect();
        if hashes.is_empty() {
            return Vec::new();
        }
        let least = |seed: u64| hashes.iter().map(|hash| mixed(hash ^ mixed(seed))).min();
        let bucket = |band: u64| {
            let seeds = band * self.rows..(band + 1) * self.rows;
            let joined = seeds
                .filter_map(least)
                .fold(0, |sum, hash| mixed(sum ^ hash));
            format!("{band}:{joined:016x}")
        };
        (0..self.bands).map(bucket).collect()
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv1a(word: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    word.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
fn mixed(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { bands: 12, rows: 3 };

    fn shared(left: &[&str], right: &[&str]) -> usize {
        let right = SHAPE.buckets(right);
        let left = SHAPE.buckets(left);
        left.iter().filter(|bucket| right.contains(bucket)).count()
    }

    #[test]
    fn the_order_of_words_changes_nothing() {
        assert_eq!(
            shared(&["toler", "inox", "fin"], &["fin", "toler", "inox"]),
            12
        );
        assert!(SHAPE.buckets(&[]).is_empty());
    }

    #[test]
    fn lists_share_a_bucket_about_as_often_as_the_formula_says() {
        // Lists of 10 words that share 7, 4 or 2 of them: resemblance 7/13, 4/16, 2/18.
        for common in [7_usize, 4, 2] {
            let trials = 2000;
            let meet = (0..trials).filter(|trial| {
                let word = |side: &str, n: usize| match n < common {
                    true => format!("{trial}-{n}"),
                    false => format!("{trial}-{side}-{n}"),
                };
                let left: Vec<String> = (0..10).map(|n| word("left", n)).collect();
                let right: Vec<String> = (0..10).map(|n| word("right", n)).collect();
                let left: Vec<&str> = left.iter().map(String::as_str).collect();
                let right: Vec<&str> = right.iter().map(String::as_str).collect();
                shared(&left, &right) > 0
            });
            let found = meet.count() as f64 / f64::from(trials);
            let resemblance = common as f64 / (20 - common) as f64;
            let expected = 1.0 - (1.0 - resemblance.powi(3)).powi(12);
            assert!(
                (found - expected).abs() < 0.04,
                "{common}: {found} for {expected}"
            );
        }
    }
}
