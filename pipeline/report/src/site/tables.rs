//! The page of a table.

use std::fmt::Write as _;

use schemas::{Action, Check, Column, Layer, Pii, Rule};

use super::{
    below, dag_path, origins,
    view::{Site, Table},
    words::Words,
};
use crate::{
    graph::SCRIPT,
    html::{count, esc, prose, quiet_table, state},
};

pub(super) fn render(site: &Site<'_>, one: &Table, words: &Words) -> String {
    let contract = &one.contract;
    let name = contract.table.to_string();
    let mut body = format!(
        "<p>{}</p>\n<dl class=\"facts\">",
        prose(&contract.description)
    );
    let mut facts = vec![
        (words.grain, esc(&contract.grain)),
        (words.key, esc(&contract.key.join(", "))),
        (words.owner, esc(&contract.owner)),
        (words.freshness, esc(&contract.freshness)),
        (words.version, esc(&contract.version)),
    ];
    if !one.dags.is_empty() {
        let link =
            |dag: &String| format!("<a href=\"../{}\">{}</a>", esc(&dag_path(dag)), esc(dag));
        let links: Vec<String> = one.dags.iter().map(link).collect();
        facts.push((words.used_by, links.join(", ")));
    }
    for (what, value) in facts {
        let _ = write!(
            body,
            "<div><dt>{what}</dt><dd class=\"small\">{value}</dd></div>"
        );
    }
    let _ = write!(
        body,
        "</dl>\n<h2>{}</h2>\n{}",
        words.audit,
        audit(one, words)
    );
    let _ = write!(body, "<h2>{}</h2>\n{}", words.columns, columns(one, words));
    let _ = write!(body, "<h2>{}</h2>\n{}", words.rules, rules(one, words));
    let _ = write!(
        body,
        "<h2>{}</h2>\n{}",
        words.lineage,
        origins::picture(site, &name, words)
    );
    let _ = write!(
        body,
        "<h3>{}</h3>\n{}",
        words.origin,
        origins::origins(site, one, words)
    );
    match &one.sql {
        Some((path, text)) => {
            let _ = write!(
                body,
                "<h2>{}</h2><p class=\"soft small\"><code>{}</code></p><pre tabindex=\"0\"><code>{}</code></pre>",
                words.sql,
                esc(path),
                esc(text)
            );
        }
        None if contract.table.layer == Layer::Gold => {
            let _ = write!(body, "<p>{}</p>", words.by_job);
        }
        None => {}
    }
    below(words, words.table, &name, &body, SCRIPT)
}

fn audit(one: &Table, words: &Words) -> String {
    let Some(audit) = &one.audit else {
        return format!("<p class=\"soft\">{}</p>", words.no_audit);
    };
    let (class, word) = match audit.is_made {
        true => ("made", words.made),
        false => ("skipped", words.already),
    };
    let row = vec![
        format!("<code>{}</code>", esc(&audit.run)),
        esc(&audit.at),
        state(class, word),
        count(audit.rows),
        count(audit.quarantined),
    ];
    let heads = [
        words.run.to_owned(),
        words.when.to_owned(),
        words.state.to_owned(),
        format!("#{}", words.rows),
        format!("#{}", words.refused),
    ];
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    quiet_table(words.audit, &heads, &[row])
}

fn columns(one: &Table, words: &Words) -> String {
    let row = |column: &Column| {
        let key = match one.contract.key.contains(&column.name) {
            true => format!(" {}", state("same", words.key_mark)),
            false => String::new(),
        };
        let personal = match column.pii {
            Pii::None => "",
            Pii::Personal => words.personal_yes,
            Pii::Sensitive => words.sensitive,
        };
        vec![
            format!("<code id=\"{0}\">{0}</code>{key}", esc(&column.name)),
            prose(&column.description),
            format!("{:?}", column.kind).to_lowercase(),
            if column.is_nullable {
                words.yes
            } else {
                words.no
            }
            .to_owned(),
            esc(column.unit.as_deref().unwrap_or("")),
            personal.to_owned(),
        ]
    };
    let heads = [
        words.column,
        words.meaning,
        words.kind,
        words.null,
        words.unit,
        words.personal,
    ];
    let rows: Vec<_> = one.contract.columns.iter().map(row).collect();
    quiet_table(words.columns, &heads, &rows)
}

fn rules(one: &Table, words: &Words) -> String {
    if one.contract.rules.is_empty() {
        return format!("<p class=\"soft\">{}</p>", words.no_rules);
    }
    let row = |rule: &Rule| {
        let otherwise = match rule.action {
            Action::Warn => words.warn,
            Action::Quarantine => words.quarantine,
            Action::FailJob => words.fail_job,
            Action::FailSnapshot => words.fail_snapshot,
        };
        let broken = one.audit.as_ref().map(|audit| {
            let found = audit.gates.iter().find(|gate| gate.rule == rule.name);
            found.map_or(0, |gate| gate.rows)
        });
        let (held, rows) = match broken {
            None => ("–".to_owned(), "–".to_owned()),
            Some(0) => (state("passed", words.holds), count(0)),
            Some(rows) if rule.action == Action::Warn => {
                (state("warned", words.breaks), count(rows))
            }
            Some(rows) => (state("failed", words.breaks), count(rows)),
        };
        vec![
            format!("<code>{}</code>", esc(&rule.name)),
            format!("<code>{}</code>", esc(&rule.columns.join(", "))),
            esc(&claim(rule)),
            otherwise.to_owned(),
            held,
            rows,
        ]
    };
    let broken = format!("#{}", words.broken);
    let heads = [
        words.rule,
        words.columns,
        words.claim,
        words.otherwise,
        words.audit,
        &broken,
    ];
    let rows: Vec<_> = one.contract.rules.iter().map(row).collect();
    quiet_table(words.rules, &heads, &rows)
}

/// A claim in signs that both languages read.
fn claim(rule: &Rule) -> String {
    match &rule.check {
        Check::NotNull => "≠ ∅".to_owned(),
        Check::Unique => "unique".to_owned(),
        Check::Range { min, max } => {
            let end = |end: &Option<f64>, open: &str| {
                end.map_or_else(|| open.to_owned(), |n| n.to_string())
            };
            format!("∈ [{}; {}]", end(min, "−∞"), end(max, "+∞"))
        }
        Check::Regex { pattern } => format!("~ {pattern}"),
        Check::Allowed { values } => format!("∈ {{{}}}", values.join(", ")),
        Check::References { table, to } => format!("→ {table} ({})", to.join(", ")),
        Check::Siren => "SIREN (Luhn)".to_owned(),
        Check::Tenant => format!("~ {}", schemas::Tenant::PATTERN),
    }
}
