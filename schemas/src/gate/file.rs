//! Gates as contracts write them.

use serde::Deserialize;

use super::{Gate, Measure};
use crate::Action;

/// A gate as written: one flat table of which a check takes some limits, so that a limit misspelt or of another check is refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateFile {
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
