//! Rules that rows of a table keep, and what happens to those that break them.

use serde::{Deserialize, Serialize};

use crate::TableName;

/// What is done when a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The rows stay; the count is reported.
    Warn,
    /// The rows go to quarantine; the others go on.
    Quarantine,
    /// The job fails, and what depends on it does not run.
    FailJob,
    /// The snapshot is refused; the announced one stays.
    FailSnapshot,
}

/// What a rule claims of each row. A null passes every check but `not_null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// None of the columns is null.
    NotNull,
    /// No two rows share the columns' values.
    Unique,
    /// The value lies in `[min, max]`, either end may be open.
    Range {
        /// Smallest value allowed.
        min: Option<f64>,
        /// Largest value allowed.
        max: Option<f64>,
    },
    /// The value matches the whole pattern.
    Regex {
        /// A regular expression, anchored by its author.
        pattern: String,
    },
    /// The value is one of a closed list.
    Allowed {
        /// The list.
        values: Vec<String>,
    },
    /// The columns' values exist in another table (or in this one).
    References {
        /// The table looked into.
        table: TableName,
        /// Its columns, in the order of the rule's.
        to: Vec<String>,
    },
    /// The value is a SIREN number: nine digits whose Luhn sum is a multiple of ten.
    Siren,
    /// The value is a tenant's name, `^tenant_[a-zA-Z0-9_]+$`.
    Tenant,
}

/// One rule of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The rule's name, unique in its contract; quarantined rows carry it.
    pub name: String,
    /// The columns it looks at.
    pub columns: Vec<String>,
    /// What it claims.
    #[serde(flatten)]
    pub check: Check,
    /// What happens when the claim does not hold.
    pub action: Action,
}

/// Says whether `value` is nine digits with a valid Luhn checksum (ISO/IEC 7812-1, as INSEE applies it to SIREN).
#[must_use]
pub fn is_valid_siren(value: &str) -> bool {
    value.len() == 9
        && value.bytes().all(|b| b.is_ascii_digit())
        && luhn_sum(value).is_multiple_of(10)
}

fn luhn_sum(digits: &str) -> u32 {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| (i, u32::from(b - b'0')))
        .map(|(i, digit)| if i % 2 == 1 { doubled(digit) } else { digit })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_siren_numbers_pass_and_a_changed_digit_fails() {
        // INSEE, SNCF Voyageurs, La Poste.
        for good in ["120027016", "519037584", "356000000"] {
            assert!(is_valid_siren(good), "{good}");
        }
        for bad in [
            "120027017",
            "12002701",
            "1200270160",
            "12002701a",
            "",
            "１２００２７０１６",
        ] {
            assert!(!is_valid_siren(bad), "{bad}");
        }
    }
}
