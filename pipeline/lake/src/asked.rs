//! What a run was told, and by which process it is done.

use serde::{Deserialize, Serialize};

/// What a run was told beside its DAG and slot, so that it can be told again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The jobs selected; all of the DAG where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub select: Vec<String>,
    /// The jobs left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// The jobs that this came to, where they are not all of the DAG.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
    /// The lake or run that states were compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The landing area beside the lake's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<String>,
    /// The folder of encoders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// The encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The cross-encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reranker: Option<String>,
    /// Memory of queries, in bytes.
    pub memory_bytes: u64,
    /// Threads of queries.
    pub threads: u64,
    /// Jobs at one time; as many as threads where it is 0, as in records of old.
    pub jobs_at_once: u64,
    /// Whether a snapshot of a newer slot stays announced.
    pub keeps_newer: bool,
    /// Whether models are fitted anew, however little is new.
    pub refits: bool,
}

/// A process of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The machine's name.
    pub host: String,
    /// The process's number there.
    pub id: u32,
}

impl Process {
    /// Returns the process that asks.
    #[must_use]
    pub fn own() -> Self {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
        let host = name.unwrap_or_else(|_| std::env::var("HOSTNAME").unwrap_or_default());
        Self {
            host: host.trim().to_owned(),
            id: std::process::id(),
        }
    }
}
