//! Rows that the pipeline wrote as JSON lines.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use schemas::Manifest;
use serde::de::DeserializeOwned;

use super::ReferenceError;

/// Reads a file of a snapshot; none where the snapshot lacks it.
pub(crate) fn lines<T: DeserializeOwned>(
    dir: &Path,
    manifest: &Manifest,
    file: &'static str,
) -> Result<Option<Vec<T>>, ReferenceError> {
    if !manifest.files.contains_key(file) {
        return Ok(None);
    }
    let failed = |source| ReferenceError::Io { file, source };
    let lines = BufReader::new(File::open(dir.join(file)).map_err(failed)?).lines();
    let mut rows = Vec::new();
    for (line, number) in lines.zip(1..) {
        let row = serde_json::from_str(&line.map_err(failed)?);
        rows.push(row.map_err(|error| ReferenceError::Line {
            file,
            line: number,
            reason: error.to_string(),
        })?);
    }
    Ok(Some(rows))
}
