//! Rules that fail a job.

use std::collections::BTreeMap;

use schemas::{Action, Contract};

use crate::SqlError;

/// Fails where rows break a rule whose action is to fail the job.
pub(crate) fn refuse_broken(
    contract: &Contract,
    counts: &BTreeMap<String, u64>,
) -> Result<(), SqlError> {
    let mut failing = contract
        .rules
        .iter()
        .filter(|rule| rule.action == Action::FailJob);
    match failing.find_map(|rule| Some((rule, *counts.get(&rule.name)?))) {
        Some((rule, rows)) => {
            let table = contract.table.clone();
            Err(SqlError::RuleBroken {
                table,
                rule: rule.name.clone(),
                rows,
            })
        }
        None => Ok(()),
    }
}
