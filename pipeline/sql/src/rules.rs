//! Contract rules as SQL: each becomes a condition that is true for the rows that break it.

use std::collections::BTreeSet;

use schemas::{Action, Check, Contract, PUBLIC_TENANT, Rule, TableName, Tenant};

/// A rule's breaking condition over the rows `s`, and the join it needs to look into another table.
struct Breaking {
    condition: String,
    join: Option<String>,
}

/// Separates the names of broken rules in the column that carries them.
pub(crate) const SEPARATOR: char = '\n';

/// The row rules of a contract over the rows `s`: one expression that names the rules broken, and the joins it needs.
pub(crate) struct Marks {
    pub(crate) broken: String,
    pub(crate) joins: Vec<String>,
}

impl Marks {
    /// Collects the rules whose action is among `actions`.
    pub(crate) fn of(contract: &Contract, actions: &[Action]) -> Self {
        let (mut marks, mut joins) = (Vec::new(), Vec::new());
        let rules = contract.rules.iter().enumerate();
        for (index, rule) in rules.filter(|(_, rule)| actions.contains(&rule.action)) {
            let Some(breaking) = breaking(contract, rule, index) else {
                continue;
            };
            marks.push(format!(
                "CASE WHEN {} THEN {} END",
                breaking.condition,
                literal(&rule.name)
            ));
            joins.extend(breaking.join);
        }
        let broken = match marks.as_slice() {
            [] => "''".to_owned(),
            marks => format!("concat_ws('{SEPARATOR}', {})", marks.join(", ")),
        };
        Self { broken, joins }
    }
}

/// Returns the breaking condition of a rule; `index` keeps the names of joins apart. Rules over several rows
/// (`unique`) have none: see [`unique_rules`].
fn breaking(contract: &Contract, rule: &Rule, index: usize) -> Option<Breaking> {
    let columns: Vec<String> = rule
        .columns
        .iter()
        .map(|column| format!("s.{}", ident(column)))
        .collect();
    let column = columns.first()?;
    let condition = match &rule.check {
        Check::Unique => return None,
        Check::NotNull => {
            let nulls: Vec<_> = columns
                .iter()
                .map(|column| format!("{column} IS NULL"))
                .collect();
            nulls.join(" OR ")
        }
        Check::Range { min, max } => {
            let below = min.map(|min| format!("{column} < {min}"));
            let above = max.map(|max| format!("{column} > {max}"));
            let ends: Vec<_> = below.into_iter().chain(above).collect();
            if ends.is_empty() {
                "false".to_owned()
            } else {
                ends.join(" OR ")
            }
        }
        Check::Regex { pattern } => format!("NOT regexp_like({column}, {})", literal(pattern)),
        Check::Allowed { values } => {
            let list: Vec<_> = values.iter().map(|value| literal(value)).collect();
            format!("{column} NOT IN ({})", list.join(", "))
        }
        Check::Siren => format!("NOT is_siren({column})"),
        Check::Tenant => format!("NOT regexp_like({column}, {})", literal(Tenant::PATTERN)),
        Check::References { table, to } => {
            return Some(reference(contract, &columns, table, to, index));
        }
    };
    Some(Breaking {
        condition: format!("coalesce({condition}, false)"),
        join: None,
    })
}

/// A reference within a tenant is also kept by a row of the public tenant, which every tenant may see.
fn reference(
    contract: &Contract,
    columns: &[String],
    table: &TableName,
    to: &[String],
    index: usize,
) -> Breaking {
    let source = if *table == contract.table {
        "staged".to_owned()
    } else {
        table.to_string()
    };
    let join = |alias: &str, keys: &[(&String, &String)], condition: String| {
        let names: Vec<_> = keys.iter().map(|(_, key)| ident(key)).collect();
        let on: Vec<_> = keys
            .iter()
            .map(|(column, key)| format!("{column} = {alias}.{}", ident(key)))
            .collect();
        format!(
            "LEFT JOIN (SELECT DISTINCT {}, true AS _found FROM {source}{condition}) AS {alias} ON {}",
            names.join(", "),
            on.join(" AND "),
        )
    };
    let keys: Vec<_> = columns.iter().zip(to).collect();
    let given: Vec<_> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    let own = format!("reference_{index}");
    let mut condition = format!("{} AND {own}._found IS NULL", given.join(" AND "));
    let mut joins = join(&own, &keys, String::new());
    let shared: Vec<_> = keys
        .iter()
        .copied()
        .filter(|(_, key)| *key != "tenant")
        .collect();
    if !shared.is_empty() && shared.len() < keys.len() {
        let public = format!("public_{index}");
        let of_public = format!(" WHERE tenant = {}", literal(PUBLIC_TENANT));
        condition = format!("{condition} AND {public}._found IS NULL");
        joins = format!("{joins} {}", join(&public, &shared, of_public));
    }
    Breaking {
        condition,
        join: Some(joins),
    }
}

/// Returns the rules that no two kept rows may share values of columns other than the key's.
pub(crate) fn unique_rules(contract: &Contract) -> impl Iterator<Item = &Rule> {
    let rules = contract.rules.iter();
    rules.filter(|rule| rule.check == Check::Unique && !is_of_key(contract, rule))
}

/// Returns the rules that say in their own words that no two kept rows may share a key.
pub(crate) fn key_rules(contract: &Contract) -> impl Iterator<Item = &Rule> {
    let rules = contract.rules.iter();
    rules.filter(|rule| rule.check == Check::Unique && is_of_key(contract, rule))
}

fn is_of_key(contract: &Contract, rule: &Rule) -> bool {
    let key: BTreeSet<_> = contract.key.iter().collect();
    key == rule.columns.iter().collect()
}

/// Returns the quoted names of columns, separated by commas.
pub(crate) fn names(columns: &[String]) -> String {
    columns
        .iter()
        .map(|column| ident(column))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns the condition that none of the columns is null.
pub(crate) fn all_given(columns: &[String]) -> String {
    let given: Vec<_> = columns
        .iter()
        .map(|c| format!("{} IS NOT NULL", ident(c)))
        .collect();
    given.join(" AND ")
}

/// Quotes a column's name.
pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a text.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
