//! Contracts rendered as a data dictionary.

use std::fmt::Write as _;

use crate::{Check, Contract, Pii, Rule};

/// Renders a contract as Markdown: what the table is, its columns, its rules.
#[must_use]
pub fn render(contract: &Contract) -> String {
    let mut out = format!(
        "## `{}` {}\n\n{}\n\n",
        contract.table, contract.version, contract.description
    );
    let _ = writeln!(
        out,
        "Grain: {}. Key: `{}`. Owner: {}. Freshness: {}.\n",
        contract.grain,
        contract.key.join("`, `"),
        contract.owner,
        contract.freshness
    );
    out.push_str(
        "| Column | Type | Null | Unit | Personal | Meaning |\n|---|---|---|---|---|---|\n",
    );
    for column in &contract.columns {
        let kind = format!("{:?}", column.kind).to_lowercase();
        let pii = match column.pii {
            Pii::None => "",
            Pii::Personal => "personal",
            Pii::Sensitive => "sensitive",
        };
        let _ = writeln!(
            out,
            "| `{}` | {kind} | {} | {} | {pii} | {} |",
            column.name,
            if column.is_nullable { "yes" } else { "no" },
            column.unit.as_deref().unwrap_or(""),
            column.description.replace('|', "\\|")
        );
    }
    if !contract.rules.is_empty() {
        out.push_str("\n| Rule | Columns | Claim | Otherwise |\n|---|---|---|---|\n");
        for rule in &contract.rules {
            let action = format!("{:?}", rule.action).to_lowercase();
            let _ = writeln!(
                out,
                "| `{}` | `{}` | {} | {action} |",
                rule.name,
                rule.columns.join("`, `"),
                claim(rule).replace('|', "\\|")
            );
        }
    }
    out
}

fn claim(rule: &Rule) -> String {
    match &rule.check {
        Check::NotNull => "is never null".to_owned(),
        Check::Unique => "is unique".to_owned(),
        Check::Range {
            min: Some(min),
            max: Some(max),
        } => format!("lies in [{min}, {max}]"),
        Check::Range {
            min: Some(min),
            max: None,
        } => format!("is at least {min}"),
        Check::Range { max: Some(max), .. } => format!("is at most {max}"),
        Check::Range { .. } => "is a number".to_owned(),
        Check::Regex { pattern } => format!("matches `{pattern}`"),
        Check::Allowed { values } => format!("is one of {}", values.join(", ")),
        Check::References { table, to } => format!("exists in `{table}` ({})", to.join(", ")),
        Check::Siren => "is a SIREN with a valid Luhn checksum".to_owned(),
        Check::Tenant => format!("matches `{}`", crate::Tenant::PATTERN),
    }
}
