//! A DAG's file: schedule, sources, targets; no edges.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result};
use schedule::{Dag, ScheduleError, SlotRules};
use serde::Deserialize;

/// What `dags/<name>.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DagFile {
    /// What the DAG is for, in a sentence.
    pub(crate) description: String,
    /// When it runs: minute, hour, day of month, month, day of week, in `time_zone`.
    pub(crate) schedule: String,
    /// The IANA time zone of the schedule.
    pub(crate) time_zone: String,
    /// The set of source mappings, a folder of `schemas/sources/`.
    pub(crate) sources: String,
    /// What is made, with all that it needs.
    pub(crate) targets: Vec<String>,
    /// How often a job is tried again when its error says that it may help.
    pub(crate) retries: u32,
    /// How old the announced snapshot may become.
    pub(crate) freshness: String,
    /// Selectors of jobs that this DAG leaves to another where an output of theirs stands, however old: what is fitted from years of
    /// data is good enough until tonight.
    #[serde(default)]
    pub(crate) holds: Vec<String>,
    /// When models are fitted anew; without it whenever anything that they learn from changed.
    #[serde(default)]
    pub(crate) refit: Option<Refit>,
    /// Words by which people select jobs that have no contract to carry them: the names of the jobs by tag.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, Vec<String>>,
    /// What the scheduler does about slots that are missed, overlap, hang or fail.
    #[serde(default)]
    pub(crate) slots: SlotRules,
}

/// How long fitted models stand.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refit {
    /// Until they could learn from so many more rows, as a share of those that they learnt from.
    pub(crate) growth: f64,
    /// Or until they are so many days old.
    pub(crate) days: i64,
}

impl DagFile {
    /// Reads a DAG's file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not a DAG", path.display()))
    }

    /// Returns the DAG as the scheduler sees it.
    pub(crate) fn scheduled(&self, name: &str) -> Result<Dag, ScheduleError> {
        Dag::new(name, &self.schedule, &self.time_zone, self.slots.clone())
    }
}
