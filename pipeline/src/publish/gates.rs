//! Checks that can refuse a snapshot. They read it as a node does.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use anyhow::Result;
use retrieval::{Collection, Filters, Query, Weights};
use schemas::{Action, Catalog, GateResult, Manifest, PUBLIC_TENANT, Section, TableEntry};

use super::{Assembly, JudgedSections, deal_models};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

/// A collection may lose at most this share of its documents from one snapshot to the next.
const LARGEST_LOSS: f64 = 0.5;
/// How many documents of a collection are asked for by their own name.
const QUESTIONS: usize = 50;
/// How far down a document may stand when it is asked for by its own name: namesakes but for a word stand before it.
const FIRST: usize = 10;
/// The share of them that must answer among the first.
const FEWEST_FOUND: f64 = 0.9;

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
    /// The contracts, which say what each broken rule means.
    pub(crate) catalog: &'a Catalog,
}

/// Runs every gate.
pub(crate) async fn audit(audit: &Audit<'_>) -> Result<Vec<GateResult>> {
    let mut results = vec![contracts(audit.inputs, audit.catalog)];
    results.extend(row_counts(audit.assembly.tables(), audit.parent));
    for section in [Section::Companies, Section::Concepts, Section::Offers] {
        results.extend(readable(audit.assembly.dir(), section).await);
    }
    results.push(suggests(audit.assembly.dir()));
    let weights = audit.assembly.weights();
    results.extend(weights.gates(audit.assembly.dir(), audit.judged).await?);
    results.extend(deal_models::gates(audit.context, audit.inputs).await?);
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

/// No collection lost most of its documents since the announced snapshot.
pub(crate) fn row_counts(
    tables: &BTreeMap<String, TableEntry>,
    parent: Option<&Manifest>,
) -> Vec<GateResult> {
    let Some(parent) = parent else {
        return Vec::new();
    };
    let mut results = Vec::new();
    for (table, entry) in tables {
        let Some(before) = parent.tables.get(table) else {
            continue;
        };
        let fewest = before.rows as f64 * (1.0 - LARGEST_LOSS);
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

/// The words that a name is found by.
fn words(name: &str) -> BTreeSet<String> {
    let tokens = text::analyze(name).into_iter();
    tokens.map(|token| token.term).collect()
}

/// A collection opens, and documents asked for by name are found.
async fn readable(dir: &Path, section: Section) -> Vec<GateResult> {
    let name = section.as_str();
    let result = |gate: &str, is_passed: bool, detail: String| GateResult {
        name: format!("{gate} {name}"),
        is_passed,
        detail,
    };
    let collection = match Collection::open(&dir.join(name)).await {
        Ok(collection) => collection,
        Err(error) => return vec![result("opens", false, error.to_string())],
    };
    let documents = collection.stats().documents;
    let opens = result("opens", true, format!("{documents} documents"));
    let mut asked = 0;
    let mut found = 0;
    let tenant = PUBLIC_TENANT;
    let all: Vec<_> = collection.documents(tenant).collect();
    let names: Vec<_> = all.iter().map(|document| words(&document.title)).collect();
    let mut shared: HashMap<&BTreeSet<String>, usize> = HashMap::new();
    names
        .iter()
        .for_each(|name| *shared.entry(name).or_default() += 1);
    // Names that several documents share, but for order and inflection, prove nothing.
    let is_telling = |at: &usize| shared[&names[*at]] == 1;
    let telling: Vec<_> = (0..all.len())
        .filter(is_telling)
        .map(|at| &all[at])
        .collect();
    let step = telling.len().div_ceil(QUESTIONS).max(1);
    for document in telling.iter().step_by(step) {
        let answer = collection.search(&Query {
            text: &document.title,
            vector: None,
            tenant,
            filters: &Filters::default(),
            concept_relevance: &HashMap::new(),
            limit: FIRST,
            weights: &Weights::default(),
        });
        asked += 1;
        found += usize::from(answer.hits.iter().any(|hit| hit.id == document.id));
    }
    let is_passed = found as f64 >= asked as f64 * FEWEST_FOUND;
    let detail = format!("{found} of {asked} found among the first {FIRST} by their own name");
    vec![opens, result("finds", is_passed, detail)]
}
