//! Pausing and resuming a DAG: append-only objects `schedule/pauses/<dag>/<number>.json`.

use chrono::{DateTime, Utc};
use lake::{Lake, LakeError};
use serde::{Deserialize, Serialize};

/// What somebody decided about a DAG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Whether it starts nothing from now on.
    pub is_paused: bool,
    /// When that was said.
    pub at: DateTime<Utc>,
    /// Why, for whoever asks later.
    pub note: Option<String>,
}

/// Returns what was decided about a DAG last, and before that.
///
/// # Errors
/// The store failed.
pub async fn pauses(lake: &Lake, dag: &str) -> Result<Vec<Pause>, LakeError> {
    let entries = lake.list(&folder(dag)).await?;
    let mut found = Vec::new();
    for entry in entries.iter().rev().take(2) {
        found.extend(lake.read_json(&entry.path).await?);
    }
    Ok(found)
}

/// Records a decision about a DAG. A run under way goes on.
///
/// # Errors
/// The store failed.
pub async fn decide(lake: &Lake, dag: &str, pause: &Pause) -> Result<(), LakeError> {
    let mut number = lake.list(&folder(dag)).await?.len() + 1;
    while !lake
        .create_json(&format!("{}/{number:06}.json", folder(dag)), pause)
        .await?
    {
        number += 1;
    }
    Ok(())
}

fn folder(dag: &str) -> String {
    format!("schedule/pauses/{dag}")
}
