//! Checks that can refuse a snapshot. They read it as a node does.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use schemas::{Action, Catalog, GateReading, GateResult, Manifest, Section, TableEntry, Verdict};

use super::{Arms, Assembly, JudgedSections, collection_gates, deal_models, golden};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

/// What the gates compare.
pub(crate) struct Audit<'a> {
    /// The run.
    pub(crate) context: &'a Context,
    /// The snapshot in its scratch folder.
    pub(crate) assembly: &'a Assembly,
    /// The manifest of the announced snapshot, where there is one.
    pub(crate) parent: Option<&'a Manifest>,
    /// What the snapshot was made from.
    pub(crate) inputs: &'a Inputs,
    /// What weights were tuned on.
    pub(crate) judged: &'a JudgedSections,
    /// The experiment that is declared, where one is.
    pub(crate) arms: Option<&'a Arms>,
    /// The contracts, which say what each broken rule means.
    pub(crate) catalog: &'a Catalog,
}

/// Runs every gate.
pub(crate) async fn audit(audit: &Audit<'_>) -> Result<Vec<GateResult>> {
    let mut results = vec![contracts(audit.inputs, audit.catalog)];
    results.extend(table_gates(audit.inputs));
    let largest_loss = audit.catalog.snapshot_gates().max_loss;
    results.extend(row_counts(
        audit.assembly.tables(),
        audit.parent,
        largest_loss,
    ));
    for section in [Section::Companies, Section::Concepts, Section::Offers] {
        results.extend(collection_gates::gates(audit.assembly.dir(), section).await);
    }
    results.push(suggests(audit.assembly.dir()));
    let weights = audit.assembly.weights();
    results.extend(weights.gates(audit.assembly.dir(), audit.judged).await?);
    results.extend(golden::gates(audit).await?);
    results.extend(deal_models::gates(audit.context, audit.inputs).await?);
    results.extend(audit.arms.map(Arms::gate));
    Ok(results)
}

/// Returns what the failed gates said.
pub(crate) fn failures(gates: &[GateResult]) -> Vec<String> {
    let failed = gates.iter().filter(|gate| !gate.is_passed);
    failed
        .map(|gate| format!("{}: {}", gate.name, gate.detail))
        .collect()
}

/// No table breaks a rule whose action is to refuse the snapshot.
fn contracts(inputs: &Inputs, catalog: &Catalog) -> GateResult {
    let refuses = |made: &Artefact, rule: &str| {
        let contract = made
            .name
            .parse()
            .ok()
            .and_then(|table| catalog.get(&table).ok());
        let rules = contract.into_iter().flat_map(|contract| &contract.rules);
        rules
            .into_iter()
            .any(|r| r.name == rule && r.action == Action::FailSnapshot)
    };
    let broken = |made: &Artefact| {
        let rules = made
            .warned_by_rule
            .iter()
            .filter(|(rule, _)| refuses(made, rule));
        let said = rules.map(|(rule, rows)| format!("{}: {rows} rows break {rule}", made.name));
        said.collect::<Vec<_>>()
    };
    let broken: Vec<String> = inputs.values().flat_map(broken).collect();
    GateResult {
        name: "contracts".to_owned(),
        is_passed: broken.is_empty(),
        detail: if broken.is_empty() {
            "every rule is kept".to_owned()
        } else {
            broken.join("; ")
        },
    }
}

/// What the gates of the tables read: each that did not pass by itself, the others counted.
pub(crate) fn table_gates(inputs: &Inputs) -> Vec<GateResult> {
    let (mut results, mut counts) = (Vec::new(), [0, 0]);
    for (table, made) in inputs {
        if let Some(over) = &made.carried_over {
            results.push(GateResult {
                name: format!("carried_over {table}"),
                is_passed: true,
                detail: format!(
                    "that of run {} stands in since {} ({} nights): {}",
                    over.run, over.since, over.nights, over.reason
                ),
            });
        }
        let gates: Vec<&GateReading> = made.gates.iter().filter(|one| !one.is_of_rule()).collect();
        let count = |verdict| gates.iter().filter(|one| one.verdict == verdict).count();
        counts[0] += count(Verdict::Passed);
        counts[1] += count(Verdict::Untold);
        let open = gates.iter().filter(|one| one.verdict >= Verdict::Warned);
        results.extend(open.map(|one| GateResult {
            name: one.name(),
            is_passed: !one.demands(Action::FailSnapshot),
            detail: match one.verdict {
                Verdict::Failed => one.detail.clone(),
                _ => format!("warning: {}", one.detail),
            },
        }));
    }
    let [passed, untold] = counts;
    results.push(GateResult {
        name: "tables".to_owned(),
        is_passed: true,
        detail: format!("{passed} gates of tables passed, {untold} had nothing to compare with"),
    });
    results
}

/// No table or collection lost more than the policy allows since the announced snapshot.
pub(crate) fn row_counts(
    tables: &BTreeMap<String, TableEntry>,
    parent: Option<&Manifest>,
    largest_loss: f64,
) -> Vec<GateResult> {
    let Some(parent) = parent else {
        return Vec::new();
    };
    let mut results = Vec::new();
    for (table, entry) in tables {
        let Some(before) = parent.tables.get(table) else {
            continue;
        };
        let fewest = before.rows as f64 * (1.0 - largest_loss);
        results.push(GateResult {
            name: format!("row_count {table}"),
            is_passed: entry.rows as f64 >= fewest,
            detail: format!(
                "{} rows after {}; at least {fewest:.0} wanted",
                entry.rows, before.rows
            ),
        });
    }
    results
}

/// The index of suggestions opens.
fn suggests(dir: &Path) -> GateResult {
    let section = Section::Autocomplete.as_str();
    let opened = suggest::Index::open(&dir.join(section));
    GateResult {
        name: format!("opens {section}"),
        is_passed: opened.is_ok(),
        detail: match opened {
            Ok(index) => format!("{} entries", index.entries()),
            Err(error) => error.to_string(),
        },
    }
}
