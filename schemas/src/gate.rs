//! Gates: what is measured of a whole table before anything is made of it, and what happens when it is out of bounds.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Action, Contract, Layer, SchemaError, TableName};

/// What a gate measures. A limit that is left out is none; a gate without limits switches the default of its check off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Measure {
    /// Rows, beside those of the announced snapshot's run.
    RowCount {
        /// Largest share of rows that may be gone.
        max_loss: Option<f64>,
        /// Largest share of rows that may have come: 1 is twice as many.
        max_gain: Option<f64>,
        /// Fewest rows, whatever there was before.
        min: Option<u64>,
    },
    /// The share of rows without a value, by column; an empty list is no value.
    NullShare {
        /// Largest share.
        max: Option<f64>,
        /// Largest growth of the share since the announced snapshot's run, in shares: 0.1 is from 5 % to 15 %.
        max_change: Option<f64>,
    },
    /// How far a column's values moved since the announced snapshot's run.
    Drift {
        /// Largest population stability index.
        max_psi: Option<f64>,
        /// Largest Kolmogorov-Smirnov distance; of numbers only.
        max_ks: Option<f64>,
    },
    /// The age, at the slot, of the newest day of a time column; days after the slot do not count.
    Freshness {
        /// Largest age, such as `2d`; the contract's `freshness` unless said.
        max_age: Option<String>,
    },
    /// The share of the rows read that were refused.
    QuarantineShare {
        /// Largest share.
        max: Option<f64>,
        /// Largest growth of the share since the announced snapshot's run, in shares.
        max_change: Option<f64>,
    },
    /// The share of the rows read that a later state of the same key replaced.
    DuplicateShare {
        /// Largest share.
        max: Option<f64>,
        /// Largest growth of the share since the announced snapshot's run, in shares.
        max_change: Option<f64>,
    },
}

impl Measure {
    /// Returns the check's name, as contracts write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RowCount { .. } => "row_count",
            Self::NullShare { .. } => "null_share",
            Self::Drift { .. } => "drift",
            Self::Freshness { .. } => "freshness",
            Self::QuarantineShare { .. } => "quarantine_share",
            Self::DuplicateShare { .. } => "duplicate_share",
        }
    }

    /// Says whether it is of columns, and not of the table.
    #[must_use]
    pub const fn is_of_columns(&self) -> bool {
        matches!(
            self,
            Self::NullShare { .. } | Self::Drift { .. } | Self::Freshness { .. }
        )
    }

    /// Says whether it has no limit, and so never fails.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        match self {
            Self::RowCount {
                max_loss,
                max_gain,
                min,
            } => max_loss.is_none() && max_gain.is_none() && min.is_none(),
            Self::NullShare { max, max_change }
            | Self::QuarantineShare { max, max_change }
            | Self::DuplicateShare { max, max_change } => max.is_none() && max_change.is_none(),
            Self::Drift { max_psi, max_ks } => max_psi.is_none() && max_ks.is_none(),
            Self::Freshness { .. } => false,
        }
    }
}

/// One gate of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "GateFile")]
pub struct Gate {
    /// What is measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// The columns; none is every column that can be measured so (of `freshness`, the first of `latest_by`).
    #[serde(default)]
    pub columns: Vec<String>,
    /// What happens when it is out of bounds: `warn`, `fail_job` or `fail_snapshot`.
    pub action: Action,
}

/// A gate as written: one flat table of which a check takes some limits, so that a limit misspelt or of another check is refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GateFile {
    check: String,
    #[serde(default)]
    columns: Vec<String>,
    action: Option<Action>,
    max_loss: Option<f64>,
    max_gain: Option<f64>,
    min: Option<u64>,
    max: Option<f64>,
    max_change: Option<f64>,
    max_psi: Option<f64>,
    max_ks: Option<f64>,
    max_age: Option<String>,
}

impl TryFrom<GateFile> for Gate {
    type Error = String;

    fn try_from(mut file: GateFile) -> Result<Self, String> {
        let check = std::mem::take(&mut file.check);
        let (max, max_change) = (&mut file.max, &mut file.max_change);
        let measure = match check.as_str() {
            "row_count" => Measure::RowCount {
                max_loss: file.max_loss.take(),
                max_gain: file.max_gain.take(),
                min: file.min.take(),
            },
            "null_share" => Measure::NullShare {
                max: max.take(),
                max_change: max_change.take(),
            },
            "drift" => Measure::Drift {
                max_psi: file.max_psi.take(),
                max_ks: file.max_ks.take(),
            },
            "freshness" => Measure::Freshness {
                max_age: file.max_age.take(),
            },
            "quarantine_share" => Measure::QuarantineShare {
                max: max.take(),
                max_change: max_change.take(),
            },
            "duplicate_share" => Measure::DuplicateShare {
                max: max.take(),
                max_change: max_change.take(),
            },
            _ => {
                return Err(format!(
                    "no gate is called {check:?}: there are row_count, null_share, drift, freshness, quarantine_share and \
                     duplicate_share"
                ));
            }
        };
        let left = [
            ("max_loss", file.max_loss.is_some()),
            ("max_gain", file.max_gain.is_some()),
            ("min", file.min.is_some()),
            ("max", file.max.is_some()),
            ("max_change", file.max_change.is_some()),
            ("max_psi", file.max_psi.is_some()),
            ("max_ks", file.max_ks.is_some()),
            ("max_age", file.max_age.is_some()),
        ];
        if let Some((limit, _)) = left.iter().find(|(_, is_left)| *is_left) {
            return Err(format!("gate {check} takes no {limit}"));
        }
        Ok(Self {
            measure,
            columns: file.columns,
            action: file
                .action
                .ok_or_else(|| format!("gate {check} says no action"))?,
        })
    }
}

/// What becomes of those that read a table whose job failed or whose gate refused it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// They do not run.
    #[default]
    Block,
    /// They read what the announced snapshot's run had in its place.
    CarryOver,
}

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

impl Gate {
    /// Says what is wrong with the gate by itself.
    fn check_limits(&self) -> Result<(), String> {
        let name = self.measure.name();
        let shares: &[Option<f64>] = match &self.measure {
            Measure::RowCount { max_loss, .. } => &[*max_loss],
            Measure::NullShare { max, max_change }
            | Measure::QuarantineShare { max, max_change }
            | Measure::DuplicateShare { max, max_change } => &[*max, *max_change],
            Measure::Drift { max_ks, .. } => &[*max_ks],
            Measure::Freshness { .. } => &[],
        };
        let is_share = |share: &Option<f64>| share.is_none_or(|share| (0.0..=1.0).contains(&share));
        if !shares.iter().all(is_share) {
            return Err(format!("gate {name}: a share lies between 0 and 1"));
        }
        let sizes: &[Option<f64>] = match &self.measure {
            Measure::RowCount { max_gain, .. } => &[*max_gain],
            Measure::Drift { max_psi, .. } => &[*max_psi],
            _ => &[],
        };
        if sizes
            .iter()
            .flatten()
            .any(|size| !size.is_finite() || *size < 0.0)
        {
            return Err(format!("gate {name}: a limit is a number from 0"));
        }
        if let Measure::Freshness { max_age: Some(age) } = &self.measure {
            days(age).ok_or_else(|| {
                format!("gate {name}: max_age {age:?} is no age, such as 2d or 26h")
            })?;
        }
        if self.action == Action::Quarantine {
            return Err(format!(
                "gate {name}: it looks at the table as a whole, and only a [[rule]] can tell which rows to quarantine; use warn, \
                 fail_job or fail_snapshot"
            ));
        }
        Ok(())
    }

    /// Says what is wrong with the gate in a contract.
    pub(crate) fn check(&self, contract: &Contract) -> Result<(), String> {
        self.check_limits()?;
        let name = self.measure.name();
        if !self.measure.is_of_columns() && !self.columns.is_empty() {
            return Err(format!("gate {name} is of the table and names no column"));
        }
        for column in &self.columns {
            let found = contract.column(column).ok_or_else(|| {
                format!("gate {name} names column {column}, which it does not have")
            })?;
            let fits = match &self.measure {
                Measure::Freshness { .. } => found.kind.is_time(),
                Measure::Drift {
                    max_ks: Some(_), ..
                } => found.kind.is_number(),
                Measure::Drift { .. } => found.kind.is_number() || found.kind.is_category(),
                _ => true,
            };
            if !fits {
                let wanted = match &self.measure {
                    Measure::Freshness { .. } => "a date or timestamp",
                    Measure::Drift {
                        max_ks: Some(_), ..
                    } => "a number, to have a max_ks",
                    _ => "a number, a text or a flag",
                };
                return Err(format!("gate {name}: column {column} must be {wanted}"));
            }
        }
        if let Measure::Freshness { max_age: None } = &self.measure
            && days(&contract.freshness).is_none()
        {
            return Err(format!(
                "freshness {:?} is no age, such as 2d or 26h",
                contract.freshness
            ));
        }
        Ok(())
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

/// Reads an age such as `2d`, `26h` or `90m`, in days.
#[must_use]
pub fn days(age: &str) -> Option<f64> {
    let unit = age.chars().next_back()?;
    let number: u32 = age.strip_suffix(unit)?.parse().ok()?;
    let of_day = match unit {
        'd' => 1.0,
        'h' => 24.0,
        'm' => 1440.0,
        _ => return None,
    };
    Some(f64::from(number) / of_day)
}

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within bounds.
    Passed,
    /// Nothing to compare with, or too few rows to tell.
    Untold,
    /// Out of bounds, and reported only.
    Warned,
    /// Out of bounds.
    Failed,
}

/// What one gate read off a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReading {
    /// The table.
    pub table: String,
    /// The check, as contracts write it; `rule <name>` is a rule's count.
    pub check: String,
    /// The column, where it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was measured; none where nothing could be.
    pub value: Option<f64>,
    /// The limit that decided; none where there is none.
    pub threshold: Option<f64>,
    /// How it ended.
    pub verdict: Verdict,
    /// What happens where it is out of bounds.
    pub action: Action,
    /// What it saw, as a sentence with figures.
    pub detail: String,
}

impl GateReading {
    /// Returns what the gate is called: `null_share silver.offers.salary_label`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.column {
            Some(column) => format!("{} {}.{column}", self.check, self.table),
            None => format!("{} {}", self.check, self.table),
        }
    }

    /// Says whether it is the count of a rule.
    #[must_use]
    pub fn is_of_rule(&self) -> bool {
        self.check.starts_with("rule ")
    }

    /// Says whether it failed and its action is this one.
    #[must_use]
    pub fn demands(&self, action: Action) -> bool {
        self.verdict == Verdict::Failed && self.action == action
    }
}

/// That an earlier artefact stands in the place of tonight's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedOver {
    /// The first slot without an artefact of its own.
    pub since: crate::Slot,
    /// How many nights that is, this one included.
    pub nights: u32,
    /// The run whose artefact it is.
    pub run: String,
    /// The fingerprint of that artefact.
    pub fingerprint: String,
    /// Why tonight's was not used.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_in_days_and_nothing_else_is() {
        assert_eq!(days("2d"), Some(2.0));
        assert_eq!(days("36h"), Some(1.5));
        for bad in ["", "d", "2", "2w", "-1d", "1.5d", "é"] {
            assert_eq!(days(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_own_gate_takes_the_place_of_the_default_of_its_check() {
        let defaults: GateDefaults = toml::from_str(
            "silver = [{ check = \"row_count\", max_loss = 0.5, action = \"warn\" },
                       { check = \"null_share\", max_change = 0.4, action = \"warn\" }]",
        )
        .unwrap();
        let own: Gate =
            toml::from_str("check = \"row_count\"\nmin = 3\naction = \"fail_job\"").unwrap();
        let table: TableName = "silver.things".parse().unwrap();
        let gates = with_defaults(vec![own.clone()], &table, &defaults);
        assert_eq!(gates, [own, defaults.silver[1].clone()]);
        let of_a_column: Gate = toml::from_str(
            "check = \"null_share\"\ncolumns = [\"a\"]\nmax = 0.0\naction = \"fail_job\"",
        )
        .unwrap();
        assert_eq!(with_defaults(vec![of_a_column], &table, &defaults).len(), 3);
    }

    #[test]
    fn a_gate_that_would_quarantine_or_has_a_share_above_one_is_refused() {
        for bad in [
            "check = \"row_count\"\nmax_loss = 0.5\naction = \"quarantine\"",
            "check = \"row_count\"\nmax_loss = 1.5\naction = \"warn\"",
            "check = \"freshness\"\nmax_age = \"soon\"\naction = \"warn\"",
            "check = \"drift\"\nmax_psi = -1.0\naction = \"warn\"",
        ] {
            let gate: Gate = toml::from_str(bad).unwrap();
            assert!(gate.check_limits().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_limit_misspelt_or_of_another_check_is_refused_by_name() {
        for (bad, said) in [
            (
                "check = \"row_count\"\nmax_los = 0.5\naction = \"warn\"",
                "max_los",
            ),
            (
                "check = \"row_count\"\nmax_psi = 0.5\naction = \"warn\"",
                "takes no max_psi",
            ),
            (
                "check = \"rowcount\"\naction = \"warn\"",
                "there are row_count",
            ),
            ("check = \"row_count\"", "says no action"),
        ] {
            let error = toml::from_str::<Gate>(bad).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
