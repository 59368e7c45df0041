//! Contracts rendered as a data dictionary.

use std::fmt::Write as _;

use crate::{Action, Check, Contract, Gate, Measure, OnFailure, Pii, Rule};

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
    gates(contract, &mut out);
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

/// Renders the gates that a contract has, defaults included, and what stands in for the table where one refuses it.
fn gates(contract: &Contract, out: &mut String) {
    let on: Vec<&Gate> = contract
        .gates
        .iter()
        .filter(|gate| !gate.measure.is_off())
        .collect();
    if !on.is_empty() {
        out.push_str("\n| Gate | Columns | Limits | Otherwise |\n|---|---|---|---|\n");
    }
    for gate in on {
        let columns = match (gate.columns.is_empty(), gate.measure.is_of_columns()) {
            (false, _) => format!("`{}`", gate.columns.join("`, `")),
            (true, true) => "all that apply".to_owned(),
            (true, false) => String::new(),
        };
        let action = match gate.action {
            Action::Warn => "warn",
            Action::Quarantine => "quarantine",
            Action::FailJob => "fail_job",
            Action::FailSnapshot => "fail_snapshot",
        };
        let _ = writeln!(
            out,
            "| `{}` | {columns} | {} | {action} |",
            gate.measure.name(),
            limits(&gate.measure, &contract.freshness)
        );
    }
    if contract.on_failure == OnFailure::CarryOver {
        let most = match contract.carry_over_max {
            Some(most) => format!(", for {most} nights at most"),
            None => String::new(),
        };
        let _ = writeln!(
            out,
            "\nWhere it fails, that of the announced snapshot stands in{most}."
        );
    }
}

fn limits(measure: &Measure, promised: &str) -> String {
    let percent = |share: &f64| format!("{:.0} %", 100.0 * share);
    let told = match measure {
        Measure::RowCount {
            max_loss,
            max_gain,
            min,
        } => [
            max_loss
                .as_ref()
                .map(|loss| format!("loses at most {}", percent(loss))),
            max_gain
                .as_ref()
                .map(|gain| format!("gains at most {}", percent(gain))),
            min.map(|min| format!("at least {min}")),
        ],
        Measure::NullShare { max, max_change }
        | Measure::QuarantineShare { max, max_change }
        | Measure::DuplicateShare { max, max_change } => [
            max.as_ref().map(|max| format!("at most {}", percent(max))),
            max_change
                .as_ref()
                .map(|change| format!("grows by at most {}", percent(change))),
            None,
        ],
        Measure::Drift { max_psi, max_ks } => [
            max_psi.map(|psi| format!("PSI at most {psi}")),
            max_ks.map(|ks| format!("KS distance at most {ks}")),
            None,
        ],
        Measure::Freshness { max_age } => {
            let age = max_age.as_deref().unwrap_or(promised);
            [Some(format!("at most {age} before the slot")), None, None]
        }
    };
    told.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns what a rule claims of its columns, as the rest of a sentence: `lies in [0, 1]`.
#[must_use]
pub fn claim(rule: &Rule) -> String {
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
