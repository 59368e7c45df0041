//! What the demo market hides.

use std::collections::BTreeSet;

use demo::Truth;

use crate::Lake;

/// Reads the ground truth that the demo wrote beside the lake's landing area.
///
/// # Panics
/// The file is missing or malformed.
#[must_use]
pub fn truths(lake: &Lake) -> Vec<Truth> {
    let text = std::fs::read_to_string(lake.file("demo_truth.jsonl")).expect("the demo wrote it");
    let parse = |line| serde_json::from_str(line).expect("each line is one truth");
    text.lines().map(parse).collect()
}

/// Returns the planted bad rows as (layer, table, file, line, rule).
#[must_use]
pub fn bad_rows(lake: &Lake) -> BTreeSet<(String, String, String, u64, String)> {
    let planted = truths(lake).into_iter().filter_map(|truth| match truth {
        Truth::BadRow {
            table,
            file,
            line,
            layer,
            rule,
            ..
        } => Some((layer, table, file, line, rule)),
        _ => None,
    });
    planted.collect()
}
