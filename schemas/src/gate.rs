//! Gates: what is measured of a whole table before anything is made of it, and what happens when it is out of bounds.

use serde::{Deserialize, Serialize};

mod defaults;
mod file;
mod reading;

use crate::{Action, Contract};

pub(crate) use defaults::with_defaults;
pub use defaults::{GateDefaults, SnapshotGates};
use file::GateFile;
pub use reading::{CarriedOver, GateReading, Verdict};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TableName;

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
