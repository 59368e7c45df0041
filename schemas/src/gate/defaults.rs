//! `schemas/gates.toml`: the gates that a table has unless its contract says otherwise.

use std::path::Path;

use serde::Deserialize;

use super::Gate;
use crate::{Action, Layer, SchemaError, TableName};

/// The gates that every table of a layer has, and those of the snapshot: `schemas/gates.toml`. A contract's own gate of the same check (and
/// column) takes the place of the default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateDefaults {
    /// Of bronze tables.
    pub bronze: Vec<Gate>,
    /// Of silver tables.
    pub silver: Vec<Gate>,
    /// Of gold tables.
    pub gold: Vec<Gate>,
    /// Of the snapshot as a whole.
    pub snapshot: SnapshotGates,
}

/// What a snapshot must keep of the announced one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SnapshotGates {
    /// Largest share of its rows that a table or collection of the snapshot may lose.
    pub max_loss: f64,
    /// Searches of the query log that are asked of the announced snapshot and of this one; 0 asks none.
    pub overlap_queries: usize,
    /// How many first hits of each are compared.
    pub overlap_depth: usize,
    /// Smallest mean share of the first hits that both have.
    pub min_overlap: f64,
    /// What happens where fewer are shared.
    pub overlap_action: Action,
    /// Largest loss of NDCG@10 on what is judged, beside the announced snapshot asked the same.
    pub max_ndcg_loss: f64,
    /// What happens where more is lost.
    pub ndcg_action: Action,
}

impl Default for SnapshotGates {
    fn default() -> Self {
        Self {
            max_loss: 0.5,
            overlap_queries: 100,
            overlap_depth: 10,
            min_overlap: 0.2,
            overlap_action: Action::FailSnapshot,
            max_ndcg_loss: 0.1,
            ndcg_action: Action::Warn,
        }
    }
}

impl GateDefaults {
    /// Reads `schemas/gates.toml`; a project without it has gates only where contracts say so.
    pub(crate) fn load(dir: &Path) -> Result<Self, SchemaError> {
        let path = dir.join("gates.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(SchemaError::Read { path, source }),
        };
        let read: Self = toml::from_str(&text).map_err(|source| SchemaError::Parse {
            path,
            source: Box::new(source),
        })?;
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), SchemaError> {
        for (layer, gates) in [
            ("bronze", &self.bronze),
            ("silver", &self.silver),
            ("gold", &self.gold),
        ] {
            for gate in gates {
                let refuse = |reason: String| SchemaError::Inconsistent {
                    table: format!("gates.toml, {layer}"),
                    reason,
                };
                if !gate.columns.is_empty() {
                    return Err(refuse(format!(
                        "gate {} names columns: only a contract can",
                        gate.measure.name()
                    )));
                }
                gate.check_limits().map_err(refuse)?;
            }
        }
        Ok(())
    }

    /// Returns the defaults of a layer; landing contracts say what holds of bronze.
    #[must_use]
    pub fn of(&self, layer: Layer) -> &[Gate] {
        match layer {
            Layer::Landing | Layer::Bronze => &self.bronze,
            Layer::Silver => &self.silver,
            Layer::Gold => &self.gold,
        }
    }
}

/// Returns the gates of a table: its own, then the defaults of its layer that none of them replaces.
#[must_use]
pub(crate) fn with_defaults(
    own: Vec<Gate>,
    table: &TableName,
    defaults: &GateDefaults,
) -> Vec<Gate> {
    let mut gates = own;
    for default in defaults.of(table.layer) {
        let same = |gate: &&Gate| gate.measure.name() == default.measure.name();
        let is_replaced = gates
            .iter()
            .filter(same)
            .any(|gate| gate.columns.is_empty());
        if !is_replaced {
            gates.push(default.clone());
        }
    }
    gates
}
